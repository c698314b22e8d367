/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What holds for every registered report: a new one is tested the moment it is registered. */
#include "reports/output.h"
#include "reports/registry.h"
#include "sim/alloc.h"
#include "tests/support_run.h"

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

typedef void law_fn(const struct report *report);

/* Figures need a program that may not be there. */
static bool can_write(const struct report *report)
{
    return report->write || support_has_gnuplot();
}

static void for_every_report(law_fn *law)
{
    for (size_t i = 0; i < report_count; i++)
        if (can_write(reports[i]))
            law(reports[i]);
        else
            printf("skipped: %s: gnuplot is not installed\n", reports[i]->name);
}

static void write_into(const struct report *report, const struct run *run, const char *directory)
{
    struct error error = {0};

    if (output_report(report, run, directory, &error) != 0)
        fail_msg("%s: %s", report->name, error.text);
}

/* Files in the directory and below it. */
static int count_files(const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, NULL, alphasort), files = 0;

    for (int i = 0; i < count; i++) {
        if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0) {
            char *path = output_path(directory, entries[i]->d_name);

            files += entries[i]->d_type == DT_DIR ? count_files(path) : 1;
            free(path);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return files;
}

static void assert_same_file(const char *a, const char *b, const char *name)
{
    size_t a_bytes = 0, b_bytes = 0;
    char *a_text = support_read_file(a, name, &a_bytes);
    char *b_text = support_read_file(b, name, &b_bytes);

    if (!a_text || !b_text || a_bytes != b_bytes || memcmp(a_text, b_text, a_bytes) != 0)
        fail_msg("%s differs between two writings of the same run", name);
    free(a_text);
    free(b_text);
}

static void assert_same_directory(const char *a, const char *b)
{
    struct dirent **entries;
    int count = scandir(a, &entries, NULL, alphasort);

    assert_int_equal(count_files(a), count_files(b));
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        if (entries[i]->d_type == DT_DIR && name[0] != '.') {
            char *a_below = output_path(a, name), *b_below = output_path(b, name);

            assert_same_directory(a_below, b_below);
            free(a_below);
            free(b_below);
        } else if (entries[i]->d_type != DT_DIR) {
            assert_same_file(a, b, name);
        }
        free(entries[i]);
    }
    free(entries);
}

static void is_described(const struct report *report)
{
    assert_true(report->name && *report->name && report->summary && *report->summary);
    assert_true(!report->write != !report->write_files);
    assert_ptr_equal(report_find(report->name), report); /* no two have one name */
}

static void gives_the_same_bytes(const struct report *report)
{
    struct run run = support_day_run(2, 2, 40), again = support_day_run(2, 2, 40);
    char *a = support_directory(), *b = support_directory();

    write_into(report, &run, a);
    write_into(report, &again, b);
    write_into(report, &again, b); /* files that are there are replaced */
    assert_true(count_files(a) > 0);
    assert_same_directory(a, b);
    support_remove(a);
    support_remove(b);
    free(a);
    free(b);
    run_release(&run);
    run_release(&again);
}

/* Any locale with a decimal comma does; where there is none, the law is weaker. */
static bool use_a_comma(void)
{
    return setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "fr_FR.UTF-8") || setlocale(LC_ALL, "C.UTF-8");
}

static void ignores_the_locale(const struct report *report)
{
    struct run run = support_day_run(1, 1, 40);
    char *a = support_directory(), *b = support_directory();

    write_into(report, &run, a);
    if (use_a_comma())
        write_into(report, &run, b);
    setlocale(LC_ALL, "C");
    if (count_files(b))
        assert_same_directory(a, b);
    support_remove(a);
    support_remove(b);
    free(a);
    free(b);
    run_release(&run);
}

/* The name under which a report first writes: where a full disk is put. */
static char *first_temporary(const struct report *report, const char *directory)
{
    char *below, *temporary;

    if (report->write)
        return output_temporary(directory, report->name);
    below = output_path(directory, report->name);
    mkdir(below, 0777);
    temporary = output_temporary(below, "captions.txt");
    free(below);
    return temporary;
}

static void names_the_file_when_the_disk_is_full(const struct report *report)
{
    struct run run = support_day_run(3, 2, 400); /* more than a buffer of stdio */
    char *directory = support_directory();
    char *temporary = first_temporary(report, directory);
    struct error error = {0};

    assert_int_equal(symlink("/dev/full", temporary), 0);
    assert_int_equal(output_report(report, &run, directory, &error), -1);
    assert_int_equal(error.code, ERROR_OUTPUT);
    assert_non_null(strstr(error.text, report->write ? report->name : "figures/captions.txt"));
    assert_non_null(strstr(error.text, ": cannot write: No space left on device"));
    assert_non_null(strstr(error.text, directory));
    assert_int_equal(access(temporary, F_OK), -1);
    if (report->write)
        assert_int_equal(count_files(directory), 0);
    support_remove(directory);
    free(temporary);
    free(directory);
    run_release(&run);
}

static void keeps_the_older_file_when_the_disk_is_full(const struct report *report)
{
    struct run before = support_small_run(), run = support_day_run(1, 1, 40);
    char *directory = support_directory(), *other = support_directory(), *temporary;
    struct error error = {0};

    if (report->write) {
        write_into(report, &before, directory);
        write_into(report, &before, other);
        temporary = first_temporary(report, directory);
        assert_int_equal(symlink("/dev/full", temporary), 0);
        assert_int_equal(output_report(report, &run, directory, &error), -1);
        assert_same_directory(directory, other);
        free(temporary);
    }
    support_remove(directory);
    support_remove(other);
    free(directory);
    free(other);
    run_release(&before);
    run_release(&run);
}

static void says_when_standard_output_is_full(const struct report *report)
{
    struct run run = support_small_run();
    struct error error = {0};
    FILE *full = fopen("/dev/full", "w");

    if (report->write) {
        assert_int_equal(output_stream(report, &run, full, "standard output", &error), -1);
        assert_string_equal(error.text, "standard output: cannot write: No space left on device");
    }
    fclose(full);
    run_release(&run);
}

static void names_a_directory_that_is_missing(const struct report *report)
{
    struct run run = support_small_run();
    char *directory = support_directory();
    char *file = output_path(directory, "file"), *below;
    struct error error = {0};

    fclose(fopen(file, "w")); /* not even root makes a file under a file */
    below = output_path(file, "below");
    assert_int_equal(output_report(report, &run, below, &error), -1);
    assert_int_equal(error.code, ERROR_OUTPUT);
    assert_non_null(strstr(error.text, file));
    support_remove(directory);
    free(below);
    free(file);
    free(directory);
    run_release(&run);
}

static void accepts_a_run_without_results(const struct report *report)
{
    struct run run = support_small_run();
    size_t count = run.result_count;
    char *directory = support_directory();

    run.result_count = 0;
    write_into(report, &run, directory);
    run.result_count = count;
    support_remove(directory);
    free(directory);
    run_release(&run);
}

static void accepts_curves_without_samples(const struct report *report)
{
    struct run run = support_day_run(2, 1, 1);
    char *directory = support_directory();

    run.results[0].curve.count = 0;
    write_into(report, &run, directory);
    support_remove(directory);
    free(directory);
    run_release(&run);
}

#define LAW(law)                                                                                                       \
    static void every_report_##law(void **state)                                                                       \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        for_every_report(law);                                                                                         \
    }
LAW(is_described)
LAW(gives_the_same_bytes)
LAW(ignores_the_locale)
LAW(names_the_file_when_the_disk_is_full)
LAW(keeps_the_older_file_when_the_disk_is_full)
LAW(says_when_standard_output_is_full)
LAW(names_a_directory_that_is_missing)
LAW(accepts_a_run_without_results)
LAW(accepts_curves_without_samples)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_report_is_described),
        cmocka_unit_test(every_report_gives_the_same_bytes),
        cmocka_unit_test(every_report_ignores_the_locale),
        cmocka_unit_test(every_report_names_the_file_when_the_disk_is_full),
        cmocka_unit_test(every_report_keeps_the_older_file_when_the_disk_is_full),
        cmocka_unit_test(every_report_says_when_standard_output_is_full),
        cmocka_unit_test(every_report_names_a_directory_that_is_missing),
        cmocka_unit_test(every_report_accepts_a_run_without_results),
        cmocka_unit_test(every_report_accepts_curves_without_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

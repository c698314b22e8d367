/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_report: laws that hold for every registered report. A new report is tested as soon as it is registered. */
#include "reports/registry.h"
#include "reports/writer.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "tests/support_run.h"

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

static void write_into(const struct report *report, const struct outcome *outcome, const char *directory)
{
    struct error error = {0};

    if (report_write(report, outcome, directory, &error) != 0)
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
        fail_msg("%s differs between two writings of the same outcome", name);
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

/* An outcome that the report has something to say of: what sets servers side by side wants two. */
static struct outcome outcome_of(const struct report *report, enum support_size size)
{
    struct outcome outcome = support_outcome(report->takes, size);
    const struct run *run = outcome.run;

    if (report == &report_servers_figure)
        for (size_t i = run->result_count / 2; i < run->result_count; i++) {
            free(run->results[i].server);
            run->results[i].server = xstrdup("valkey-9.1.2-debian");
        }
    return outcome;
}

static void is_described(const struct report *report)
{
    assert_true(report->name && *report->name && report->summary && *report->summary);
    assert_true(!report->write != !report->write_files);
    assert_true(!report->print || report->write);
    assert_ptr_equal(report_find(report->name), report); /* no two have one name */
}

static void gives_the_same_bytes(const struct report *report)
{
    struct outcome outcome = outcome_of(report, SUPPORT_MEDIUM);
    struct outcome again = outcome_of(report, SUPPORT_MEDIUM);
    char *a = support_directory(), *b = support_directory();

    write_into(report, &outcome, a);
    write_into(report, &again, b);
    write_into(report, &again, b); /* files that are there are replaced */
    assert_true(count_files(a) > 0);
    assert_same_directory(a, b);
    support_remove(a);
    support_remove(b);
    free(a);
    free(b);
    support_outcome_free(outcome);
    support_outcome_free(again);
}

/* Any locale with a decimal comma does; where there is none, the law is weaker. */
static bool use_a_comma(void)
{
    return setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "fr_FR.UTF-8") || setlocale(LC_ALL, "C.UTF-8");
}

static void ignores_the_locale(const struct report *report)
{
    struct outcome outcome = outcome_of(report, SUPPORT_MEDIUM);
    char *a = support_directory(), *b = support_directory();

    write_into(report, &outcome, a);
    if (use_a_comma())
        write_into(report, &outcome, b);
    setlocale(LC_ALL, "C");
    if (count_files(b))
        assert_same_directory(a, b);
    support_remove(a);
    support_remove(b);
    free(a);
    free(b);
    support_outcome_free(outcome);
}

/* No file of this process may become longer: what a full disk does, without one. The signal that the kernel sends
 * with it is ignored. */
static struct rlimit fill_the_disk(void)
{
    struct rlimit before, full;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    full = (struct rlimit){.rlim_cur = 100, .rlim_max = before.rlim_max};
    fflush(NULL); /* the test's own messages */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    return before;
}

static void names_the_file_when_the_disk_is_full(const struct report *report)
{
    struct outcome outcome = outcome_of(report, SUPPORT_LARGE);
    char *directory = support_directory();
    struct error error = {0};
    struct rlimit before = fill_the_disk();
    int status = report_write(report, &outcome, directory, &error);

    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, -1);
    assert_int_equal(error.code, ERROR_OUTPUT);
    assert_non_null(strstr(error.text, directory));
    assert_non_null(strstr(error.text, ": cannot write: File too large"));
    if (report->write)
        assert_non_null(strstr(error.text, report->name));
    assert_int_equal(count_files(directory), 0);
    support_remove(directory);
    free(directory);
    support_outcome_free(outcome);
}

static void keeps_the_older_file_when_the_disk_is_full(const struct report *report)
{
    struct outcome older = outcome_of(report, SUPPORT_SMALL);
    struct outcome outcome = outcome_of(report, SUPPORT_MEDIUM);
    char *directory = support_directory(), *other = support_directory();
    struct error error = {0};

    if (report->write) {
        struct rlimit before;
        int status;

        write_into(report, &older, directory);
        write_into(report, &older, other);
        before = fill_the_disk();
        status = report_write(report, &outcome, directory, &error);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(status, -1);
        assert_same_directory(directory, other);
    }
    support_remove(directory);
    support_remove(other);
    free(directory);
    free(other);
    support_outcome_free(older);
    support_outcome_free(outcome);
}

/* A link where the temporary file is to be: neither it nor what it points at is written to. */
static void follows_no_link(const struct report *report)
{
    struct outcome outcome = outcome_of(report, SUPPORT_SMALL);
    char *directory = support_directory(), *other = support_directory();
    char *precious = output_path(other, "precious"), *temporary = output_temporary(directory, report->name), *text;
    FILE *file = fopen(precious, "w");

    fputs("mine", file);
    fclose(file);
    if (report->write) {
        assert_int_equal(symlink(precious, temporary), 0);
        write_into(report, &outcome, directory);
        text = support_read_file(other, "precious", NULL);
        assert_string_equal(text, "mine");
        free(text);
        assert_int_equal(count_files(directory), 1);
    }
    support_remove(directory);
    support_remove(other);
    free(precious);
    free(temporary);
    free(directory);
    free(other);
    support_outcome_free(outcome);
}

static void says_when_standard_output_is_full(const struct report *report)
{
    struct outcome outcome = outcome_of(report, SUPPORT_SMALL);
    struct error error = {0};
    FILE *full = fopen("/dev/full", "w");

    if (report->write) {
        assert_int_equal(report_print(report, &outcome, full, "standard output", &error), -1);
        assert_string_equal(error.text, "standard output: cannot write: No space left on device");
    }
    fclose(full);
    support_outcome_free(outcome);
}

static void names_a_directory_that_is_missing(const struct report *report)
{
    struct outcome outcome = outcome_of(report, SUPPORT_SMALL);
    char *directory = support_directory();
    char *file = output_path(directory, "file"), *below;
    struct error error = {0};

    fclose(fopen(file, "w")); /* not even root makes a file under a file */
    below = output_path(file, "below");
    assert_int_equal(report_write(report, &outcome, below, &error), -1);
    assert_int_equal(error.code, ERROR_OUTPUT);
    assert_non_null(strstr(error.text, file));
    support_remove(directory);
    free(below);
    free(file);
    free(directory);
    support_outcome_free(outcome);
}

static void writes(const struct report *report, enum support_size size)
{
    struct outcome outcome = outcome_of(report, size);
    char *directory = support_directory();

    write_into(report, &outcome, directory);
    support_remove(directory);
    free(directory);
    support_outcome_free(outcome);
}

static void accepts_an_outcome_without_results(const struct report *report)
{
    writes(report, SUPPORT_EMPTY);
}

static void accepts_curves_without_points(const struct report *report)
{
    writes(report, SUPPORT_HOLLOW);
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
LAW(follows_no_link)
LAW(says_when_standard_output_is_full)
LAW(names_a_directory_that_is_missing)
LAW(accepts_an_outcome_without_results)
LAW(accepts_curves_without_points)

static size_t count_printed(enum outcome_kind kind, enum report_print print)
{
    size_t count = 0;

    for (size_t i = 0; i < report_count; i++)
        count += reports[i]->takes == kind && reports[i]->print == print;
    return count;
}

static void every_kind_of_outcome_has_all_four_forms(void **state)
{
    (void)state;
    for (int kind = 0; kind < SUPPORT_KINDS; kind++) {
        assert_int_equal(count_printed((enum outcome_kind)kind, PRINT_TABLE), 1);
        assert_int_equal(count_printed((enum outcome_kind)kind, PRINT_JSON), 1);
        assert_int_equal(count_printed((enum outcome_kind)kind, PRINT_CSV), 1);
    }
    for (size_t i = 0; i < report_count; i++)
        assert_int_equal(reports[i]->has_markdown, reports[i]->print == PRINT_TABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_report_is_described),
        cmocka_unit_test(every_kind_of_outcome_has_all_four_forms),
        cmocka_unit_test(every_report_gives_the_same_bytes),
        cmocka_unit_test(every_report_ignores_the_locale),
        cmocka_unit_test(every_report_names_the_file_when_the_disk_is_full),
        cmocka_unit_test(every_report_keeps_the_older_file_when_the_disk_is_full),
        cmocka_unit_test(every_report_follows_no_link),
        cmocka_unit_test(every_report_says_when_standard_output_is_full),
        cmocka_unit_test(every_report_names_a_directory_that_is_missing),
        cmocka_unit_test(every_report_accepts_an_outcome_without_results),
        cmocka_unit_test(every_report_accepts_curves_without_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

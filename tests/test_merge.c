/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_merge: the parts of a run, in several files, merge into that run. Parts that do not belong together are
 * refused. */
#include "reports/registry.h"
#include "reports/writer.h"
#include "sim/alloc.h"
#include "sim/merge.h"
#include "sim/output.h"
#include "sim/result_file.h"
#include "sim/warnings.h"
#include "tests/support_run.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZES = 3, SEEDS = 2, POLICIES = 8 };

/* As evsim run does it, when the results are there. */
static void find_warnings(struct run *run)
{
    while (run->warning_count)
        fields_release(&warning_layout, &run->warnings[--run->warning_count]);
    warnings_find(run);
}

/* With bounds, as a flat cache has them, and with a warning that some of its parts have and others do not. */
static struct run whole_run(void)
{
    struct run run = support_day_run(SIZES, SEEDS, 40);

    run.bounds = xcalloc(SIZES + 1, sizeof *run.bounds);
    run.bound_count = SIZES + 1;
    for (size_t i = 0; i < SIZES; i++)
        run.bounds[i] =
            (struct bound){.maxmemory = run.results[i * POLICIES * SEEDS].maxmemory, .reads = 1000, .hits = 500 + i};
    run.bounds[SIZES] = (struct bound){.reads = 1000, .hits = 900};
    settings_add(&run.settings, &run.setting_count, "policy", "all");
    settings_add(&run.settings, &run.setting_count, "seed", "1");
    settings_add(&run.settings, &run.setting_count, "seeds", "2");
    run.intake.executed_only = true;
    find_warnings(&run);
    assert_int_equal(run.warning_count, 1);
    return run;
}

/* The whole run, of whose results those stay that the part has. */
typedef bool in_part_fn(const struct result *result, size_t index, size_t part);

static struct run part_of_run(in_part_fn *is_in, size_t part)
{
    struct run run = whole_run();
    size_t kept = 0;

    for (size_t i = 0; i < run.result_count; i++)
        if (is_in(&run.results[i], i, part))
            run.results[kept++] = run.results[i];
        else
            result_release(&run.results[i]);
    run.result_count = kept;
    find_warnings(&run);
    return run;
}

static bool by_policy(const struct result *result, size_t index, size_t part)
{
    (void)result;
    return index / SEEDS % POLICIES / 3 == part; /* three, three and two of them */
}

static bool by_size(const struct result *result, size_t index, size_t part)
{
    (void)result;
    return index / SEEDS / POLICIES == part;
}

static bool by_seed(const struct result *result, size_t index, size_t part)
{
    (void)index;
    return result->seed == part + 1;
}

static bool in_chunks(const struct result *result, size_t index, size_t part)
{
    (void)result;
    return index / 17 == part; /* through cells */
}

static char *text_of(const struct run *run, const char *report)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    struct error error = {0};

    assert_int_equal(report_print(report_find(report), &outcome, out, report, &error), 0);
    fclose(out);
    return text;
}

static void expect_same_report(const struct run *one, const struct run *other, const char *report)
{
    char *a = text_of(one, report), *b = text_of(other, report);

    assert_string_equal(a, b);
    free(a);
    free(b);
}

static void put_file(const struct run *run, const char *directory, const char *name)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    struct output output;
    struct error error = {0};

    assert_int_equal(output_open(&output, directory, name, &error), 0);
    result_file_write(&outcome, output.file);
    assert_int_equal(output_close(&output, &error), 0);
}

/* Parts in files of one folder, named in the order of the grid, are the whole. */
static void expect_whole(in_part_fn *is_in, size_t parts)
{
    struct run whole = whole_run();
    char *directory = support_directory();
    const char *paths[] = {directory};
    struct outcome merged;
    struct error error = {0};

    for (size_t i = 0; i < parts; i++) {
        struct run part = part_of_run(is_in, i);
        char name[40];

        snprintf(name, sizeof name, "part-%03zu.results", i);
        assert_true(part.result_count > 0);
        put_file(&part, directory, name);
        run_release(&part);
    }
    if (result_files_read(paths, 1, &merged, &error))
        fail_msg("%s", error.text);
    assert_int_equal(merged.run->result_count, whole.result_count);
    expect_same_report(merged.run, &whole, "table.txt");
    expect_same_report(merged.run, &whole, "summary.csv");
    expect_same_report(merged.run, &whole, "summary.json");
    expect_same_report(merged.run, &whole, "curves.csv");
    expect_same_report(merged.run, &whole, "run.json");
    expect_same_report(merged.run, &whole, "run.results");
    outcome_free(&merged);
    support_remove(directory);
    free(directory);
    run_release(&whole);
}

static void parts_are_the_whole_again(void **state)
{
    (void)state;
    expect_whole(by_policy, 3);
    expect_whole(by_size, SIZES);
    expect_whole(by_seed, SEEDS);
    expect_whole(in_chunks, 3);
}

/* Two runs, in memory. */
static int merge_two(struct run *one, struct run *other, struct run *merged, struct error *error)
{
    struct run parts[] = {*one, *other};
    static const char *const names[] = {"a", "b"};
    int status = run_merge(parts, names, 2, merged, error);

    run_release(&parts[0]);
    run_release(&parts[1]);
    return status;
}

static void what_two_parts_have_is_kept_once(void **state)
{
    struct run one = whole_run(), other = part_of_run(by_size, 1), whole = whole_run(), merged = {0};
    struct error error = {0};

    (void)state;
    assert_int_equal(merge_two(&one, &other, &merged, &error), 0);
    expect_same_report(&merged, &whole, "run.results");
    run_release(&merged);
    run_release(&whole);
}

static const char *setting(const struct run *run, const char *name)
{
    for (size_t i = 0; i < run->setting_count; i++)
        if (!strcmp(run->settings[i].name, name))
            return run->settings[i].value;
    return NULL;
}

static void set_setting(struct run *run, const char *name, const char *value)
{
    for (size_t i = 0; i < run->setting_count; i++)
        if (!strcmp(run->settings[i].name, name)) {
            free(run->settings[i].value);
            run->settings[i].value = xstrdup(value);
        }
}

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

static void commands_and_settings_of_the_grid_are_joined(void **state)
{
    struct run one = part_of_run(by_seed, 0), other = part_of_run(by_seed, 1), merged = {0};
    struct error error = {0};

    (void)state;
    set_text(&other.command, "evsim run small.csv --maxmemory 2mb");
    set_setting(&one, "maxmemory", "1mb");
    set_setting(&other, "maxmemory", "2mb");
    set_setting(&one, "seeds", "1");
    set_setting(&other, "seeds", "1");
    set_setting(&other, "seed", "2");
    assert_int_equal(merge_two(&one, &other, &merged, &error), 0);
    assert_string_equal(merged.command, "evsim run --maxmemory 1mb small.csv; evsim run small.csv --maxmemory 2mb");
    assert_string_equal(setting(&merged, "maxmemory"), "1mb,2mb");
    assert_string_equal(setting(&merged, "policy"), "all");
    assert_string_equal(setting(&merged, "seed"), "1");
    assert_string_equal(setting(&merged, "seeds"), "2");
    assert_int_equal(merged.seed_count, 2);
    run_release(&merged);
}

/* What differs is changed by `differ`, and the message ends with `says`. */
static void expect_refused(void (*differ)(struct run *run), const char *says)
{
    struct run one = part_of_run(by_size, 0), other = part_of_run(by_size, 1), merged = {0};
    struct error error = {0};

    differ(&other);
    assert_int_equal(merge_two(&one, &other, &merged, &error), -1);
    assert_int_equal(error.code, ERROR_INPUT);
    if (strcmp(error.text, says) != 0)
        fail_msg("%s", error.text);
    run_release(&merged);
}

static void in_digest(struct run *run)
{
    set_text(&run->trace, "other.csv");
    run->trace_digest[0] = 'f';
}

static void in_version(struct run *run)
{
    set_text(&run->version, "newer");
}

static void in_a_setting(struct run *run)
{
    set_setting(run, "maxmemory-samples", "10");
}

static void by_a_setting_more(struct run *run)
{
    settings_add(&run->settings, &run->setting_count, "hz", "100");
}

static void in_the_reading(struct run *run)
{
    run->intake.skipped++;
}

static void in_a_bound(struct run *run)
{
    run->bounds[2].hits++;
}

static void in_a_twin(struct run *run)
{
    struct run twin = part_of_run(by_size, 0);

    run_release(run);
    *run = twin;
    run->results[3].counters.hits++;
}

static void what_differs_is_named(void **state)
{
    (void)state;
    expect_refused(in_digest, "cannot merge a and b: they are of two traces: 'small.csv' "
                              "(00112233445566778899aabbccddeeff) and 'other.csv' (f0112233445566778899aabbccddeeff): "
                              "add --side-by-side");
    expect_refused(in_version,
                   "cannot merge a and b: they are of two versions of evsim, test and newer: run both with one");
    expect_refused(in_a_setting,
                   "cannot merge a and b: maxmemory-samples is '5' in the first, '10' in the second: run one of "
                   "them again as the other, or add --side-by-side");
    expect_refused(by_a_setting_more,
                   "cannot merge b and a: hz is '100' in the first, not set in the second: run one of them "
                   "again as the other, or add --side-by-side");
    expect_refused(in_the_reading, "cannot merge a and b: of one trace, with the same settings, they differ in intake");
    expect_refused(in_a_bound, "cannot merge b with the others: its bounds are not the same");
    expect_refused(in_a_twin,
                   "cannot merge a and b: both have redis-7.2 allkeys-lru 8mb seed 2, and the results are not "
                   "the same");
}

static void what_is_missing_is_said(void **state)
{
    struct run one = part_of_run(by_policy, 0), other = part_of_run(by_size, 1), merged = {0};
    struct error error = {0};
    char *table;

    (void)state;
    assert_int_equal(merge_two(&one, &other, &merged, &error), 0);
    table = text_of(&merged, "table.txt");
    assert_non_null(strstr(table, "\nmissing  10 of the 24 combinations of server, maxmemory and policy\n"));
    free(table);
    run_release(&merged);
}

static void two_kinds_are_not_merged(void **state)
{
    struct run run = whole_run();
    struct outcome mrc = support_outcome(OUTCOME_MRC, SUPPORT_SMALL), merged;
    char *directory = support_directory(), *path = output_path(directory, "mrc.results");
    const char *paths[] = {directory, path};
    struct error error = {0}, same = {0};

    (void)state;
    put_file(&run, directory, "run.results");
    assert_int_equal(report_write(report_find("mrc.results"), &mrc, directory, &error), 0);
    assert_int_equal(result_files_read(paths, 1, &merged, &error), -1);
    assert_non_null(strstr(error.text, "has curves of evsim mrc, "));
    assert_non_null(
        strstr(error.text, "run.results has results of evsim run: name the files, or folders, of one kind"));
    paths[0] = path;
    assert_int_equal(result_files_read(paths, 2, &merged, &same), -1);
    assert_non_null(strstr(same.text, "curves of evsim mrc are reported one at a time"));
    support_remove(directory);
    free(path);
    free(directory);
    run_release(&run);
    support_outcome_free(mrc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_the_whole_again),
        cmocka_unit_test(what_two_parts_have_is_kept_once),
        cmocka_unit_test(commands_and_settings_of_the_grid_are_joined),
        cmocka_unit_test(what_differs_is_named),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(two_kinds_are_not_merged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

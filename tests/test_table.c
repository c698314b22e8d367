/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_table: the exact table.txt of a run made by hand. */
#include "reports/writer.h"
#include "reports/registry.h"
#include "sim/alloc.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *table_of(const struct run *run)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    struct error error = {0};

    assert_int_equal(report_print(report_find("table.txt"), &outcome, out, "table", &error), 0);
    fclose(out);
    return text;
}

static void assert_table(struct run *run, const char *expected)
{
    char *text = table_of(run);

    assert_string_equal(text, expected);
    free(text);
    run_release(run);
}

static void assert_table_has(struct run *run, const char *part)
{
    char *text = table_of(run);

    if (!strstr(text, part))
        fail_msg("'%s' is not in\n%s", part, text);
    free(text);
    run_release(run);
}

static void a_small_run_is_this_text(void **state)
{
    struct run run = support_small_run();

    (void)state;
    assert_table(&run, "trace    small.csv (csv): 20,000 requests, 1,500 keys, 1h 00m\n"
                       "server   redis-7.2 (512 KiB when empty); on-miss none (asked for); seed 1\n"
                       "\n"
                       "policy       maxmemory  hit ratio     hits/reads  byte hits  evicted  expired    OOM   "
                       "of writes  peak mem  final mem   keys\n"
                       "----------------------------------------------------------------------------------------"
                       "------------------------------------\n"
                       "noeviction         1mb    50.00 %   6,000/12,000    45.00 %        0       17  1,200   "
                       "  15.00 %  1.00 MiB    977 KiB  1,000\n"
                       "allkeys-lru        1mb    75.00 %*  9,000/12,000    67.50 %    2,345       17      0*  "
                       "   0.00 %  1.00 MiB    977 KiB  1,000\n"
                       "----------------------------------------------------------------------------------------"
                       "------------------------------------\n"
                       "* best of its block: highest hit ratio, fewest OOM rejections\n");
}

static void without_reads_there_is_no_ratio(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.result_count = 1;
    run.results[0].counters.reads = run.results[0].counters.hits = 0;
    run.results[0].counters.read_bytes = run.results[0].counters.writes = 0;
    result_release(&run.results[1]);
    assert_table(&run, "trace    small.csv (csv): 20,000 requests, 1,500 keys, 1h 00m\n"
                       "server   redis-7.2 (512 KiB when empty); on-miss none (asked for); seed 1\n"
                       "\n"
                       "policy      maxmemory  hit ratio   hits/reads  byte hits  evicted  expired    OOM   "
                       "of writes  peak mem  final mem   keys\n"
                       "------------------------------------------------------------------------------------"
                       "-------------------------------------\n"
                       "noeviction        1mb          -            -          -        0       17  1,200   "
                       "        -  1.00 MiB    977 KiB  1,000\n"
                       "------------------------------------------------------------------------------------"
                       "-------------------------------------\n");
}

static void a_run_without_results_is_a_header(void **state)
{
    struct run run = support_small_run();

    (void)state;
    for (size_t i = 0; i < run.result_count; i++)
        result_release(&run.results[i]);
    run.result_count = 0;
    assert_table_has(&run, "policy  maxmemory");
}

static void what_was_assumed_is_said(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.start_assumed = true;
    run.intake.key_names_assumed = true;
    assert_table_has(&run, "\nassumed  start 2023-11-14 22:13:20 UTC (the trace has relative times), "
                           "key names are the ids in decimal\n");
}

static void unknown_commands_are_named(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.intake.unknown_commands = 1234;
    strcpy(run.intake.unknown[0].name, "\033[2J");
    run.intake.unknown[0].count = 4;
    strcpy(run.intake.unknown[1].name, "XADD");
    run.intake.unknown[1].count = 1230;
    assert_table_has(&run, "\nunknown  1,234 commands not executed: XADD 1,230, ?[2J 4\n");
}

static void of_many_unknown_commands_the_most_frequent_are_named(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.intake.unknown_commands = 28;
    for (int i = 0; i < 7; i++) {
        run.intake.unknown[i].name[0] = (char)('A' + i);
        run.intake.unknown[i].count = (uint64_t)i + 1;
    }
    assert_table_has(&run, ": G 7, F 6, E 5, D 4, C 3, B 2, ... (all in run.json)\n");
}

static void skipped_rows_are_counted(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.intake.skipped = 12;
    strcpy(run.intake.first_skipped, "small.csv:17: bad number '1o'");
    assert_table_has(&run, "\nskipped  12 of 20,000 rows, the first: small.csv:17: bad number '1o'\n");
}

static void equal_rows_have_no_best(void **state)
{
    struct run run = support_small_run();
    char *text;

    (void)state;
    run.results[1].counters = run.results[0].counters;
    text = table_of(&run);
    assert_null(strchr(text, '*'));
    free(text);
    run_release(&run);
}

static void no_limit_is_a_word(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.results[0].maxmemory = run.results[1].maxmemory = 0;
    assert_table_has(&run, "no limit");
}

static void several_servers_are_a_column(void **state)
{
    struct run run = support_small_run();

    (void)state;
    free(run.results[1].server);
    run.results[1].server = xstrdup("valkey-8.0");
    assert_table_has(&run, "\nvalkey-8.0  allkeys-lru ");
}

/* 6,000 and 6,012 of 12,000: mean 50.05 %, s = 0.0707 points, t = 12.706: +- 0.635 points. */
static void seeds_that_disagree_have_an_interval(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.seed_count = 2;
    run.results[1].seed = 2;
    free(run.results[1].policy);
    run.results[1].policy = xstrdup(run.results[0].policy);
    run.results[1].counters = run.results[0].counters;
    run.results[1].counters.hits = 6012;
    run.results[1].counters.evicted_keys = 10;
    assert_table_has(&run, "\nnoeviction        1mb  50.05 ± 0.64 %   6,006/12,000    45.00 %   5 ± 64"
                           "       17  1,200     15.00 %  1.00 MiB    977 KiB  1,000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_run_is_this_text),
        cmocka_unit_test(without_reads_there_is_no_ratio),
        cmocka_unit_test(a_run_without_results_is_a_header),
        cmocka_unit_test(what_was_assumed_is_said),
        cmocka_unit_test(unknown_commands_are_named),
        cmocka_unit_test(of_many_unknown_commands_the_most_frequent_are_named),
        cmocka_unit_test(skipped_rows_are_counted),
        cmocka_unit_test(equal_rows_have_no_best),
        cmocka_unit_test(no_limit_is_a_word),
        cmocka_unit_test(several_servers_are_a_column),
        cmocka_unit_test(seeds_that_disagree_have_an_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

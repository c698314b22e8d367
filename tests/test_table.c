/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_table: the exact table.txt of a run made by hand. */
#include "reports/writer.h"
#include "reports/registry.h"
#include "reports/text.h"
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

    if (strcmp(text, expected) != 0) {
        fputs(text, stderr); /* longer than cmocka's messages may be */
        fail();
    }
    free(text);
    run_release(run);
}

static void assert_table_has(struct run *run, const char *part)
{
    char *text = table_of(run);

    if (!strstr(text, part)) {
        fprintf(stderr, "'%s' is not in\n%s", part, text);
        fail();
    }
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
                       "of writes  peak mem  final mem   keys  full after  first eviction  first OOM\n"
                       "----------------------------------------------------------------------------------------"
                       "---------------------------------------------------------------------------\n"
                       "noeviction         1mb    50.00 %   6,000/12,000    45.00 %        0       17  1,200   "
                       "  15.00 %  1.00 MiB    977 KiB  1,000     30m 00s               -    30m 25s\n"
                       "allkeys-lru        1mb    75.00 %*  9,000/12,000    67.50 %    2,345       17      0*  "
                       "   0.00 %  1.00 MiB    977 KiB  1,000     30m 00s         30m 00s          -\n"
                       "----------------------------------------------------------------------------------------"
                       "---------------------------------------------------------------------------\n"
                       "* best of its block: highest hit ratio, fewest OOM rejections\n"
                       "\n"
                       "why reads missed\n"
                       "policy       misses         cold  expired      evicted      refused\n"
                       "-------------------------------------------------------------------\n"
                       "noeviction    6,000  1,000  17 %  5  <1 %            -  4,995  83 %\n"
                       "allkeys-lru   3,000  1,000  33 %  5  <1 %  1,995  66 %            -\n"
                       "-------------------------------------------------------------------\n"
                       "\n"
                       "what became of evicted keys\n"
                       "policy       evicted  asked again  half within  had a ttl  half over   ttl over\n"
                       "-------------------------------------------------------------------------------\n"
                       "allkeys-lru    2,345  1,500  64 %         2.1s  469  20 %     1m 06s  199  10 %\n"
                       "-------------------------------------------------------------------------------\n"
                       "asked again: a read missed them later; half of these reads came within so long\n"
                       "had a ttl: half of these would have lived on for over so long\n"
                       "ttl over: of the misses of evicted keys, those that would have expired by then\n");
}

/* Lines of the parts about misses. */
static void assert_narrow(const char *text)
{
    char *copy = xstrdup(text), *rest = strstr(copy, "\nwhy reads missed"), *line;

    assert_non_null(rest);
    while ((line = strsep(&rest, "\n")))
        if (display_width(line) > 80)
            fail_msg("wider than 80 columns: %s", line);
    free(copy);
}

static void name_server(struct result *result, const char *server)
{
    free(result->server);
    result->server = xstrdup(server);
}

/* Every cause, over sizes, servers and seeds, with counts of one digit to ten. */
static void the_parts_about_misses_fit_a_terminal(void **state)
{
    (void)state;
    for (size_t sizes = 1; sizes <= 3; sizes++)
        for (size_t servers = 1; servers <= 2; servers++)
            for (uint64_t factor = 1; factor <= 1000000; factor *= 100) {
                struct run run = support_day_run(sizes, 2, 20);
                char *text;

                run.miss_cost_us = 5000;
                for (size_t i = 0; i < run.result_count; i++) {
                    struct counters *c = &run.results[i].counters;

                    if (i >= run.result_count / servers)
                        name_server(&run.results[i], "redis-7.0.15-debian");
                    c->misses_flushed = c->misses_evicted / 11;
                    c->misses_not_admitted = c->misses_cold / 7;
                    c->misses += c->misses_flushed + c->misses_not_admitted;
                    for (int j = COUNTER_misses; j <= COUNTER_misses_evicted_expired; j++)
                        *(uint64_t *)((char *)c + counter_fields[j].offset) *= factor;
                    c->evicted_keys *= factor;
                    run.results[i].load = (struct miss_load){.fetches = c->misses,
                                                             .repeated_fetches = c->misses / 3,
                                                             .fetches_at_once = factor,
                                                             .cost_us = c->misses * 5000,
                                                             .clock_us = factor == 1 ? 1000000 : 1};
                }
                text = table_of(&run);
                assert_narrow(text);
                free(text);
                run_release(&run);
            }
}

/* Where the columns do not fit, server and maxmemory stand above the lines that share them, and then causes go,
 * those with the fewest misses first. */
static void causes_without_room_are_named(void **state)
{
    struct run run = support_small_run();

    (void)state;
    for (size_t i = 0; i < run.result_count; i++) {
        struct counters *c = &run.results[i].counters;

        c->misses_deleted = c->misses_not_admitted = c->misses_flushed = 1000000000000;
        c->misses_expired_by_cycle = 77;
        c->misses_cold = c->misses_evicted = c->misses_refused = 2000000000000;
        c->misses = 9000000000079;
    }
    name_server(&run.results[1], "valkey-8.0");
    assert_table_has(&run, "\n"
                           "why reads missed\n"
                           "policy                  misses                  evicted                  refused\n"
                           "--------------------------------------------------------------------------------\n"
                           "redis-7.2\n"
                           "noeviction   9,000,000,000,079  2,000,000,000,000  22 %  2,000,000,000,000  22 %\n"
                           "--------------------------------------------------------------------------------\n"
                           "valkey-8.0\n"
                           "allkeys-lru  9,000,000,000,079  2,000,000,000,000  22 %  2,000,000,000,000  22 %\n"
                           "--------------------------------------------------------------------------------\n"
                           "in summary.csv only: cold, expired, deleted, flushed, not admitted\n");
}

static void cold_misses_alone_are_one_line(void **state)
{
    struct run run = support_small_run();
    char *text;

    (void)state;
    for (size_t i = 0; i < run.result_count; i++) {
        struct counters *c = &run.results[i].counters;

        c->misses_cold = c->misses;
        c->misses_expired_lazily = c->misses_expired_by_cycle = c->misses_evicted = c->misses_refused = 0;
        c->evicted_keys = 0;
    }
    text = table_of(&run);
    assert_string_equal(strstr(text, "why reads"),
                        "why reads missed: every miss was cold, its key had never been written before\n");
    free(text);
    run_release(&run);
}

/* Evicted keys of which none was asked for again are told all the same. */
static void a_run_without_misses_does_not_say_why(void **state)
{
    struct run run = support_small_run();
    char *text;

    (void)state;
    for (size_t i = 0; i < run.result_count; i++) {
        memset(&run.results[i].counters.misses, 0, (1 + MISS_CAUSES) * sizeof(uint64_t));
        run.results[i].quality.asked_again_count = 0;
    }
    text = table_of(&run);
    assert_null(strstr(text, "why reads"));
    assert_non_null(strstr(text, "\nallkeys-lru    2,345"));
    free(text);
    run_release(&run);
}

/* 1,995 and 2,005: mean 2,000, s = 7.07, t = 12.706: +- 63.5. */
static void misses_of_seeds_have_an_interval_where_there_is_room(void **state)
{
    struct run run = support_small_run();
    struct result first = run.results[0];

    (void)state;
    run.seed_count = 2;
    run.results[0] = run.results[1];
    run.results[1] = first;
    run.results[1].seed = 2;
    free(run.results[1].policy);
    run.results[1].policy = xstrdup(run.results[0].policy);
    run.results[1].counters = run.results[0].counters;
    run.results[1].counters.misses += 10;
    run.results[1].counters.misses_evicted += 10;
    assert_table_has(&run, "why reads missed, mean of the seeds\n"
                           "policy           misses         cold  expired           evicted\n"
                           "---------------------------------------------------------------\n"
                           "allkeys-lru  3,005 ± 64  1,000  33 %  5  <1 %  2,000 ± 64  67 %\n");
}

static void without_reads_there_is_no_ratio(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.result_count = 1;
    run.results[0].counters.reads = run.results[0].counters.hits = 0;
    run.results[0].counters.read_bytes = run.results[0].counters.writes = run.results[0].counters.misses = 0;
    result_release(&run.results[1]);
    assert_table(&run, "trace    small.csv (csv): 20,000 requests, 1,500 keys, 1h 00m\n"
                       "server   redis-7.2 (512 KiB when empty); on-miss none (asked for); seed 1\n"
                       "\n"
                       "policy      maxmemory  hit ratio   hits/reads  byte hits  evicted  expired    OOM   "
                       "of writes  peak mem  final mem   keys  full after  first OOM\n"
                       "------------------------------------------------------------------------------------"
                       "------------------------------------------------------------\n"
                       "noeviction        1mb          -            -          -        0       17  1,200   "
                       "        -  1.00 MiB    977 KiB  1,000     30m 00s    30m 25s\n"
                       "------------------------------------------------------------------------------------"
                       "------------------------------------------------------------\n");
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
    assert_table_has(
        &run, "\nnoeviction        1mb  50.05 ± 0.64 %   6,006/12,000    45.00 %   5 ± 64"
              "       17  1,200     15.00 %  1.00 MiB    977 KiB  1,000     30m 00s   30m 00s (1/2)  30m 25s (1/2)\n");
}

/* 6,000 and 3,000 misses of an hour, of 20 ms each; with fills some hits are fetches, too. */
static void what_misses_cost_is_a_part(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.miss_cost_us = 20000;
    for (size_t i = 0; i < 2; i++) {
        run.results[i].quality.misses_per_s_p99_minute = 12.34 * (double)(i + 1);
        run.results[i].load =
            (struct miss_load){.fetches = 6000, .fetches_at_once = 1, .cost_us = 120000000, .clock_us = 1};
    }
    run.results[1].load.repeated_fetches = 1500;
    run.results[1].load.fetches_at_once = 1234;
    assert_table_has(&run, "what misses cost, at 20ms each\n"
                           "policy       misses/s  p99 minute  time in all  in flight     repeated  at once\n"
                           "-------------------------------------------------------------------------------\n"
                           "noeviction       1.67        12.3       2m 00s       0.03            -        1\n"
                           "allkeys-lru      0.83        24.7       2m 00s       0.03  1,500  25 %    1,234\n"
                           "-------------------------------------------------------------------------------\n"
                           "in flight: fetches of missed values that are under way at a time, on average\n"
                           "repeated: fetches of a key that was being fetched already\n"
                           "at once: of one key, at most\n");
}

/* Fetches that are only misses cost what they cost, however coarse the clock is. */
static void a_coarse_clock_makes_upper_bounds(void **state)
{
    struct run run = support_small_run();

    (void)state;
    run.miss_cost_us = 20000;
    for (size_t i = 0; i < 2; i++)
        run.results[i].load = (struct miss_load){.fetches = run.results[i].counters.misses + i * 100,
                                                 .repeated_fetches = 300,
                                                 .fetches_at_once = 7,
                                                 .cost_us = 120000000,
                                                 .clock_us = 1000000};
    assert_table_has(&run, "noeviction       1.67       2m 00s       0.03  ≤ 300   5 %      ≤ 7\n"
                           "allkeys-lru      0.83     ≤ 2m 00s     ≤ 0.03  ≤ 300  10 %      ≤ 7\n");
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
        cmocka_unit_test(the_parts_about_misses_fit_a_terminal),
        cmocka_unit_test(causes_without_room_are_named),
        cmocka_unit_test(what_misses_cost_is_a_part),
        cmocka_unit_test(a_coarse_clock_makes_upper_bounds),
        cmocka_unit_test(cold_misses_alone_are_one_line),
        cmocka_unit_test(a_run_without_misses_does_not_say_why),
        cmocka_unit_test(misses_of_seeds_have_an_interval_where_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

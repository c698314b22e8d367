/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_verdict: what a run says in words, for results made by hand. */
#include "reports/verdict.h"
#include "sim/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 6 };

/* A result of 1,000 reads and 500 writes. */
struct row {
    const char *policy; /* NULL: there are no more */
    uint64_t maxmemory, seed, hits, oom, evicted;
};

static struct run make_run(const struct row *rows, uint64_t reads)
{
    struct run run = {.seed_count = 1};

    run.results = xcalloc(MOST, sizeof *run.results);
    for (; run.result_count < MOST && rows[run.result_count].policy; run.result_count++) {
        const struct row *row = &rows[run.result_count];

        run.results[run.result_count] = (struct result){
            .server = xstrdup("redis-7.2"),
            .policy = xstrdup(row->policy),
            .maxmemory = row->maxmemory,
            .seed = row->seed,
            .counters = {.reads = reads,
                         .hits = row->hits,
                         .misses = reads - row->hits,
                         .writes = 500,
                         .oom_rejections = row->oom,
                         .evicted_keys = row->evicted},
        };
    }
    return run;
}

static void assert_verdict_of_run(struct run *run, const char *expected)
{
    struct cell_list list = cell_list_make(run);
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    verdict_put(&list, out);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
    cell_list_release(&list);
    run_release(run);
}

static void assert_verdict_of(const struct row *rows, uint64_t reads, const char *expected)
{
    struct run run = make_run(rows, reads);

    assert_verdict_of_run(&run, expected);
}

static void assert_verdict(const struct row *rows, const char *expected)
{
    assert_verdict_of(rows, 1000, expected);
}

enum { MB = 1 << 20 };

static void the_best_and_the_next_are_named(void **state)
{
    (void)state;
    assert_verdict((struct row[MOST]){{"allkeys-lfu", MB, 1, 550, 0, 9},
                                      {"allkeys-lru", MB, 1, 600, 0, 9},
                                      {"allkeys-random", MB, 1, 500, 0, 9}},
                   "1mb: allkeys-lru has the highest hit ratio, 60.00 %; next: allkeys-lfu, 55.00 %.\n");
}

static void equals_are_named_together(void **state)
{
    (void)state;
    assert_verdict((struct row[MOST]){{"a", MB, 1, 600, 0, 9}, {"b", MB, 1, 600, 0, 9}, {"c", MB, 1, 500, 0, 9}},
                   "1mb: a and b have the highest hit ratio, 60.00 %; next: c, 50.00 %.\n");
    assert_verdict(
        (struct row[MOST]){
            {"a", MB, 1, 600, 0, 9}, {"b", MB, 1, 600, 0, 9}, {"c", MB, 1, 600, 0, 9}, {"d", MB, 1, 600, 0, 9}},
        "1mb: all 4 policies have the same hit ratio, 60.00 %.\n");
    assert_verdict((struct row[MOST]){{"a", MB, 1, 600, 0, 9},
                                      {"b", MB, 1, 600, 0, 9},
                                      {"c", MB, 1, 600, 0, 9},
                                      {"d", MB, 1, 600, 0, 9},
                                      {"e", MB, 1, 500, 0, 9}},
                   "1mb: a, b and 2 others have the highest hit ratio, 60.00 %; next: e, 50.00 %.\n");
}

/* Who refuses writes is not set against those that do not. */
static void refusals_are_no_gain(void **state)
{
    (void)state;
    assert_verdict(
        (struct row[MOST]){
            {"noeviction", MB, 1, 700, 100, 0}, {"allkeys-lru", MB, 1, 600, 0, 9}, {"allkeys-lfu", MB, 1, 550, 0, 9}},
        "1mb: allkeys-lru has the highest hit ratio of those that refuse no write, 60.00 %; next: allkeys-lfu, "
        "55.00 %. noeviction refuses 20.00 % of the writes (100). noeviction hits more, 70.00 %, which is no "
        "gain: it keeps what it had.\n");
    assert_verdict((struct row[MOST]){{"noeviction", MB, 1, 300, 100, 0},
                                      {"volatile-ttl", MB, 1, 300, 50, 3},
                                      {"allkeys-lru", MB, 1, 600, 0, 9}},
                   "1mb: allkeys-lru alone refuses no write: 60.00 % of reads hit. 2 of the 3 policies refuse writes, "
                   "noeviction most: 20.00 % of the writes (100).\n");
    assert_verdict((struct row[MOST]){{"noeviction", MB, 1, 300, 100, 0}, {"volatile-ttl", MB, 1, 310, 50, 3}},
                   "1mb: every policy refuses writes, volatile-ttl the fewest: 10.00 % of the writes (50); 31.00 % of "
                   "reads hit.\n");
}

static void refusals_that_no_policy_changes_are_told(void **state)
{
    const struct row rows[MOST] = {{"a", MB, 1, 300, 100, 0}, {"b", MB, 1, 300, 100, 3}};
    struct run run = make_run(rows, 1000);

    (void)state;
    assert_verdict(rows, "1mb: every policy refuses 20.00 % of the writes (100); 30.00 % of reads hit.\n");
    for (size_t i = 0; i < run.result_count; i++)
        run.results[i].counters.baseline_memory = MB;
    assert_verdict_of_run(&run, "1mb: the empty server needs more than that, so every write is refused: 20.00 % of the "
                                "writes (100); 30.00 % of reads hit.\n");
}

static void one_policy_stands_alone(void **state)
{
    (void)state;
    assert_verdict((struct row[MOST]){{"allkeys-lru", MB, 1, 600, 0, 9}}, "1mb: allkeys-lru: 60.00 % of reads hit.\n");
    assert_verdict((struct row[MOST]){{"noeviction", MB, 1, 600, 250, 0}},
                   "1mb: noeviction refuses 50.00 % of the writes (250); 60.00 % of reads hit.\n");
}

static void memory_that_suffices_makes_policies_equal(void **state)
{
    (void)state;
    assert_verdict(
        (struct row[MOST]){{"a", 0, 1, 600, 0, 0}, {"b", 0, 1, 600, 0, 0}},
        "without a limit: nothing was evicted and no write refused, so the policy does not matter: 60.00 % of "
        "reads hit.\n");
    assert_verdict(
        (struct row[MOST]){{"a", MB, 1, 600, 0, 0}, {"b", MB, 1, 601, 0, 0}},
        "1mb: nothing was evicted and no write refused, so the policy hardly matters: 60.00 to 60.10 % of reads "
        "hit.\n");
    assert_verdict((struct row[MOST]){{"a", MB, 1, 600, 0, 0}},
                   "1mb: nothing was evicted and no write refused: 60.00 % of reads hit.\n");
}

/* A block that is short of memory under one policy is not ample. */
static void sizes_have_a_sentence_each(void **state)
{
    (void)state;
    assert_verdict(
        (struct row[MOST]){
            {"a", MB, 1, 600, 0, 9}, {"b", MB, 1, 500, 0, 0}, {"a", 2 * MB, 1, 700, 0, 0}, {"b", 2 * MB, 1, 700, 0, 0}},
        "1mb: a has the highest hit ratio, 60.00 %; next: b, 50.00 %.\n"
        "2mb: nothing was evicted and no write refused, so the policy does not matter: 70.00 % of reads hit.\n");
}

/* Of 500 and 510, and 505 and 515: Student's t with one degree of freedom is 12.7. */
static void what_seeds_do_not_tell_apart_is_said(void **state)
{
    (void)state;
    assert_verdict(
        (struct row[MOST]){
            {"a", MB, 1, 500, 0, 9}, {"a", MB, 2, 510, 0, 9}, {"b", MB, 1, 505, 0, 9}, {"b", MB, 2, 515, 0, 9}},
        "1mb: b has the highest hit ratio, 51.00 ± 6.35 %; next: a, 50.50 ± 6.35 %: 2 seeds do not tell them "
        "apart.\n");
    assert_verdict(
        (struct row[MOST]){
            {"a", MB, 1, 500, 0, 9}, {"a", MB, 2, 500, 0, 9}, {"b", MB, 1, 501, 0, 9}, {"b", MB, 2, 501, 0, 9}},
        "1mb: b has the highest hit ratio, 50.10 %; next: a, 50.00 %.\n");
    assert_verdict(
        (struct row[MOST]){{"a", MB, 1, 500, 0, 9}, {"b", MB, 1, 501, 0, 9}},
        "1mb: b has the highest hit ratio, 50.10 %; next: a, 50.00 %: with one seed so small a difference may be "
        "chance (--seeds 10).\n");
}

static void without_reads_there_is_no_hit_ratio(void **state)
{
    (void)state;
    assert_verdict_of(
        (struct row[MOST]){{"a", MB, 1, 0, 0, 9}, {"noeviction", MB, 1, 0, 100, 0}}, 0,
        "1mb: nothing was read, so there is no hit ratio. noeviction refuses 20.00 % of the writes (100).\n");
    assert_verdict_of((struct row[MOST]){{"a", MB, 1, 0, 0, 0}, {"b", MB, 1, 0, 0, 0}}, 0,
                      "1mb: nothing was evicted and no write refused, so the policy does not matter.\n");
    assert_verdict_of((struct row[MOST]){{"a", MB, 1, 0, 5, 0}}, 0, "1mb: a refuses 1.00 % of the writes (5).\n");
}

static void a_cache_of_objects_is_measured_in_objects(void **state)
{
    struct run run = make_run((struct row[MOST]){{"lru", 1000, 1, 600, 0, 9}}, 1000);

    (void)state;
    run.results->unit_sizes = true;
    assert_verdict_of_run(&run, "1,000 objects: lru: 60.00 % of reads hit.\n");
}

static void control_characters_are_masked(void **state)
{
    (void)state;
    assert_verdict((struct row[MOST]){{"a\nb\x1b", MB, 1, 600, 0, 9}}, "1mb: a?b?: 60.00 % of reads hit.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_and_the_next_are_named),
        cmocka_unit_test(equals_are_named_together),
        cmocka_unit_test(refusals_are_no_gain),
        cmocka_unit_test(refusals_that_no_policy_changes_are_told),
        cmocka_unit_test(one_policy_stands_alone),
        cmocka_unit_test(memory_that_suffices_makes_policies_equal),
        cmocka_unit_test(sizes_have_a_sentence_each),
        cmocka_unit_test(what_seeds_do_not_tell_apart_is_said),
        cmocka_unit_test(without_reads_there_is_no_hit_ratio),
        cmocka_unit_test(a_cache_of_objects_is_measured_in_objects),
        cmocka_unit_test(control_characters_are_masked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

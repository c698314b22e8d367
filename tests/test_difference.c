/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_difference: which cells of two runs are compared, and what is said of their difference. */
#include "sim/advice/difference.h"

#include "sim/alloc.h"
#include "tests/support_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* `hits` of 1000 reads, by seed; the policy's cell comes behind those that the run has. */
static void add_cell(struct run *run, const char *policy, uint64_t maxmemory, const uint64_t *hits, size_t seeds)
{
    run->results = xrealloc(run->results, (run->result_count + seeds) * sizeof *run->results);
    for (size_t i = 0; i < seeds; i++) {
        struct result *result = &run->results[run->result_count++];

        *result = (struct result){
            .server = xstrdup("redis-7.0.15"), .policy = xstrdup(policy), .maxmemory = maxmemory, .seed = i + 1};
        result->counters.reads = 1000;
        result->counters.hits = hits[i];
    }
}

static struct run empty_run(void)
{
    struct run run = support_small_run();

    while (run.result_count)
        result_release(&run.results[--run.result_count]);
    return run;
}

static const struct measure *measure_named(const char *name)
{
    for (size_t i = 0; i < measure_count; i++)
        if (!strcmp(measures[i].name, name))
            return &measures[i];
    fail_msg("no measure %s", name);
    return NULL;
}

static struct compared hits_of(const struct pairs *pairs, size_t pair)
{
    return compare_pair(&pairs->list[pair], measure_named("hits"));
}

static void seeds_are_paired(void **state)
{
    static const uint64_t a[] = {100, 900, 500}, b[] = {110, 911, 512}, noisy[] = {90, 915, 495};
    struct run one = empty_run(), two = empty_run(), three = empty_run();
    struct pairs pairs;
    struct error error = {0};

    (void)state;
    add_cell(&one, "allkeys-lru", 100, a, 3);
    add_cell(&two, "allkeys-lru", 100, b, 3);
    add_cell(&three, "allkeys-lru", 100, noisy, 3);
    assert_int_equal(pairs_make(&one, &two, "one", "two", &pairs, &error), 0);
    assert_int_equal(pairs.count, 1);
    assert_int_equal(hits_of(&pairs, 0).verdict, VERDICT_DIFFERS); /* though the seeds are far apart */
    assert_true(fabs(hits_of(&pairs, 0).difference.mean - 11) < 1e-9);
    assert_true(fabs(hits_of(&pairs, 0).a - 500) < 1e-9);
    pairs_release(&pairs);
    assert_int_equal(pairs_make(&one, &three, "one", "three", &pairs, &error), 0);
    assert_int_equal(hits_of(&pairs, 0).verdict, VERDICT_NOISE);
    pairs_release(&pairs);
    assert_int_equal(pairs_make(&one, &one, "one", "one", &pairs, &error), 0);
    assert_int_equal(hits_of(&pairs, 0).verdict, VERDICT_SAME);
    assert_int_equal(compare_pair(&pairs.list[0], measure_named("byte_hit_ratio")).verdict, VERDICT_UNKNOWN);
    pairs_release(&pairs);
    run_release(&one);
    run_release(&two);
    run_release(&three);
}

static void one_seed_tells_nothing_of_noise(void **state)
{
    static const uint64_t a[] = {100, 900}, b[] = {110, 920};
    struct run one = empty_run(), two = empty_run();
    struct pairs pairs;
    struct error error = {0};

    (void)state;
    add_cell(&one, "allkeys-lru", 100, a, 1);
    add_cell(&two, "allkeys-lru", 100, b, 2); /* seed 2 has no partner */
    assert_int_equal(pairs_make(&one, &two, "one", "two", &pairs, &error), 0);
    assert_int_equal(pairs.list[0].seeds, 1);
    assert_int_equal(hits_of(&pairs, 0).verdict, VERDICT_UNKNOWN);
    assert_true(hits_of(&pairs, 0).difference.mean == 10);
    pairs_release(&pairs);
    run_release(&one);
    run_release(&two);
}

/* Of a dimension with one value each, the two may differ; else cells are matched by it. */
static void what_each_has_one_of_may_differ(void **state)
{
    static const uint64_t hits[] = {100, 900};
    struct run one = empty_run(), two = empty_run();
    struct pairs pairs;
    struct error error = {0};

    (void)state;
    add_cell(&one, "allkeys-lru", 100, hits, 2);
    add_cell(&one, "allkeys-lru", 200, hits, 2);
    add_cell(&two, "sieve", 200, hits, 2);
    add_cell(&two, "sieve", 300, hits, 2);
    assert_int_equal(pairs_make(&one, &two, "one", "two", &pairs, &error), 0);
    assert_int_equal(pairs.count, 1);
    assert_int_equal(pairs.list[0].a[0]->maxmemory, 200);
    assert_string_equal(pairs.list[0].b[0]->policy, "sieve");
    assert_int_equal(pairs.only_a_count, 1);
    assert_int_equal(pairs.only_a[0]->maxmemory, 100);
    assert_int_equal(pairs.only_b_count, 1);
    assert_int_equal(pairs.only_b[0]->maxmemory, 300);
    pairs_release(&pairs);
    add_cell(&one, "lfu", 200, hits, 2); /* now policies have to be the same, and none is */
    assert_int_equal(pairs_make(&one, &two, "one", "two", &pairs, &error), -1);
    assert_non_null(strstr(error.text, "no cell"));
    pairs_release(&pairs);
    run_release(&one);
    run_release(&two);
}

static void settings_that_differ_are_listed(void **state)
{
    static const uint64_t hits[] = {100};
    struct run one = empty_run(), two = empty_run();
    struct pairs pairs;
    struct error error = {0};

    (void)state;
    add_cell(&one, "allkeys-lru", 100, hits, 1);
    add_cell(&two, "allkeys-lru", 100, hits, 1);
    settings_add(&one.settings, &one.setting_count, "hz", "10");
    settings_add(&two.settings, &two.setting_count, "hz", "100");
    settings_add(&two.settings, &two.setting_count, "new", "x");
    settings_add(&two.settings, &two.setting_count, "policy", "y"); /* of the grid */
    assert_int_equal(pairs_make(&one, &two, "one", "two", &pairs, &error), 0);
    assert_int_equal(pairs.change_count, 2);
    assert_string_equal(pairs.changes[0].name, "hz");
    assert_string_equal(pairs.changes[0].b, "100");
    assert_string_equal(pairs.changes[1].a, "");
    pairs_release(&pairs);
    two.trace_digest[0] = 'f';
    assert_int_equal(pairs_make(&one, &two, "one", "two", &pairs, &error), -1);
    assert_non_null(strstr(error.text, "two traces"));
    pairs_release(&pairs);
    run_release(&one);
    run_release(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_paired),
        cmocka_unit_test(one_seed_tells_nothing_of_noise),
        cmocka_unit_test(what_each_has_one_of_may_differ),
        cmocka_unit_test(settings_that_differ_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

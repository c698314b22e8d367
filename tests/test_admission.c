/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_admission: each admission rule, by example. */
#include "policies/admission_registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A flat cache that fills what it misses, behind a rule. */
static struct cell *open_cache(const char *rule, const double *parameters, uint64_t capacity)
{
    const struct admission *admission = rule ? admission_find(rule) : NULL;

    assert_true(!rule || admission);
    return cell_open((struct cell_setup){.server = "flat",
                                         .policy = "lru",
                                         .admission = admission,
                                         .admission_parameters = parameters,
                                         .maxmemory = capacity,
                                         .seed = 1,
                                         .options = {.fill = true, .interval_us = INT64_C(1) << 60}});
}

static void get(struct cell *cell, uint32_t id, uint32_t bytes)
{
    cell_add(cell, (struct row){.op = OP_GET, .id = id, .key_len = 4, .value_len = bytes});
}

static struct counters end(struct cell *cell)
{
    struct counters counters = cell_finish(cell, NULL);

    cell_close(cell);
    return counters;
}

static void size_lets_in_what_is_small_enough(void **state)
{
    static const double most_100[POLICY_PARAMETERS] = {100};
    struct cell *cell = open_cache("size", most_100, 10000);
    struct counters counters;

    (void)state;
    for (int i = 0; i < 2; i++) {
        get(cell, 1, 99);
        get(cell, 2, 100);
        get(cell, 3, 101);
    }
    counters = end(cell);
    assert_int_equal(counters.hits, 2);
    assert_int_equal(counters.not_admitted, 2);
    assert_int_equal(counters.used_memory, 199);
    assert_int_equal(counters.oom_rejections, 0);
}

/* How many of n different keys of this size come in, over n. */
static double share_let_in(const double *parameters, uint32_t bytes)
{
    enum { N = 20000 };
    struct cell *cell = open_cache("prob", parameters, 0);

    for (uint32_t id = 0; id < N; id++)
        get(cell, id, bytes);
    return (double)end(cell).fills / N;
}

static void prob_lets_in_by_chance_and_by_size(void **state)
{
    static const double a_third[POLICY_PARAMETERS] = {1.0 / 3}, by_size[POLICY_PARAMETERS] = {1, 1000};
    const double four_sigma = 4 * sqrt(0.25 / 20000);

    (void)state;
    assert_true(fabs(share_let_in(a_third, 10) - 1.0 / 3) < four_sigma);
    assert_true(fabs(share_let_in(a_third, 10000) - 1.0 / 3) < four_sigma);
    assert_true(fabs(share_let_in(by_size, 100) - exp(-0.1)) < four_sigma);
    assert_true(fabs(share_let_in(by_size, 1000) - exp(-1)) < four_sigma);
    assert_true(share_let_in(by_size, 20000) == 0);
}

static void bloom_lets_in_at_the_second_request(void **state)
{
    static const double window_1000[POLICY_PARAMETERS] = {1000, 1e-6};
    struct cell *cell = open_cache("bloom", window_1000, 0);
    struct counters counters;

    (void)state;
    for (int round = 0; round < 3; round++)
        for (uint32_t id = 0; id < 100; id++)
            get(cell, id, 1);
    counters = end(cell);
    assert_int_equal(counters.not_admitted, 100);
    assert_int_equal(counters.fills, 100);
    assert_int_equal(counters.hits, 100);
}

/* A key is remembered while 1000 others are turned away after it, and no more after 2000. */
static void bloom_forgets_after_one_or_two_windows(void **state)
{
    static const double window_1000[POLICY_PARAMETERS] = {1000, 1e-6};
    struct cell *cell = open_cache("bloom", window_1000, 0);
    struct counters counters;

    (void)state;
    get(cell, 1, 1);
    for (uint32_t id = 10; id < 1010; id++)
        get(cell, id, 1);
    get(cell, 1, 1);
    get(cell, 2, 1);
    for (uint32_t id = 2000; id < 4100; id++)
        get(cell, id, 1);
    get(cell, 2, 1);
    counters = end(cell);
    assert_int_equal(counters.fills, 1);
    assert_int_equal(counters.not_admitted, 1 + 1000 + 1 + 2100 + 1);
}

static void bloom_errs_no_more_often_than_told(void **state)
{
    enum { N = 200000 };
    static const double errs[POLICY_PARAMETERS] = {10000, 0.01};
    struct cell *cell = open_cache("bloom", errs, 0);
    double share;

    (void)state;
    for (uint32_t id = 0; id < N; id++)
        get(cell, id, 1);
    share = (double)end(cell).fills / N;
    print_message("let in at the first request: %.4f\n", share);
    assert_true(share > 0 && share < 0.01);
}

static void tinylfu_keeps_popular_keys_before_a_scan(void **state)
{
    struct cell *with = open_cache("tinylfu", NULL, 100), *without = open_cache(NULL, NULL, 100);
    struct cell *const both[] = {with, without};
    struct counters counters[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        for (int round = 0; round < 5; round++)
            for (uint32_t id = 0; id < 100; id++)
                get(both[i], id, 1);
        for (uint32_t id = 1000; id < 1300; id++) /* once each */
            get(both[i], id, 1);
        for (uint32_t id = 0; id < 100; id++)
            get(both[i], id, 1);
        counters[i] = end(both[i]);
    }
    assert_int_equal(counters[1].hits, 400);
    assert_true(counters[0].hits >= 490);
    assert_true(counters[0].not_admitted >= 290);
    assert_int_equal(counters[0].fills + counters[0].not_admitted, counters[0].misses);
}

static void tinylfu_lets_in_who_became_more_popular(void **state)
{
    struct cell *cell = open_cache("tinylfu", NULL, 100);
    struct counters counters;

    (void)state;
    for (int round = 0; round < 3; round++)
        for (uint32_t id = 0; id < 100; id++)
            get(cell, id, 1);
    for (int i = 0; i < 20; i++)
        get(cell, 1000, 1);
    counters = end(cell);
    assert_true(counters.hits >= 200 + 10);
    assert_int_equal(counters.evicted_keys, 1);
}

/* ---- adaptsize ---- */

enum { POPULATION = 20000, LOOKUPS = 600000 };

/* Independent requests of skewed popularity, sizes from 1 to 2^16 that have nothing to do with it. */
static double hit_ratio(const char *rule, const double *parameters)
{
    struct random random = random_stream(random_seed());
    struct cell *cell = open_cache(rule, parameters, 2000000);
    struct counters counters;

    for (int i = 0; i < LOOKUPS; i++) {
        double u = random_unit(&random);
        uint32_t id = (uint32_t)(u * u * u * POPULATION);
        double size = (double)((id + 1) * UINT64_C(0x9e3779b97f4a7c15) >> 11) / (double)(UINT64_C(1) << 53);

        get(cell, id, (uint32_t)exp2(16 * size));
    }
    counters = end(cell);
    return (double)counters.hits / LOOKUPS;
}

static void adaptsize_comes_near_the_best_constant(void **state)
{
    static const double window[POLICY_PARAMETERS] = {50000, 0.3};
    double none = hit_ratio(NULL, NULL), adapted = hit_ratio("adaptsize", window), best = 0, best_c = 0;

    (void)state;
    for (double c = 16; c < 1e6; c *= 2) {
        const double by_size[POLICY_PARAMETERS] = {1, c};
        double ratio = hit_ratio("prob", by_size);

        best_c = ratio > best ? c : best_c;
        best = ratio > best ? ratio : best;
    }
    print_message("hit ratio: %.4f without a rule, %.4f with the best constant c = %.0f, %.4f adapted\n", none, best,
                  best_c, adapted);
    assert_true(best > none + 0.05);
    assert_true(adapted > best * 0.94);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_lets_in_what_is_small_enough),
        cmocka_unit_test(prob_lets_in_by_chance_and_by_size),
        cmocka_unit_test(bloom_lets_in_at_the_second_request),
        cmocka_unit_test(bloom_forgets_after_one_or_two_windows),
        cmocka_unit_test(bloom_errs_no_more_often_than_told),
        cmocka_unit_test(tinylfu_keeps_popular_keys_before_a_scan),
        cmocka_unit_test(tinylfu_lets_in_who_became_more_popular),
        cmocka_unit_test(adaptsize_comes_near_the_best_constant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

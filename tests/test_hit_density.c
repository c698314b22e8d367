/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hit_density: hit densities against a plain computation from their definition, and lhd's use of them. */
#include "policies/hit_density.h"
#include "policies/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* A few ages only: the definition is summed up anew for each. */
enum { EVENTS = 40 };

static void add_events(struct density_class *class, struct random *random, uint32_t ages)
{
    for (int i = 0; i < EVENTS; i++) {
        class->hits[random_below(random, ages)] += (float)(1 + random_below(random, 100));
        class->evictions[random_below(random, ages)] += (float)(1 + random_below(random, 100));
    }
}

/* An event at an age not below `from` takes the steps from there to the end of its own. */
static double plain_density(const struct density_class *class, int from)
{
    double hits = 0, time = 0;

    for (int age = from; age < DENSITY_AGES; age++) {
        hits += class->hits[age];
        time += ((double)class->hits[age] + class->evictions[age]) * (age - from + 1);
    }
    return time > 0 ? hits / time : 0;
}

static void densities_are_hits_over_the_time_that_is_left(void **state)
{
    struct random random = random_start();
    struct hit_density density;

    (void)state;
    hit_density_init(&density, 0.9);
    for (int class = 0; class < DENSITY_CLASSES; class ++)
        add_events(&density.classes[class], &random, class % 2 ? 50 : DENSITY_AGES);
    hit_density_end_period(&density, 1000);
    for (int class = 0; class < DENSITY_CLASSES; class ++)
        for (int age = 0; age < DENSITY_AGES - 1; age += age < 60 ? 1 : 997) {
            double expected = plain_density(&density.classes[class], age);

            assert_true(fabs(density.classes[class].density[age] - expected) <= 1e-4 * expected);
        }
    hit_density_release(&density);
}

static double sum(const float *counts)
{
    double total = 0;

    for (int age = 0; age < DENSITY_AGES; age++)
        total += counts[age];
    return total;
}

/* At the end of the sixth period the steps of age are fitted to the number of keys; no event is lost or invented. */
static void steps_of_age_follow_the_number_of_keys(void **state)
{
    static const struct {
        uint32_t keys;
        int shift;
    } cases[] = {{100000, 9}, {200, 1}, {3000000, 14}};
    struct random random = random_start();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hit_density density;
        double before;

        hit_density_init(&density, 0.9);
        add_events(&density.classes[3], &random, DENSITY_AGES);
        before = sum(density.classes[3].hits);
        for (int period = 1; period <= 6; period++) {
            assert_int_equal(density.shift, 10);
            hit_density_end_period(&density, cases[i].keys);
        }
        assert_int_equal(density.shift, cases[i].shift);
        assert_true(fabs(sum(density.classes[3].hits) - before * pow(0.9, 6)) < 1e-3 * before);
        hit_density_release(&density);
    }
}

static void who_came_back_soon_is_in_a_higher_class(void **state)
{
    struct hit_density density;

    (void)state;
    hit_density_init(&density, 0.9);
    assert_ptr_equal(hit_density_class(&density, 0, DENSITY_AGES), &density.classes[0]);
    assert_ptr_equal(hit_density_class(&density, 6000, 6000), &density.classes[1]);
    assert_ptr_equal(hit_density_class(&density, 10, 10), &density.classes[10]);
    assert_ptr_equal(hit_density_class(&density, 0, 0), &density.classes[DENSITY_CLASSES - 1]);
    hit_density_release(&density);
}

/* ---- in a cache ---- */

/* The second half's hits of 100 keys that fit, when 150 are asked for in turn: lru has none, and the best that
 * can be done is 99 of 149. */
static uint64_t hits_of_a_loop(const char *name)
{
    static const struct policy_parameter soon[] = {
        {.name = "samples", .initial = 32, .most = 32},
        {.name = "early", .initial = 32, .most = 32},
        {.name = "admissions", .initial = 8, .most = 8},
        {.name = "period", .initial = 5000, .most = 5000},
        {.name = "decay", .initial = 0.9, .most = 1},
        {.name = "explorers", .initial = 0.01, .most = 1},
        {0},
    };
    struct policy policy = *policy_find(name);
    struct cell *cell;
    struct counters counters;

    if (policy.parameters)
        policy.parameters = soon;
    cell =
        cell_open((struct cell_setup){.server = "flat",
                                      .wrapped = &policy,
                                      .maxmemory = 100,
                                      .seed = 7,
                                      .options = {.fill = true, .unit_sizes = true, .interval_us = INT64_C(1) << 60}});
    for (uint32_t i = 0; i < 150000; i++)
        cell_do(cell, (struct row){.op = OP_GET, .id = i % 150, .key_len = 4, .value_len = 1});
    counters = cell_finish(cell, NULL);
    cell_close(cell);
    return counters.hits;
}

static void lhd_learns_that_keys_of_a_loop_come_back(void **state)
{
    uint64_t hits = hits_of_a_loop("lhd");

    (void)state;
    printf("lhd: %lu hits of 150,000, of 99,664 that are possible\n", hits);
    assert_int_equal(hits_of_a_loop("lru"), 0);
    assert_true(hits > 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_are_hits_over_the_time_that_is_left),
        cmocka_unit_test(steps_of_age_follow_the_number_of_keys),
        cmocka_unit_test(who_came_back_soon_is_in_a_higher_class),
        cmocka_unit_test(lhd_learns_that_keys_of_a_loop_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

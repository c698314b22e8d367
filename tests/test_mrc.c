/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mrc: miss-ratio curves against simulations, size by size, and the lru stack against a list that is searched. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/mrc/mrc.h"
#include "sim/mrc/stack.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the stack ---- */

enum { KEYS = 60, STEPS = 30000 };

/* Naive: an lru cache of each size that interests, one object one place, kept as lists. */
struct twin {
    uint32_t keys[KEYS + 1]; /* most recent first */
    uint32_t count, size;
};

static bool twin_touch(struct twin *twin, uint32_t id)
{
    uint32_t i = 0;

    while (i < twin->count && twin->keys[i] != id)
        i++;
    if (i == twin->count) {
        twin->count += twin->count < twin->size;
        i = twin->count - 1;
        memmove(twin->keys + 1, twin->keys, i * sizeof *twin->keys);
        twin->keys[0] = id;
        return false;
    }
    memmove(twin->keys + 1, twin->keys, i * sizeof *twin->keys);
    twin->keys[0] = id;
    return true;
}

static void twin_remove(struct twin *twin, uint32_t id)
{
    for (uint32_t i = 0; i < twin->count; i++)
        if (twin->keys[i] == id) {
            memmove(twin->keys + i, twin->keys + i + 1, (twin->count - i - 1) * sizeof *twin->keys);
            twin->count--;
            return;
        }
}

static void a_distance_is_the_smallest_cache_that_holds_the_key_deletions_included(void **state)
{
    struct random random = random_stream(random_seed());
    struct twin twins[KEYS + 1] = {0};
    struct stack stack;

    (void)state;
    stack_init(&stack);
    for (uint32_t size = 1; size <= KEYS; size++)
        twins[size].size = size;
    for (int step = 0; step < STEPS; step++) {
        double u = random_unit(&random);
        uint32_t id = (uint32_t)(u * u * KEYS);

        if (random_chance(&random, 15)) {
            stack_remove(&stack, id);
            for (uint32_t size = 1; size <= KEYS; size++)
                twin_remove(&twins[size], id);
            continue;
        }
        uint64_t distance = stack_touch(&stack, id, 1);

        for (uint32_t size = 1; size <= KEYS; size++)
            assert_int_equal(twin_touch(&twins[size], id), distance && distance <= size);
    }
    stack_release(&stack);
}

static void with_bytes_a_distance_sums_what_is_above_and_the_key_itself(void **state)
{
    struct stack stack;

    (void)state;
    stack_init(&stack);
    assert_int_equal(stack_touch(&stack, 7, 100), 0);
    assert_int_equal(stack_touch(&stack, 8, 30), 0);
    assert_int_equal(stack_touch(&stack, 9, 5), 0);
    assert_int_equal(stack_touch(&stack, 7, 100), 135);
    assert_int_equal(stack_touch(&stack, 9, 5), 105);
    stack_forget(&stack, 7);
    assert_int_equal(stack_touch(&stack, 8, 30), 35);
    stack_release(&stack);
}

/* ---- curves ---- */

enum { POPULATION = 3000, REQUESTS = 60000, SIZES = 12 };

static const uint64_t sizes[SIZES] = {1, 3, 10, 30, 100, 200, 400, 700, 1000, 1500, 2000, 3000};

static struct row random_row(struct random *random, int changes_per_cent)
{
    double u = random_unit(random);
    struct row row = {.op = OP_GET, .id = (uint32_t)(u * u * u * POPULATION), .key_len = 4, .value_len = 1};
    uint64_t kind = random_below(random, 100);

    if ((int)kind >= changes_per_cent)
        return row;
    row.op = kind % 4 == 0 ? OP_DEL : kind % 4 == 1 ? OP_PEXPIRE : OP_SET;
    if (row.op == OP_PEXPIRE || (row.op == OP_SET && kind % 8 == 2)) {
        row.flags = REQUEST_TTL | REQUEST_MILLIS;
        row.ttl_ms = (int64_t)random_below(random, 100000);
    }
    return row;
}

/* The same requests each time. A fifth of the reads say with which ttl they would load. Ids are given in the order of
 * appearance, as the reader gives them: a policy may hash them. */
static void for_each_row(int changes_per_cent, void (*take)(void *owner, struct row row, int64_t now_us), void *owner)
{
    struct random random = random_stream(random_seed());
    uint32_t id_of[POPULATION] = {0}, ids = 0;
    int64_t now_us = 0;

    for (int i = 0; i < REQUESTS; i++) {
        struct row row = random_row(&random, changes_per_cent);

        if (changes_per_cent && row.op == OP_GET && row.id % 5 == 0) {
            row.flags = REQUEST_TTL | REQUEST_MILLIS;
            row.ttl_ms = 5000 + row.id;
        }
        if (!id_of[row.id])
            id_of[row.id] = ++ids;
        row.id = id_of[row.id] - 1;
        take(owner, row, now_us);
        now_us += (int64_t)random_below(&random, 10000);
    }
}

static void into_cell(void *owner, struct row row, int64_t now_us)
{
    struct cell *cell = owner;

    cell->now_us = now_us;
    cell_add(cell, row);
}

static double simulated(const char *policy, uint64_t size, int changes_per_cent)
{
    struct cell *cell = cell_open((struct cell_setup){
        .server = "flat",
        .policy = policy,
        .maxmemory = size,
        .seed = 3,
        .options = {.fill = true, .unit_sizes = true, .interval_us = INT64_C(1) << 60},
    });
    struct counters counters;

    for_each_row(changes_per_cent, into_cell, cell);
    counters = cell_finish(cell, NULL);
    cell_close(cell);
    return (double)counters.misses / (double)counters.reads;
}

struct feeding {
    const struct mrc_plan *plan;
    void *state;
    struct batch *batch;
    uint64_t reads;
};

static void feed_salts(const struct feeding *feeding)
{
    struct error error = {0};

    for (unsigned salt = 0; salt < feeding->plan->salts; salt++)
        assert_int_equal(feeding->plan->method->feed(feeding->state, salt, feeding->batch, &error), 0);
}

static void into_method(void *owner, struct row row, int64_t now_us)
{
    struct feeding *feeding = owner;
    struct batch *batch = feeding->batch;
    uint32_t i = batch->count++;

    feeding->reads += row.op == OP_GET;
    batch->time_us[i] = now_us;
    batch->id[i] = row.id;
    batch->key_len[i] = row.key_len;
    batch->value_len[i] = row.value_len;
    batch->flags[i] = row.flags;
    batch->ttl_ms[i] = row.ttl_ms;
    batch->op[i] = (uint16_t)row.op;
    if (batch->count < BATCH_CAPACITY)
        return;
    feed_salts(feeding);
    batch->count = 0;
}

static void make_curve(const struct mrc_plan *plan, int changes_per_cent, struct mrc_point points[SIZES])
{
    double *miss_ratios = xcalloc(SIZES * plan->salts, sizeof *miss_ratios);
    struct feeding feeding = {.plan = plan, .state = xcalloc(1, plan->method->state_size)};
    struct error error = {0};

    feeding.batch = xcalloc(1, sizeof *feeding.batch);
    feeding.batch->key_count = POPULATION;
    assert_int_equal(plan->method->init(feeding.state, plan, &error), 0);
    for_each_row(changes_per_cent, into_method, &feeding);
    feed_salts(&feeding);
    assert_int_equal(plan->method->finish(feeding.state, feeding.reads, miss_ratios, &error), 0);
    mrc_points(plan, miss_ratios, points);
    free(miss_ratios);
    plan->method->release(feeding.state);
    free(feeding.state);
    free(feeding.batch);
}

static struct simulation_options options;

static struct mrc_plan plan_of(const struct mrc_method *method, const char *policy, double rate, unsigned salts)
{
    redis_config_init(&options.redis);
    options.start_unix_us = INT64_C(1700000000000000);
    return (struct mrc_plan){
        .cache = server_find("flat"),
        .policy = policy_find(policy),
        .label = policy,
        .method = method,
        .sizes = sizes,
        .size_count = SIZES,
        .rate = rate,
        .salts = salts,
        .keys = POPULATION,
        .object_bytes = 1,
        .adjust = rate < 1,
        .unit_sizes = true,
        .options = &options,
        .seed = 3,
    };
}

static void expect_equal_to_simulation(const struct mrc_plan *plan, int changes_per_cent)
{
    struct mrc_point points[SIZES];

    make_curve(plan, changes_per_cent, points);
    for (size_t i = 0; i < SIZES; i++) {
        double truth = simulated(plan->label, sizes[i], changes_per_cent);

        if (fabs(points[i].miss_ratio - truth) > 1e-12)
            fail_msg("%s %s, size %d: %.6f, simulated %.6f", plan->method->name, plan->label, (int)sizes[i],
                     points[i].miss_ratio, truth);
    }
}

static void exact_lru_equals_simulation_at_every_size(void **state)
{
    struct mrc_plan plan = plan_of(&mrc_exact, "lru", 1, 1);

    (void)state;
    expect_equal_to_simulation(&plan, 0);
}

/* EXPIRE on a key that has expired at some sizes only, and was there at others, takes the stack's exactness away by
 * a hair: see distance.c. */
static void with_ttls_deletions_and_writes_it_is_within_a_thousandth(void **state)
{
    struct mrc_plan plan = plan_of(&mrc_exact, "lru", 1, 1);
    struct mrc_point points[SIZES];

    (void)state;
    make_curve(&plan, 20, points);
    for (size_t i = 0; i < SIZES; i++) {
        double truth = simulated("lru", sizes[i], 20);

        print_message("size %4d: %.5f, simulated %.5f\n", (int)sizes[i], points[i].miss_ratio, truth);
        assert_true(fabs(points[i].miss_ratio - truth) < 1e-3);
    }
}

static void shards_that_looks_at_every_key_is_exact(void **state)
{
    struct mrc_plan plan = plan_of(&mrc_shards, "lru", 1, 1);

    (void)state;
    expect_equal_to_simulation(&plan, 0);
    plan.most_keys = POPULATION;
    expect_equal_to_simulation(&plan, 0);
}

static void a_miniature_of_full_size_is_the_simulation(void **state)
{
    (void)state;
    for (size_t i = 0; i < policy_count; i++) {
        struct mrc_plan plan = plan_of(&mrc_miniature, policies[i]->name, 1, 1);

        if (!policies[i]->redis)
            expect_equal_to_simulation(&plan, 20);
    }
}

/* A tenth of 3,000 keys sixty times. With room for all, a sample whose share is known from the draw is exact. The points of a curve are off together, so they are not counted: none may be off
 * by twice its band, which is four standard errors. */
static void expect_truth_near_bands(struct mrc_plan plan)
{
    struct mrc_point points[SIZES];

    make_curve(&plan, 0, points);
    for (size_t i = 4; sizes[i] < POPULATION; i++) {
        double truth = simulated(plan.label, sizes[i], 0), width = (points[i].high - points[i].low) / 2;

        print_message("%s %s, size %4d: %.4f +- %.4f, simulated %.4f\n", plan.method->name, plan.label, (int)sizes[i],
                      points[i].miss_ratio, width, truth);
        assert_true(width > 0 && width < 0.03);
        assert_true(fabs(points[i].miss_ratio - truth) < 2 * width);
    }
}

static void sampled_curves_are_as_near_the_truth_as_they_say(void **state)
{
    struct mrc_plan fixed = plan_of(&mrc_shards, "lru", 1, 60);

    (void)state;
    fixed.most_keys = 300;
    fixed.adjust = true;
    expect_truth_near_bands(fixed);
    expect_truth_near_bands(plan_of(&mrc_shards, "lru", 0.1, 60));
    expect_truth_near_bands(plan_of(&mrc_miniature, "lru", 0.1, 60));
    expect_truth_near_bands(plan_of(&mrc_miniature, "sieve", 0.1, 60));
    expect_truth_near_bands(plan_of(&mrc_miniature, "s3fifo", 0.1, 60));
    expect_truth_near_bands(plan_of(&mrc_miniature, "allkeys-lru", 0.1, 60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_distance_is_the_smallest_cache_that_holds_the_key_deletions_included),
        cmocka_unit_test(with_bytes_a_distance_sums_what_is_above_and_the_key_itself),
        cmocka_unit_test(exact_lru_equals_simulation_at_every_size),
        cmocka_unit_test(with_ttls_deletions_and_writes_it_is_within_a_thousandth),
        cmocka_unit_test(shards_that_looks_at_every_key_is_exact),
        cmocka_unit_test(a_miniature_of_full_size_is_the_simulation),
        cmocka_unit_test(sampled_curves_are_as_near_the_truth_as_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

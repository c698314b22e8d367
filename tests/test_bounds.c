/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_bounds: the bounds that no policy can exceed: computed by hand, against the best of all possible decisions, and
 * against every policy. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/flat/bounds.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROW_US = 1000000 }; /* from one row to the next */

static const struct simulation_options filling = {.fill = true, .start_unix_us = INT64_C(1700000000000000)};

static struct bounds *see(const struct row *rows, int count, const struct simulation_options *options)
{
    struct bounds *bounds = bounds_new();
    struct batch *batch = xcalloc(1, sizeof *batch);

    for (int i = 0; i < count; i++) {
        uint32_t row = batch->count++;

        batch->op[row] = (uint8_t)rows[i].op;
        batch->time_us[row] = (int64_t)i * ROW_US;
        batch->ttl_ms[row] = rows[i].ttl_ms;
        batch->id[row] = rows[i].id;
        batch->value_len[row] = rows[i].value_len;
        batch->flags[row] = rows[i].flags;
        batch->number[row] = rows[i].number;
        if (batch->count == BATCH_CAPACITY || i == count - 1) {
            bounds_see(bounds, options, batch);
            batch->count = 0;
        }
    }
    free(batch);
    return bounds;
}

static struct bound bound_of(const struct row *rows, int count, uint64_t maxmemory)
{
    struct bounds *bounds = see(rows, count, &filling);
    struct bound bound = bounds_at(bounds, maxmemory);

    bounds_free(bounds);
    return bound;
}

/* Six rows: there is room for 6 x maxmemory. */
static void the_hits_that_need_least_room_come_first(void **state)
{
    static const struct row rows[] = {
        {.op = OP_GET, .id = 0, .value_len = 4}, /* again after 5 rows: 20 */
        {.op = OP_GET, .id = 1, .value_len = 5}, /* after 3: 15 */
        {.op = OP_GET, .id = 2, .value_len = 2}, /* after 1: 2 */
        {.op = OP_GET, .id = 2, .value_len = 2}, {.op = OP_GET, .id = 1, .value_len = 5},
        {.op = OP_GET, .id = 0, .value_len = 4},
    };

    (void)state;
    assert_int_equal(bound_of(rows, 6, 1).hits, 0); /* nothing fits */
    assert_int_equal(bound_of(rows, 6, 2).hits, 1);
    assert_int_equal(bound_of(rows, 6, 5).hits, 2); /* 30 >= 2 + 15 */
    assert_int_equal(bound_of(rows, 6, 6).hits, 2); /* 36 < 37 */
    assert_int_equal(bound_of(rows, 6, 7).hits, 3);
    assert_int_equal(bound_of(rows, 6, 0).hits, 3);
    assert_int_equal(bound_of(rows, 6, 5).hit_bytes, 2 + 5 + 2); /* and 13 / 5 of the third */
    assert_int_equal(bound_of(rows, 6, 0).hit_bytes, 11);
    assert_int_equal(bound_of(rows, 6, 0).read_bytes, 22);
    assert_int_equal(bound_of(rows, 6, 0).reads, 6);
}

/* ---- the best of all decisions, by trying them ---- */

enum { FEW_KEYS = 6, FEW_ROWS = 40, SETS = 1 << FEW_KEYS };

static uint64_t size_of_set(const uint32_t *sizes, int set)
{
    uint64_t size = 0;

    for (int id = 0; id < FEW_KEYS; id++)
        size += set >> id & 1 ? sizes[id] : 0;
    return size;
}

/* Most hits (or bytes) with each set of keys left in the cache, row by row. A key may be turned away. */
static int64_t most_by_trying(const struct row *rows, const uint32_t *sizes, uint64_t capacity, bool by_byte)
{
    int64_t most[SETS], after[SETS], best = 0;

    for (int set = 0; set < SETS; set++)
        most[set] = set ? -1 : 0;
    for (int i = 0; i < FEW_ROWS; i++) {
        int key = 1 << rows[i].id;

        for (int set = 0; set < SETS; set++)
            after[set] = -1;
        for (int set = 0; set < SETS; set++) {
            int64_t value = most[set] + (set & key ? by_byte ? (int64_t)sizes[rows[i].id] : 1 : 0);

            if (most[set] < 0)
                continue;
            for (int left = set | key;; left = (left - 1) & (set | key)) {
                if (size_of_set(sizes, left) <= capacity && after[left] < value)
                    after[left] = value;
                if (!left)
                    break;
            }
        }
        memcpy(most, after, sizeof most);
    }
    for (int set = 0; set < SETS; set++)
        best = most[set] > best ? most[set] : best;
    return best;
}

static void no_decisions_exceed_them(void **state)
{
    struct random random = random_start();
    int64_t gap = 0, hits = 0;

    (void)state;
    for (int round = 0; round < 300; round++) {
        struct row rows[FEW_ROWS];
        uint32_t sizes[FEW_KEYS];
        uint64_t capacity = 1 + random_below(&random, 40);
        struct bound bound;
        int64_t most;

        for (int id = 0; id < FEW_KEYS; id++)
            sizes[id] = 1 + (uint32_t)random_below(&random, 12);
        for (int i = 0; i < FEW_ROWS; i++) {
            uint32_t id = (uint32_t)random_below(&random, FEW_KEYS);

            rows[i] = (struct row){.op = OP_GET, .id = id, .value_len = sizes[id]};
        }
        bound = bound_of(rows, FEW_ROWS, capacity);
        most = most_by_trying(rows, sizes, capacity, false);
        assert_true((int64_t)bound.hits >= most);
        assert_true((int64_t)bound.hit_bytes >= most_by_trying(rows, sizes, capacity, true));
        gap += (int64_t)bound.hits - most;
        hits += most;
    }
    printf("%lld hits at best, bounds %lld above\n", (long long)hits, (long long)gap);
    assert_true(gap < hits / 5); /* or it would say little */
}

/* ---- every policy ---- */

enum { KEYS = 500, ROWS = 40000 };

static struct row rows[ROWS];

static void draw_rows(const enum op *ops, size_t op_count, bool ttls)
{
    struct random random = random_stream(random_seed());
    uint32_t sizes[KEYS];

    for (int id = 0; id < KEYS; id++)
        sizes[id] = 1 + (uint32_t)(random_unit(&random) * random_unit(&random) * 1000);
    for (int i = 0; i < ROWS; i++) {
        double u = random_unit(&random);
        uint32_t id = (uint32_t)(u * u * KEYS);

        rows[i] = (struct row){.op = ops[random_below(&random, op_count)], .id = id, .value_len = sizes[id]};
        if (rows[i].op == OP_SETRANGE)
            rows[i].number = (int64_t)random_below(&random, 300);
        if (rows[i].op == OP_SET && random_chance(&random, 40))
            rows[i].flags = random_chance(&random, 50) ? REQUEST_NX : REQUEST_XX;
        if (ttls && (rows[i].op == OP_EXPIRE || random_chance(&random, 60))) {
            rows[i].flags |= REQUEST_TTL;
            rows[i].ttl_ms = (int64_t)random_below(&random, 500000);
        }
    }
}

static struct counters run(const char *policy, uint64_t maxmemory, const struct simulation_options *options)
{
    struct cell *cell =
        cell_open((struct cell_setup){.server = "flat", .policy = policy, .maxmemory = maxmemory, .options = *options});
    struct counters counters;

    for (int i = 0; i < ROWS; i++) {
        cell_add(cell, rows[i]);
        cell->now_us += ROW_US;
    }
    counters = cell_finish(cell, NULL);
    cell_close(cell);
    return counters;
}

static void expect_within(const char *policy, const struct bound *bound)
{
    struct counters counters = run(policy, bound->maxmemory, &filling);

    assert_int_equal(counters.reads, bound->reads);
    assert_true(counters.hits <= bound->hits);
    assert_true(counters.hit_bytes <= bound->hit_bytes);
}

/* Without and with ttls. */
static void no_policy_exceeds_them(void **state)
{
    static const enum op gets[] = {OP_GET};

    (void)state;
    for (int ttls = 0; ttls < 2; ttls++) {
        struct bounds *bounds;

        draw_rows(gets, 1, ttls);
        bounds = see(rows, ROWS, &filling);
        for (uint64_t maxmemory = 1000; maxmemory < 200000; maxmemory *= 5) {
            struct bound bound = bounds_at(bounds, maxmemory);

            for (size_t i = 0; i < policy_count; i++)
                expect_within(policies[i]->name, &bound);
        }
        bounds_free(bounds);
    }
}

static void expect_unlimited(const struct simulation_options *options)
{
    struct bounds *bounds = see(rows, ROWS, options);
    struct bound bound = bounds_at(bounds, 0);
    struct counters counters = run("noeviction", 0, options);

    assert_int_equal(bound.reads, counters.reads);
    assert_int_equal(bound.hits, counters.hits);
    assert_int_equal(bound.hit_bytes, counters.hit_bytes);
    assert_int_equal(bound.read_bytes, counters.read_bytes);
    assert_true(bound.hits > 0 && bound.hits < bound.reads);
    bounds_free(bounds);
}

static void without_a_limit_they_are_what_a_cache_without_limit_does(void **state)
{
    static const enum op ops[] = {OP_GET,    OP_GET,   OP_SET,  OP_DEL,      OP_GETDEL, OP_EXISTS,
                                  OP_APPEND, OP_SETNX, OP_INCR, OP_SETRANGE, OP_GETSET, OP_STRLEN};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct simulation_options options = {.fill = i & 1, .unit_sizes = i & 2};

        draw_rows(ops, sizeof ops / sizeof *ops, false);
        expect_unlimited(&options);
    }
}

/* While nothing is loaded after a miss, a key's ttl does not depend on the cache. */
static void ttls_are_those_of_a_cache_without_limit(void **state)
{
    static const enum op ops[] = {OP_GET,   OP_GET,     OP_GET,    OP_EXISTS, OP_SET,    OP_SETEX, OP_EXPIRE,
                                  OP_GETEX, OP_PERSIST, OP_GETSET, OP_DEL,    OP_STRLEN, OP_MSET};
    struct simulation_options options = {.start_unix_us = filling.start_unix_us};

    (void)state;
    draw_rows(ops, sizeof ops / sizeof *ops, true);
    for (int i = 0; i < ROWS; i++)
        rows[i].flags &= (uint16_t)~REQUEST_NX; /* who finds a key keeps it: there it does depend on it */
    expect_unlimited(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hits_that_need_least_room_come_first),
        cmocka_unit_test(no_decisions_exceed_them),
        cmocka_unit_test(no_policy_exceeds_them),
        cmocka_unit_test(ttls_are_those_of_a_cache_without_limit),
        cmocka_unit_test(without_a_limit_they_are_what_a_cache_without_limit_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

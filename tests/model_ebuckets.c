/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_ebuckets: random items into ebuckets and out of them, beside an array that knows when each expires; and what a real
 * server's weighed, which was filled in many ways. */
#include "sim/server/tables/ebuckets.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS = 400, STEPS = 40000 };

struct world {
    struct ebuckets ebuckets;
    uint64_t used;
    struct eb_item items[ITEMS];
    int64_t ms[ITEMS]; /* the twin: EB_NEVER, it is out */
    int64_t now_ms, last_ms;
    uint64_t most, taken;
    int64_t again_in; /* how much later an item comes back; 0: it does not */
};

static struct eb_item *item_of(void *owner, uint32_t id)
{
    return &((struct world *)owner)->items[id];
}

static struct world *world_open(const char *allocator)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    ebuckets_init(&world->ebuckets, allocator_find(allocator), &world->used, item_of, world);
    for (int i = 0; i < ITEMS; i++)
        world->ms[i] = EB_NEVER;
    return world;
}

static void world_close(struct world *world)
{
    ebuckets_clear(&world->ebuckets);
    assert_int_equal(world->used, 0);
    free(world);
}

static void add(struct world *world, uint32_t id, int64_t ms)
{
    ebuckets_add(&world->ebuckets, id, ms);
    world->ms[id] = ms;
}

static void remove_item(struct world *world, uint32_t id)
{
    ebuckets_remove(&world->ebuckets, id);
    world->ms[id] = EB_NEVER;
}

static void check(const struct world *world)
{
    uint64_t count = 0, expired = 0;
    int64_t first_ms = EB_NEVER;

    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_int_equal(eb_item_is_in(&world->items[i]), world->ms[i] != EB_NEVER);
        if (world->ms[i] == EB_NEVER)
            continue;
        assert_true(world->items[i].ms == world->ms[i]);
        count++;
        expired += world->ms[i] < world->now_ms;
        first_ms = world->ms[i] < first_ms ? world->ms[i] : first_ms;
    }
    assert_int_equal(world->ebuckets.count, count);
    assert_true(ebuckets_first_ms(&world->ebuckets) == first_ms);
    assert_int_equal(ebuckets_expired(&world->ebuckets, world->now_ms), expired);
    assert_int_equal(world->used, world->ebuckets.bytes);
    if (!count)
        assert_int_equal(world->used, 0);
}

/* In the order of their times, none that is not due, and no more than may go. */
static enum eb_action take(void *owner, uint32_t id, int64_t *again_ms)
{
    struct world *world = owner;

    assert_true(world->ms[id] <= world->now_ms && world->ms[id] >= world->last_ms);
    assert_false(eb_item_is_in(&world->items[id]));
    if (world->taken == world->most)
        return EB_STOP;
    world->taken++;
    world->last_ms = world->ms[id];
    world->ms[id] = EB_NEVER;
    if (!world->again_in)
        return EB_REMOVED;
    *again_ms = world->ms[id] = world->now_ms + world->again_in;
    return EB_RETIMED;
}

static void expire(struct world *world, struct random *random)
{
    int64_t next_ms;
    uint64_t expired;

    world->now_ms += (int64_t)random_below(random, 300);
    world->most = random_chance(random, 50) ? UINT64_MAX : random_below(random, 40);
    world->again_in = random_chance(random, 70) ? 0 : 1 + (int64_t)random_below(random, 500);
    world->taken = 0;
    world->last_ms = 0;
    expired = ebuckets_expire(&world->ebuckets, world->now_ms, random_chance(random, 50) ? world->most : UINT64_MAX,
                              take, world, &next_ms);
    assert_int_equal(expired, world->taken);
    assert_true(next_ms == ebuckets_first_ms(&world->ebuckets));
    for (uint32_t i = 0; i < ITEMS && world->taken < world->most; i++)
        assert_true(world->ms[i] >= world->now_ms); /* what expires just now may wait in its bucket */
}

static void items_come_and_go(void **state)
{
    struct random random = random_start();
    struct world *world = world_open("jemalloc-q16");

    (void)state;
    for (int step = 0; step < STEPS; step++) {
        uint32_t id = (uint32_t)random_below(&random, ITEMS);
        int64_t spread = step / 4000 % 3 == 0 ? 3 : step / 4000 % 3 == 1 ? 100 : 100000; /* many alike, and few */

        if (world->ms[id] == EB_NEVER && random_chance(&random, step / 2000 % 2 ? 40 : 90))
            add(world, id, world->now_ms + (int64_t)random_below(&random, (uint64_t)spread));
        else if (world->ms[id] != EB_NEVER)
            remove_item(world, id);
        if (random_chance(&random, 2))
            expire(world, &random);
        check(world);
    }
    world_close(world);
}

/* ---- what a server's weighed ---- */

static int64_t time_of(const char *pattern, int64_t i, int64_t count)
{
    switch (*pattern) {
    case 's':
        return 5;
    case 'd':
        return i;
    case 'u':
        return i * 1000;
    case 'r':
        return (count - i) * 1000;
    case 'm':
        return i * 37 % 100 * 1000;
    case 't':
        return i * 37 % 100 / 10 * 1000;
    default:
        return i % 2 * 1000;
    }
}

/* Of a hash of Debian's Redis 8.0.2 the ttls of so many fields, set one by one; then those of every second field were taken
 * away: used_memory, less what it was before. */
static void weigh_what_a_server_weighs(void **state)
{
    static const struct {
        const char *pattern;
        uint32_t count;
        uint64_t full, half;
    } recorded[] = {
        {"same", 16, 0, 0},       {"same", 17, 128, 96},   {"distinct", 17, 160, 160},
        {"same", 33, 160, 128},   {"up", 100, 784, 784},   {"reversed", 100, 5056, 2624},
        {"mixed", 100, 560, 560}, {"tens", 100, 624, 624}, {"halves", 100, 368, 192},
    };

    (void)state;
    for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++) {
        struct world *world = world_open("jemalloc-q16");

        for (uint32_t id = 0; id < recorded[i].count; id++)
            add(world, id, INT64_C(2000000000000) + time_of(recorded[i].pattern, id, recorded[i].count));
        assert_int_equal(world->used, recorded[i].full);
        for (uint32_t id = 0; id < recorded[i].count; id += 2)
            remove_item(world, id);
        assert_int_equal(world->used, recorded[i].half);
        for (uint32_t id = 1; id < recorded[i].count; id += 2)
            remove_item(world, id);
        assert_int_equal(world->used, 0);
        world_close(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_and_go),
        cmocka_unit_test(weigh_what_a_server_weighs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

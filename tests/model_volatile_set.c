/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_volatile_set: random fields into volatile sets and out of them, beside an array that knows when each expires. What a
 * set weighs is counted anew after every step, and what expires must have been due: at once while there is no tree, else once
 * the end of a span of up to 8,192 ms has passed. */
#include "sim/server/tables/volatile_set.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FIELDS = 700, STEPS = 30000, SPAN_MOST = 8192 };

static const int64_t OUT = INT64_MAX;

struct world {
    struct volatile_set set;
    uint64_t used;
    int64_t ms[FIELDS]; /* OUT: it is not in the set */
    uint32_t count;
    int64_t now_ms;
    bool had_tree;
};

static int64_t ms_of(const void *owner, uint32_t field)
{
    return ((const struct world *)owner)->ms[field];
}

static struct world *world_open(const char *allocator)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    world->set = (struct volatile_set){
        .memory = &world->used,
        .shared = {.ms_of = ms_of, .owner = world, .allocator = allocator_find(allocator), .table_bytes = 72}};
    world->now_ms = INT64_C(1700000000000);
    for (int i = 0; i < FIELDS; i++)
        world->ms[i] = OUT;
    return world;
}

static void compare(struct world *world)
{
    assert_int_equal(volatile_set_count(&world->set), world->count);
    assert_int_equal(volatile_set_is_empty(&world->set), world->count == 0);
    assert_int_equal(world->used, world->set.shared.bytes);
    assert_int_equal(world->used, volatile_set_recount(&world->set));
    if (world->count < 2)
        assert_true(world->set.has_tree || world->used <= 32); /* nothing, or a vector that is left of a longer one */
    world->had_tree |= world->set.has_tree;
}

static void add(struct world *world, uint32_t field, int64_t ms)
{
    world->ms[field] = ms;
    world->count++;
    volatile_set_add(&world->set, field);
}

static void take_out(struct world *world, uint32_t field)
{
    volatile_set_remove(&world->set, field, world->ms[field]);
    world->ms[field] = OUT;
    world->count--;
}

static void retime(struct world *world, uint32_t field, int64_t ms)
{
    int64_t before = world->ms[field];

    world->ms[field] = ms;
    volatile_set_retime(&world->set, field, before);
}

static void gone(void *owner, uint32_t field)
{
    struct world *world = owner;

    assert_true(world->ms[field] != OUT && world->ms[field] <= world->now_ms);
    world->ms[field] = OUT;
    world->count--;
}

/* All that is due goes at last, and what it says is next is next. What a tree has kept until its span ends is due when the
 * span takes the tree's place: the server asks until nothing comes. */
static void expire(struct world *world, uint64_t most)
{
    uint64_t expired;

    do {
        uint32_t before = world->count;

        expired = volatile_set_expire(&world->set, world->now_ms, most, gone, world);
        assert_int_equal(expired, before - world->count);
        assert_true(expired <= most);
        if (expired == most)
            return;
    } while (expired);
    assert_true(volatile_set_first_ms(&world->set) > world->now_ms);
    for (int i = 0; i < FIELDS; i++)
        assert_true(world->ms[i] > world->now_ms - (world->set.has_tree ? SPAN_MOST : 0) || world->ms[i] == OUT);
}

/* Times that fall into one millisecond, one window, a few spans, or far apart. */
static int64_t random_ms(struct world *world, struct random *random, int64_t width)
{
    return world->now_ms + 1 + (int64_t)random_below(random, (uint64_t)width);
}

static void random_steps(const char *allocator, int64_t width, uint32_t fields)
{
    struct random random = random_stream(random_seed() + (uint64_t)width);
    struct world *world = world_open(allocator);

    for (int step = 0; step < STEPS; step++) {
        uint32_t field = (uint32_t)random_below(&random, fields);
        uint64_t what = random_below(&random, 100);

        if (world->ms[field] == OUT)
            add(world, field, random_ms(world, &random, width));
        else if (what < 30)
            take_out(world, field);
        else
            retime(world, field, random_ms(world, &random, width));
        if (what < 3) {
            world->now_ms += (int64_t)random_below(&random, (uint64_t)width / 4 + 40);
            expire(world, 1 + random_below(&random, what ? 90 : 1000));
        }
        compare(world);
    }
    assert_int_equal(world->had_tree, fields > 127);
    volatile_set_clear(&world->set);
    assert_int_equal(world->used, 0);
    free(world);
}

static void fields_and_memory_are_the_twins(void **state)
{
    static const int64_t widths[] = {1, 10, 200, 9000, 100000, 100000000};

    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        random_steps("jemalloc-5.3.1", widths[i], 40);
        random_steps("jemalloc-5.3.1", widths[i], FIELDS);
    }
}

/* 8 bytes and a pointer each, in the classes of the allocator; a tree from 128 on, which a full vector joins as it is. */
static void a_vector_grows_by_one_and_becomes_a_tree(void **state)
{
    struct world *world = world_open("jemalloc-5.3.1");
    uint64_t weighed[200];

    (void)state;
    for (uint32_t field = 0; field < 129; field++) {
        add(world, field, world->now_ms + 1000);
        weighed[field] = world->used;
        assert_int_equal(world->set.has_tree, field >= 127);
    }
    assert_int_equal(weighed[0], 0);
    assert_int_equal(weighed[1], allocator_class(world->set.shared.allocator, 24));
    assert_int_equal(weighed[126], allocator_class(world->set.shared.allocator, 8 + 127 * 8));
    assert_int_equal(volatile_set_usage(&world->set),
                     world->used - allocator_class(world->set.shared.allocator, 72) + 72);
    while (world->set.has_tree) /* a table of two becomes one, whose span takes the tree's place */
        take_out(world, world->count - 1);
    assert_int_equal(world->count, 1);
    assert_int_equal(world->used, 0);
    volatile_set_clear(&world->set);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_memory_are_the_twins),
        cmocka_unit_test(a_vector_grows_by_one_and_becomes_a_tree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

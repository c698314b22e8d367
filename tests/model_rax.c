/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_rax: random keys are added to a radix tree and removed from it, against a sorted array. A tree from which all
 * keys were removed must have the memory of an empty one. The memory of a tree must not depend on the order in which it
 * was filled. */
#include "sim/server/tables/rax.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 300, LENGTH = 16, STEPS = 20000 };

struct world {
    struct rax rax;
    uint64_t used;
    unsigned char keys[KEYS][LENGTH];
    bool has[KEYS];
    uint64_t values[KEYS];
};

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, LENGTH);
}

/* Times with sequences, as streams have: long common beginnings, and some that differ early. */
static void make_keys(struct world *world, struct random *random)
{
    memset(world->keys, 0, sizeof world->keys);
    for (int i = 0; i < KEYS; i++) {
        world->keys[i][5] = (unsigned char)random_below(random, 2);
        world->keys[i][6] = (unsigned char)random_below(random, 3);
        world->keys[i][7] = (unsigned char)random_below(random, 40);
        world->keys[i][15] = (unsigned char)i;
        world->keys[i][14] = (unsigned char)(i >> 8);
    }
    qsort(world->keys, KEYS, LENGTH, compare_keys);
}

static void check(struct world *world, int i, uint64_t expected_count)
{
    unsigned char key[LENGTH];
    uint64_t value = 0;
    int next = i;

    assert_int_equal(world->rax.count, expected_count);
    assert_int_equal(world->used, world->rax.bytes);
    assert_int_equal(rax_find(&world->rax, world->keys[i], LENGTH, &value), world->has[i]);
    if (world->has[i])
        assert_int_equal(value, world->values[i]);
    while (next < KEYS && !world->has[next])
        next++;
    memcpy(key, world->keys[i], LENGTH);
    assert_int_equal(rax_seek(&world->rax, key, LENGTH, &value), next < KEYS);
    if (next < KEYS) {
        assert_memory_equal(key, world->keys[next], LENGTH);
        assert_int_equal(value, world->values[next]);
    }
}

static void keys_come_and_go(void **state)
{
    struct random random = random_start();
    struct world *world = calloc(1, sizeof *world);
    uint64_t count = 0, empty;

    (void)state;
    assert_non_null(world);
    make_keys(world, &random);
    rax_init(&world->rax, allocator_find("jemalloc"), &world->used);
    empty = world->used;
    assert_int_equal(empty, 24 + 8);
    for (int step = 0; step < STEPS; step++) {
        int i = (int)random_below(&random, KEYS);

        if (random_chance(&random, step / 2000 % 2 ? 30 : 70)) {
            world->values[i] = random_next(&random);
            assert_int_equal(rax_insert(&world->rax, world->keys[i], LENGTH, true, world->values[i]), !world->has[i]);
            count += !world->has[i];
            world->has[i] = true;
        } else {
            assert_int_equal(rax_remove(&world->rax, world->keys[i], LENGTH), world->has[i]);
            count -= world->has[i];
            world->has[i] = false;
        }
        check(world, (int)random_below(&random, KEYS), count);
    }
    for (int i = 0; i < KEYS; i++)
        rax_remove(&world->rax, world->keys[i], LENGTH);
    rax_clear(&world->rax);
    assert_int_equal(world->used, 0);
    free(world);
}

static void the_order_does_not_matter(void **state)
{
    struct random random = random_start();
    struct world *world = calloc(1, sizeof *world);
    struct rax other;
    uint64_t used = 0;

    (void)state;
    assert_non_null(world);
    make_keys(world, &random);
    rax_init(&world->rax, allocator_find("jemalloc"), &world->used);
    rax_init(&other, allocator_find("jemalloc"), &used);
    for (int i = 0; i < KEYS; i++) {
        rax_insert(&world->rax, world->keys[i], LENGTH, true, 1);
        rax_insert(&other, world->keys[KEYS - 1 - i], LENGTH, true, 1);
    }
    assert_int_equal(world->used, used);
    rax_clear(&world->rax);
    rax_clear(&other);
    free(world);
}

/* H6 of what servers did: the first error of a kind costs 32 bytes, which are a tree's nodes. */
static void the_first_error_costs_32_bytes(void **state)
{
    uint64_t used = 0, before;
    struct rax errors;

    (void)state;
    rax_init(&errors, allocator_find("jemalloc"), &used);
    before = used;
    rax_insert(&errors, (const unsigned char *)"OOM", 3, true, 1);
    assert_int_equal(used - before + 8, 32); /* 8 for what is counted */
    rax_clear(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_and_go),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(the_first_error_costs_32_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

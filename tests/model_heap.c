/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_heap: a heap of keys (policies/heap.h) against a search of all keys, through phases in which it grows and shrinks and keys
 * come in with the same priority, with one that rises, or with any. */
#include "policies/heap.h"
#include "sim/alloc.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { KEYS = 20000, PHASES = 12, STEPS = 40000, RUNS = 6 };

struct twin {
    bool is_there;
    double priority;
    uint64_t turn;
};

struct world {
    struct random random;
    struct policy_context context;
    struct heap heap;
    struct twin twins[KEYS];
    uint64_t turn;
};

static uint32_t least_of(const struct world *world)
{
    uint32_t least = NO_KEY;

    for (uint32_t id = 0; id < KEYS; id++) {
        const struct twin *key = &world->twins[id], *best = &world->twins[least == NO_KEY ? 0 : least];

        if (key->is_there && (least == NO_KEY || key->priority < best->priority ||
                              (key->priority == best->priority && key->turn < best->turn)))
            least = id;
    }
    return least;
}

static void note(struct world *world, uint32_t id, double priority)
{
    world->twins[id] = (struct twin){.is_there = true, .priority = priority, .turn = ++world->turn};
}

static void take(struct world *world, uint32_t id)
{
    heap_take(&world->context, &world->heap, id);
    world->twins[id].is_there = false;
}

/* Keys come in and go in these shares of 100 steps; the others are uses. */
struct phase {
    int comes, goes, is_evicted; /* the last: of those that go */
    int kind;                    /* of the priorities that keys come in with */
};

static void step(struct world *world, const struct phase *phase)
{
    uint32_t id = (uint32_t)random_below(&world->random, KEYS);
    struct twin *key = &world->twins[id];
    double any = (double)random_below(&world->random, 50);

    if (!key->is_there) {
        if (!random_chance(&world->random, phase->comes))
            return;
        any = phase->kind == 0 ? 1 : phase->kind == 1 ? (double)(world->turn / 1000) : any;
        heap_push(&world->context, &world->heap, id, any);
        note(world, id, any);
    } else if (random_chance(&world->random, phase->goes)) {
        take(world, random_chance(&world->random, phase->is_evicted) ? heap_least(&world->context, &world->heap) : id);
    } else {
        any = random_chance(&world->random, 95) ? key->priority + any / 10 : any;
        heap_use(&world->context, &world->heap, id, any);
        note(world, id, any);
    }
}

static void the_least_is_the_least_of_all(void **state)
{
    (void)state;
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct world *world = xcalloc(1, sizeof *world);

        world->random = random_stream(run * 1000 + random_seed());
        world->context.stride = sizeof(struct heap_entry);
        world->context.entries = xcalloc(KEYS, sizeof(struct heap_entry));
        for (int i = 0; i < PHASES; i++) {
            struct phase phase = {.comes = 1 + (int)random_below(&world->random, 90),
                                  .goes = 1 + (int)random_below(&world->random, 60),
                                  .is_evicted = (int)random_below(&world->random, 101),
                                  .kind = (int)random_below(&world->random, 3)};

            for (int j = 0; j < STEPS; j++) {
                step(world, &phase);
                if (j % 200 == 0)
                    assert_int_equal(heap_least(&world->context, &world->heap), least_of(world));
            }
        }
        for (uint32_t id; (id = heap_least(&world->context, &world->heap)) != NO_KEY; take(world, id))
            if (world->heap.keys % 500 == 0)
                assert_int_equal(id, least_of(world));
        assert_int_equal(least_of(world), NO_KEY);
        assert_int_equal(world->heap.keys, 0);
        heap_release(&world->heap);
        free(world->context.entries);
        free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_least_is_the_least_of_all)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

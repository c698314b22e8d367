/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_recent_policies: qdlp against a naive twin: plain arrays, searched from the front. The twin does a whole step
 * at once, as the paper describes it (a key moves to main, which makes room for it). It keeps the victims of that step,
 * which the policy must name one by one. */
#include "policies/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 120, CAPACITY = 1000, LARGEST = 60, OPERATIONS = 10000000 };
enum { FIFO_BYTES = 100, MAIN_BYTES = 900, GHOST_BYTES = 900 };

/* The oldest first. */
struct list {
    uint32_t ids[KEYS];
    uint32_t count;
    uint64_t bytes;
};

static struct {
    struct list fifo, main, ghost, due; /* due: victims to be named */
    uint32_t bytes[KEYS], uses[KEYS];
    bool returns; /* the key that arrives was in ghost */
    uint64_t victims, returned, promoted, surplus, deleted, grown;
} twin;

static const struct policy *real;

static int place_of(const struct list *list, uint32_t id)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->ids[i] == id)
            return (int)i;
    return -1;
}

static void push(struct list *list, uint32_t id)
{
    list->ids[list->count++] = id;
    list->bytes += twin.bytes[id];
}

static bool take(struct list *list, uint32_t id)
{
    int place = place_of(list, id);

    if (place < 0)
        return false;
    list->count--;
    list->bytes -= twin.bytes[id];
    memmove(&list->ids[place], &list->ids[place + 1], (list->count - (uint32_t)place) * sizeof *list->ids);
    return true;
}

static uint32_t pop(struct list *list)
{
    uint32_t id = list->ids[0];

    take(list, id);
    return id;
}

static void evict_from_main(void)
{
    uint32_t id = pop(&twin.main);

    while (twin.uses[id]) {
        twin.uses[id]--;
        push(&twin.main, id);
        id = pop(&twin.main);
    }
    push(&twin.due, id);
}

static void make_room_in_main(uint32_t bytes)
{
    while (twin.main.bytes + bytes > MAIN_BYTES)
        evict_from_main();
}

static void remember(uint32_t id)
{
    while (twin.ghost.bytes + twin.bytes[id] > GHOST_BYTES)
        pop(&twin.ghost);
    push(&twin.ghost, id);
}

/* One look at the fifo. */
static void step(void)
{
    uint32_t id;

    if (!twin.fifo.count) {
        evict_from_main();
        return;
    }
    id = pop(&twin.fifo);
    if (!twin.uses[id]) {
        push(&twin.due, id);
        remember(id);
        return;
    }
    make_room_in_main(twin.bytes[id]);
    twin.uses[id] = 0;
    push(&twin.main, id);
    twin.promoted++;
}

/* ---- the policy under test, watched ---- */

static void arriving(struct policy_context *context, uint32_t id)
{
    twin.returns = take(&twin.ghost, id);
    twin.returned += twin.returns;
    twin.bytes[id] = (uint32_t)context->arriving_bytes;
    real->arriving(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    while (!twin.due.count)
        step();
    twin.victims++;
    assert_int_equal(real->victim(context), twin.due.ids[0]);
    return pop(&twin.due);
}

/* A write of a key that was its own victim arrives as a new one, for which room is made once more. */
static uint32_t surplus(struct policy_context *context)
{
    if (twin.returns && context->arriving_bytes)
        make_room_in_main((uint32_t)context->arriving_bytes);
    if (!twin.due.count) {
        assert_int_equal(real->surplus(context), NO_KEY);
        return NO_KEY;
    }
    twin.surplus++;
    assert_int_equal(real->surplus(context), twin.due.ids[0]);
    return pop(&twin.due);
}

static void added(struct policy_context *context, uint32_t id)
{
    twin.uses[id] = 0;
    push(twin.returns ? &twin.main : &twin.fifo, id);
    twin.returns = false;
    real->added(context, id);
}

static void use(uint32_t id)
{
    if (place_of(&twin.fifo, id) >= 0 || twin.uses[id] < 3)
        twin.uses[id]++;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    use(id);
    real->read(context, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    struct list *list = place_of(&twin.fifo, id) >= 0 ? &twin.fifo : &twin.main;
    uint32_t bytes = (uint32_t)policy_size(context, id);

    twin.grown += bytes > twin.bytes[id];
    list->bytes += (uint64_t)bytes - twin.bytes[id];
    twin.bytes[id] = bytes;
    use(id);
    real->written(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    assert_true(take(&twin.fifo, id) || take(&twin.main, id));
    twin.deleted++;
    real->removed(context, id);
}

static struct policy watched(const char *name)
{
    struct policy policy;

    real = policy_find(name);
    memset(&twin, 0, sizeof twin);
    policy = *real;
    policy.arriving = arriving;
    policy.added = added;
    policy.read = read_key;
    policy.written = written;
    policy.removed = removed;
    policy.evicted = real->evicted;
    policy.victim = victim;
    policy.surplus = surplus;
    return policy;
}

/* Low ids are asked for more often; a key keeps its size unless a write gives it another. */
static struct row random_row(struct random *random)
{
    double u = random_unit(random);
    uint32_t id = (uint32_t)(u * u * KEYS);
    uint64_t kind = random_below(random, 100);
    struct row row = {.op = kind < 45 ? OP_GET : kind < 95 ? OP_SET : OP_DEL, .id = id, .key_len = 4};

    row.value_len = random_chance(random, 10) ? 1 + (uint32_t)random_below(random, LARGEST) : 1 + id * 7 % LARGEST;
    return row;
}

static void qdlp_names_the_victims_of_its_twin(void **state)
{
    struct policy policy = watched("qdlp");
    struct random random = random_start();
    struct cell *cell = cell_open((struct cell_setup){.server = "flat", .wrapped = &policy, .maxmemory = CAPACITY});
    struct counters counters;

    (void)state;
    for (int i = 0; i < OPERATIONS; i++)
        cell_add(cell, random_row(&random));
    counters = cell_finish(cell, NULL);
    assert_int_equal(counters.evicted_keys, twin.victims + twin.surplus);
    print_message("%lu victims, %lu more for main; %lu promoted, %lu returned, %lu deleted, %lu grown\n", twin.victims,
                  twin.surplus, twin.promoted, twin.returned, twin.deleted, twin.grown);
    assert_true(twin.surplus > 1000 && twin.promoted > 1000 && twin.returned > 1000);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qdlp_names_the_victims_of_its_twin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_event: the event queue against an array that is searched for its least element. */
#include "sim/engine/event.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { EVENTS = 200, STEPS = 200000 };

struct plain { /* the twin's idea of one event */
    bool scheduled;
    int64_t at_us;
    uint64_t order; /* of scheduling */
};

struct world {
    struct event_queue queue;
    struct event events[EVENTS];
    struct plain plain[EVENTS];
    uint64_t order;
    struct random random;
    int fired;
};

struct handle {
    struct world *world;
    int index;
};
static struct handle handles[EVENTS];

static bool comes_before(const struct world *world, int a, int b)
{
    const struct plain *x = &world->plain[a], *y = &world->plain[b];

    if (x->at_us != y->at_us)
        return x->at_us < y->at_us;
    if (world->events[a].priority != world->events[b].priority)
        return world->events[a].priority < world->events[b].priority;
    return x->order < y->order;
}

static int least(const struct world *world)
{
    int found = -1;

    for (int i = 0; i < EVENTS; i++)
        if (world->plain[i].scheduled && (found < 0 || comes_before(world, i, found)))
            found = i;
    return found;
}

static void schedule(struct world *world, int index, int64_t at_us)
{
    event_schedule(&world->queue, &world->events[index], at_us);
    world->plain[index] = (struct plain){true, at_us, world->order++};
}

/* Is the one that fires the one that should? And sometimes it schedules others. */
static void fire(void *owner, int64_t now_us)
{
    const struct handle *handle = owner;
    struct world *world = handle->world;
    int expected = least(world);

    assert_int_equal(handle->index, expected);
    assert_int_equal(now_us, world->plain[expected].at_us);
    world->plain[expected].scheduled = false;
    world->fired++;
    if (random_chance(&world->random, 40))
        schedule(world, (int)random_below(&world->random, EVENTS), now_us + (int64_t)random_below(&world->random, 20));
}

static void init(struct world *world)
{
    memset(world, 0, sizeof *world);
    event_queue_init(&world->queue);
    world->random = random_start();
    for (int i = 0; i < EVENTS; i++) {
        handles[i] = (struct handle){world, i};
        world->events[i] = (struct event){.fire = fire, .owner = &handles[i], .priority = (enum event_priority)(i % 4)};
    }
}

static void expect_same_schedule(const struct world *world)
{
    int expected = least(world);
    size_t count = 0;

    for (int i = 0; i < EVENTS; i++) {
        assert_int_equal(event_is_scheduled(&world->events[i]), world->plain[i].scheduled);
        count += world->plain[i].scheduled;
    }
    assert_int_equal(world->queue.count, count);
    assert_true(event_queue_next(&world->queue) == (expected < 0 ? EVENT_NEVER : world->plain[expected].at_us));
}

static void the_queue_fires_what_a_search_of_all_events_would(void **state)
{
    static struct world world;
    int64_t now_us = 0;

    (void)state;
    init(&world);
    for (int step = 0; step < STEPS; step++) {
        int index = (int)random_below(&world.random, EVENTS);

        if (random_chance(&world.random, 55)) {
            schedule(&world, index, now_us + (int64_t)random_below(&world.random, 50));
        } else if (world.plain[index].scheduled && random_chance(&world.random, 50)) {
            event_cancel(&world.queue, &world.events[index]);
            world.plain[index].scheduled = false;
        } else {
            now_us += (int64_t)random_below(&world.random, 4);
            event_queue_run(&world.queue, now_us);
            if (least(&world) >= 0)
                assert_true(world.plain[least(&world)].at_us > now_us);
        }
        if (step % 16 == 0)
            expect_same_schedule(&world);
    }
    printf("%d events fired\n", world.fired);
    event_queue_release(&world.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_fires_what_a_search_of_all_events_would),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

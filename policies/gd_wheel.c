/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gd-wheel: greedy dual without a heap. A key's value is the cost of a miss and the age of the cache at its last use; the
 * age is the value of the last victim. Values are kept in wheels, as clocks keep hours and minutes:
 *
 *     wheel 1   [ ] [ ] [b] [ ] ...      256 queues of keys whose value is 256 to 65535 above the age: when wheel 0 has
 *                hand -> moves              come round, the hand moves on, and the keys there fall to wheel 0
 *     wheel 0   [ ] [a c] [ ] [d] ...    256 queues: the hand goes to the next that is not empty; its oldest key is the
 *                      hand -> victim       victim. The hand is the age
 *
 * So a use and an eviction take amortized constant time. Costs are whole numbers below queues ^ wheels; larger ones count
 * as the largest. Sizes do not matter but for the cost: the paper divides memory among sizes before.
 *
 * evsim knows no costs of single keys: a miss costs the packets that it sends over the network, as in gdsf. With cost=0
 * all keys are alike, and this is lru.
 *
 * Keys that fall to the wheel below change their order, newest first, as in the program that this was held against.
 *
 * Source: Li, Cox, GD-Wheel: a cost-aware replacement policy for key-value stores, EuroSys 2015. */
#include "policies/list.h"

#include "sim/alloc.h"
#include "sim/elementary.h"

#include <math.h>

enum { WHEELS, QUEUES, COST };
enum cost { COST_ONE, COST_PACKETS };
enum { WHEELS_MOST = 4, QUEUES_MOST = 4096, PACKET_BYTES = 536 };

struct wheel_entry {
    struct list_link link;
    uint32_t cost;
    uint32_t queue; /* of all wheels' queues, from the first of wheel 0 */
};

struct state {
    struct list *queues;
    double steps[WHEELS_MOST + 1]; /* by wheel: what one step of its hand is worth */
    uint32_t hands[WHEELS_MOST];
    uint32_t keys;
    bool wheel_0_came_round;
};

static struct wheel_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static uint32_t queues_of(const struct policy_context *context)
{
    return (uint32_t)context->parameters[QUEUES];
}

static uint32_t wheels_of(const struct policy_context *context)
{
    return (uint32_t)context->parameters[WHEELS];
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;
    size_t count = (size_t)wheels_of(context) * queues_of(context);

    (void)error;
    state->queues = xmalloc(count * sizeof *state->queues);
    for (size_t i = 0; i < count; i++)
        list_init(&state->queues[i], offsetof(struct wheel_entry, link));
    for (uint32_t wheel = 0; wheel <= WHEELS_MOST; wheel++)
        state->steps[wheel] = elementary_pow(queues_of(context), wheel);
    return 0;
}

static void release(struct policy_context *context)
{
    free(((struct state *)context->state)->queues);
}

static uint32_t cost_of(const struct policy_context *context, uint32_t id)
{
    const struct state *state = context->state;
    double packets = round(2 + (double)policy_size(context, id) / PACKET_BYTES);
    double most = fmin(state->steps[wheels_of(context)] - 1, UINT32_MAX);

    return context->parameters[COST] == COST_PACKETS ? (uint32_t)fmin(packets, most) : 1;
}

static void enter(struct policy_context *context, uint32_t id, uint32_t wheel, double steps)
{
    struct state *state = context->state;
    uint32_t queues = queues_of(context), place = (uint32_t)fmod(steps + state->hands[wheel], queues);
    struct wheel_entry *entry = entry_of(context, id);

    entry->queue = wheel * queues + place;
    list_push(context, &state->queues[entry->queue], id);
}

static void leave(struct policy_context *context, uint32_t id)
{
    list_take(context, &((struct state *)context->state)->queues[entry_of(context, id)->queue], id);
}

/* The wheel's hand moves on, and the keys there fall to the wheel below. */
static void migrate(struct policy_context *context, uint32_t wheel)
{
    struct state *state = context->state;
    uint32_t queues = queues_of(context), id;
    struct list *queue;

    state->hands[wheel] = (state->hands[wheel] + 1) % queues;
    if (!state->hands[wheel] && wheel + 1 < wheels_of(context))
        migrate(context, wheel + 1);
    queue = &state->queues[wheel * queues + state->hands[wheel]];
    while ((id = list_newest(context, queue)) != NO_KEY) {
        double rest = fmod(entry_of(context, id)->cost, state->steps[wheel]);

        list_take(context, queue, id);
        enter(context, id, wheel - 1, round(rest / state->steps[wheel - 1]));
    }
}

/* ---- hooks ---- */

static void put(struct policy_context *context, uint32_t id)
{
    const struct state *state = context->state;
    struct wheel_entry *entry = entry_of(context, id);
    uint32_t wheel = 0;

    entry->cost = cost_of(context, id);
    for (uint32_t above = 1; above < wheels_of(context); above++)
        if (round(entry->cost / state->steps[above]) > 0)
            wheel = above;
    enter(context, id, wheel, round(entry->cost / state->steps[wheel]));
}

static void added(struct policy_context *context, uint32_t id)
{
    ((struct state *)context->state)->keys++;
    put(context, id);
}

static void used(struct policy_context *context, uint32_t id)
{
    leave(context, id);
    put(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    ((struct state *)context->state)->keys--;
    leave(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t queues = queues_of(context);

    if (!state->keys)
        return NO_KEY;
    for (;; migrate(context, 1))
        for (uint32_t i = 0; i < queues; i++) {
            uint32_t hand = (state->hands[0] + i) % queues;

            if (!state->queues[hand].keys)
                continue;
            state->wheel_0_came_round = state->wheel_0_came_round || hand < state->hands[0];
            state->hands[0] = hand;
            return state->queues[hand].oldest;
        }
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    removed(context, id);
    if (state->wheel_0_came_round && wheels_of(context) > 1)
        migrate(context, 1);
    state->wheel_0_came_round = false;
}

static const struct policy_parameter parameters[] = {
    [WHEELS] = {"wheels", 2, 1, WHEELS_MOST, "one above the other"},
    [QUEUES] = {"queues", 256, 2, QUEUES_MOST, "of each wheel: costs are below queues ^ wheels"},
    [COST] = {"cost", COST_PACKETS, COST_ONE, COST_PACKETS, "of a miss: 0 = 1, 1 = 2 + size / 536 packets"},
    {0},
};

const struct policy policy_gd_wheel = {
    .name = "gd-wheel",
    .summary = "least cost of a miss, but unused keys grow old; kept in wheels of queues, not in a heap",
    .source = "Li and Cox, EuroSys 2015",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct wheel_entry),
    .init = init,
    .release = release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

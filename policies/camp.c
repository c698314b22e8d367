/* SPDX-License-Identifier: GPL-3.0-or-later */
/* camp: greedy dual size with few queues. Keys of about the same cost per byte share one lru queue.
 *
 *     cost / size, rounded      queue, oldest first        value = age + rounded cost / size
 *                      1        a  d  k                    of a, d, k: never falls along the queue
 *                     18        c  b                       so the least of all is one of the oldest: a or c
 *                    128        e                          only these are in a heap
 *
 * When a key is hit, the age of the cache becomes the least value of the other keys; when one is evicted, its value.
 * The ratio is multiplied by the greatest size seen so far to make it an integer, and its `precision` highest bits are
 * kept. The heap changes only when a queue's oldest key does.
 *
 * Source: Ghandeharizadeh, Irani, Lam, Yap, CAMP: a cost adaptive multi-queue eviction policy for key-value stores,
 * Middleware 2014. */
#include "policies/heap.h"

#include "sim/alloc.h"

#include <stdlib.h>

enum { PRECISION, COST };
enum cost { COST_ONE, COST_PACKETS };
enum { PRECISION_MOST = 10, PACKET_BYTES = 536 };

struct camp_entry {
    struct heap_entry heap; /* its value; only the oldest of each queue is in the heap */
    uint32_t older, newer;
    uint32_t queue;
};

struct camp_queue {
    uint32_t oldest, newest; /* NO_KEY in an empty queue */
};

struct state {
    struct heap heap;
    struct camp_queue *queues;
    double age;
    double most_bytes; /* size of the largest key so far */
};

static struct camp_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;
    unsigned precision = (unsigned)context->parameters[PRECISION];
    size_t count = ((size_t)(64 - precision) << (precision - 1)) + ((size_t)1 << precision);

    (void)error;
    state->queues = xmalloc(count * sizeof *state->queues);
    for (size_t i = 0; i < count; i++)
        state->queues[i] = (struct camp_queue){NO_KEY, NO_KEY};
    return 0;
}

static void release(struct policy_context *context)
{
    struct state *state = context->state;

    heap_release(&state->heap);
    free(state->queues);
}

/* ---- costs per byte ---- */

static uint64_t ratio(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    double bytes = (double)policy_size(context, id);
    double cost = context->parameters[COST] == COST_PACKETS ? 2 + bytes / PACKET_BYTES : 1;

    bytes = bytes > 1 ? bytes : 1;
    if (state->most_bytes < bytes)
        state->most_bytes = bytes;
    return (uint64_t)(state->most_bytes * cost / bytes);
}

/* The number of low bits that rounding clears. */
static unsigned bits_lost(const struct policy_context *context, uint64_t value)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(value), precision = (unsigned)context->parameters[PRECISION];

    return bits > precision ? bits - precision : 0;
}

/* Numbers the rounded values in their order: 1, 2, 3, ... */
static uint32_t queue_for(const struct policy_context *context, uint64_t value)
{
    unsigned lost = bits_lost(context, value), precision = (unsigned)context->parameters[PRECISION];

    return (uint32_t)((lost << (precision - 1)) + (value >> lost));
}

/* ---- queues ---- */

static void leave(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct camp_entry *entry = entry_of(context, id);
    struct camp_queue *queue = &state->queues[entry->queue];

    if (entry->newer != NO_KEY)
        entry_of(context, entry->newer)->older = entry->older;
    else
        queue->newest = entry->older;
    if (entry->older != NO_KEY) {
        entry_of(context, entry->older)->newer = entry->newer;
        return;
    }
    queue->oldest = entry->newer;
    heap_take(context, &state->heap, id);
    if (queue->oldest != NO_KEY)
        heap_push(context, &state->heap, queue->oldest, entry_of(context, queue->oldest)->heap.priority);
}

static void enter(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct camp_entry *entry = entry_of(context, id);
    uint64_t value = ratio(context, id);
    unsigned lost = bits_lost(context, value);
    struct camp_queue *queue;

    entry->queue = queue_for(context, value);
    queue = &state->queues[entry->queue];
    entry->heap.priority = state->age + (double)(value >> lost << lost);
    entry->older = queue->newest;
    entry->newer = NO_KEY;
    queue->newest = id;
    if (entry->older != NO_KEY) {
        entry_of(context, entry->older)->newer = id;
        return;
    }
    queue->oldest = id;
    heap_push(context, &state->heap, id, entry->heap.priority);
}

/* ---- the policy's functions ---- */

static uint32_t victim(struct policy_context *context)
{
    return heap_least(context, &((struct state *)context->state)->heap);
}

static void used(struct policy_context *context, uint32_t id)
{
    uint32_t least;

    leave(context, id);
    least = victim(context);
    if (least != NO_KEY)
        ((struct state *)context->state)->age = entry_of(context, least)->heap.priority;
    enter(context, id);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    ((struct state *)context->state)->age = entry_of(context, id)->heap.priority;
    leave(context, id);
}

static const struct policy_parameter parameters[] = {
    [PRECISION] = {"precision", 5, 1, PRECISION_MOST, "bits of the ratio of cost and size that are kept"},
    [COST] = {"cost", COST_ONE, COST_ONE, COST_PACKETS, "of a miss: 0 = 1, 1 = 2 + size / 536 packets"},
    {0},
};

const struct policy policy_camp = {
    .name = "camp",
    .summary = "least cost per byte, but unused keys grow old; kept in a few lru queues",
    .source = "Ghandeharizadeh et al., Middleware 2014",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct camp_entry),
    .init = init,
    .release = release,
    .added = enter,
    .read = used,
    .written = used,
    .removed = leave,
    .evicted = evicted,
    .victim = victim,
};

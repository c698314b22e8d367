/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gdsf: greedy dual size with frequency. Many small keys give more hits than one large key in the same room.
 *
 *     value = age + uses * cost / size        age: 0 at first, then the value of each victim, so it never falls
 *
 * The cost of a miss is 1, which favors the hit ratio, or the number of packets that a miss sends over the network,
 * which favors the byte hit ratio.
 *
 * Source: Cherkasova, Improving WWW proxies performance with greedy-dual-size-frequency caching policy, HP
 * Laboratories HPL-98-69R1, 1998. */
#include "policies/heap.h"

enum { COST };
enum cost { COST_ONE, COST_PACKETS };
enum { PACKET_BYTES = 536 }; /* the payload of a TCP segment, as the paper counts it */

struct gdsf_entry {
    struct heap_entry heap;
    uint32_t uses;
};

struct state {
    struct heap heap;
    double age;
};

static double value(struct policy_context *context, uint32_t id)
{
    const struct gdsf_entry *entry = policy_entry(context, id);
    double size = (double)policy_size(context, id);
    double cost = context->parameters[COST] == COST_PACKETS ? 2 + size / PACKET_BYTES : 1;

    return ((const struct state *)context->state)->age + entry->uses * cost / (size > 1 ? size : 1);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    ((struct gdsf_entry *)policy_entry(context, id))->uses = 1;
    heap_push(context, &state->heap, id, value(context, id));
}

static void used(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    ((struct gdsf_entry *)policy_entry(context, id))->uses++;
    heap_use(context, &state->heap, id, value(context, id));
}

static void removed(struct policy_context *context, uint32_t id)
{
    heap_take(context, &((struct state *)context->state)->heap, id);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    ((struct state *)context->state)->age = ((const struct heap_entry *)policy_entry(context, id))->priority;
    removed(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    return heap_least(context, &((struct state *)context->state)->heap);
}

static const struct policy_parameter parameters[] = {
    [COST] = {"cost", COST_ONE, COST_ONE, COST_PACKETS, "of a miss: 0 = 1, 1 = 2 + size / 536 packets"},
    {0},
};

const struct policy policy_gdsf = {
    .name = "gdsf",
    .summary = "fewest uses per byte, but keys that were popular long ago grow old",
    .source = "Cherkasova 1998",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct gdsf_entry),
    .state_per_key = HEAP_BYTES_PER_KEY,
    .release = one_heap_release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

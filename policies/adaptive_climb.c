/* SPDX-License-Identifier: GPL-3.0-or-later */
/* adaptive-climb: an order of keys in which a hit climbs, by a jump that hits shorten and misses lengthen.
 *
 *     top                              bottom     hit: jump is one less (1 at least), and the key climbs so many places
 *      a   b   c   d   e   f   g   h   i          miss: jump is one more (K at most), the bottom is the victim, and the
 *              <-- jump --- f          `victim    new key comes in with jump - 1 keys below it
 *
 * With a jump of K, the number of keys that the cache holds, this is lru: so it begins, and so it is while most requests
 * miss. With a jump of 1 it is climb, which keeps the most popular keys best if nothing changes.
 *
 * K is what the capacity would hold of keys of their mean size. A request takes O(log K), not the paper's shift of up to
 * K places.
 *
 * These are the paper's rules as another implementation quotes them (ferrum-kv: algorithm 1). The program that the authors
 * have published in their fork of libCacheSim computes a jump and does not use it: there each hit goes to the top, which
 * is lru. DynamicAdaptiveClimb, of the same paper, asks for another capacity, which is no policy's here.
 *
 * Source: Berend, Dolev, Kogan-Sadetsky, AdaptiveClimb: adaptive policy for cache replacement, SYSTOR 2019; with Kumari,
 * Mishra, Somani, DynamicAdaptiveClimb: adaptive cache replacement with dynamic resizing, arXiv 2511.21235, 2025. */
#include "policies/ranked.h"

#include <math.h>

struct climb_entry {
    struct ranked_links links;
    uint32_t bytes;
};

struct state {
    struct ranked order; /* the top first */
    uint64_t bytes;
    double jump;
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    ranked_init(&state->order, offsetof(struct climb_entry, links));
    state->jump = UINT32_MAX;
    return 0;
}

/* So many keys the cache holds, or would. */
static double most_keys(const struct policy_context *context, uint32_t keys)
{
    const struct state *state = context->state;
    uint64_t capacity = policy_capacity(context, state->bytes);

    if (capacity == UINT64_MAX || !state->bytes)
        return UINT32_MAX;
    return fmax(keys, floor((double)capacity * keys / (double)state->bytes));
}

static void resized(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct climb_entry *entry = policy_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    state->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    uint32_t keys = ranked_keys(context, &state->order);
    double most;

    ((struct climb_entry *)policy_entry(context, id))->bytes = 0;
    resized(context, id);
    most = most_keys(context, keys + 1);
    state->jump = fmin(most, state->jump + 1);
    ranked_insert(context, &state->order, id, (uint32_t)fmin(keys, most - state->jump));
}

static void used(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    uint32_t rank = ranked_rank(context, &state->order, id);
    double most = most_keys(context, ranked_keys(context, &state->order));

    state->jump = fmax(1, fmin(most, state->jump) - 1);
    if (!rank)
        return;
    ranked_take(context, &state->order, id);
    ranked_insert(context, &state->order, id, (uint32_t)fmax(0, rank - state->jump));
}

static void written(struct policy_context *context, uint32_t id)
{
    resized(context, id);
    used(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    ranked_take(context, &state->order, id);
    state->bytes -= ((const struct climb_entry *)policy_entry(context, id))->bytes;
}

static uint32_t victim(struct policy_context *context)
{
    const struct ranked *order = &((const struct state *)context->state)->order;

    return ranked_at(context, order, ranked_keys(context, order) - 1);
}

const struct policy policy_adaptive_climb = {
    .name = "adaptive-climb",
    .summary = "a hit climbs by a jump that hits shorten, towards climb, and misses lengthen, towards lru",
    .source = "Berend, Dolev, Kogan-Sadetsky, SYSTOR 2019",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct climb_entry),
    .init = init,
    .added = added,
    .read = used,
    .written = written,
    .retimed = resized,
    .removed = removed,
    .victim = victim,
};

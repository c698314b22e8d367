/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random: any key. Nothing is kept about the keys; how much better a policy does than this is what its memory is worth.
 *
 * Other simulators may mean something else by this name. libCacheSim (2024) draws a bucket of its hash table by the low
 * bits of a linear congruential generator, which run through all 2^16 buckets in one fixed order, over and over. No key
 * outlives a round, where a truly random one may stay for long; counts differ by up to half a point of miss ratio.
 * `cycle=16` does the same:
 *
 *     position = a * position + c      bucket: its low 16 bits      victim: the newest key of the next that has one
 *
 * Source: Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2),
 * 1966. */
#include "policies/draw.h"
#include "sim/alloc.h"

#include <stdlib.h>

enum { CYCLE };

/* neighbors in a bucket's chain: 1 + id, 0: none; only with a cycle */
struct random_entry {
    uint32_t older, newer;
};

struct state {
    uint32_t *newest; /* the newest key of each bucket: 1 + id; NULL without a cycle */
    uint32_t mask, keys;
    uint64_t position;
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;
    unsigned bits = (unsigned)context->parameters[CYCLE];

    (void)error;
    if (!bits)
        return 0;
    state->mask = (1U << bits) - 1;
    state->newest = xcalloc((size_t)state->mask + 1, sizeof *state->newest);
    state->position = gsl_rng_get(context->rng);
    return 0;
}

static void release(struct policy_context *context)
{
    free(((struct state *)context->state)->newest);
}

static struct random_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static uint32_t *bucket_of(const struct state *state, uint32_t id)
{
    uint64_t hash = (id + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);

    hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return &state->newest[(hash >> 32) & state->mask];
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    uint32_t *newest;

    if (!state->newest)
        return;
    newest = bucket_of(state, id);
    *entry_of(context, id) = (struct random_entry){.older = *newest};
    if (*newest)
        entry_of(context, *newest - 1)->newer = id + 1;
    *newest = id + 1;
    state->keys++;
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    const struct random_entry *entry = entry_of(context, id);

    if (!state->newest)
        return;
    if (entry->newer)
        entry_of(context, entry->newer - 1)->older = entry->older;
    else
        *bucket_of(state, id) = entry->older;
    if (entry->older)
        entry_of(context, entry->older - 1)->newer = entry->newer;
    state->keys--;
}

/* The multiplier and the increment are Knuth's for 64 bits. Any that reach every bucket would do. */
static uint32_t next_of_cycle(struct state *state)
{
    uint32_t found = 0;

    if (!state->keys)
        return NO_KEY;
    while (!found) {
        state->position = state->position * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        found = state->newest[state->position & state->mask];
    }
    return found - 1;
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    return state->newest ? next_of_cycle(state) : draw_key(context);
}

static const struct policy_parameter parameters[] = {
    [CYCLE] = {"cycle", 0, 0, 24, "not by chance, but round 2^cycle buckets in a fixed order; 0 = by chance"},
    {0},
};

const struct policy policy_random = {
    .name = "random",
    .summary = "a random key",
    .source = "Belady 1966",
    .parameters = parameters,
    .libcachesim = "cycle=16",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct random_entry),
    .samples = true,
    .init = init,
    .release = release,
    .added = added,
    .removed = removed,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* k-lru: of k random keys the least recently used. k = 1 is random; the larger k, the closer to lru.
 *
 * Redis's allkeys-lru differs from it: its samples are neighbours in the hash table, its clock counts seconds, and
 * its candidates stay in a pool from one eviction to the next.
 *
 * Source: Psounis, Prabhakar, A randomized web-cache replacement scheme, INFOCOM 2001, which keeps the best of
 * the last sample as well; without that, as Wang, Yang, Wang, Dynamically configuring LRU replacement policy in
 * Redis, MEMSYS 2020, name it. */
#include "policies/draw.h"

enum { K };

struct state {
    uint32_t now; /* uses so far; its differences survive a wrap */
};

static void used(struct policy_context *context, uint32_t id)
{
    *(uint32_t *)policy_entry(context, id) = ((struct state *)context->state)->now++;
}

static uint32_t recency(const struct policy_context *context, uint32_t id)
{
    return *(uint32_t *)policy_entry(context, id) - ((const struct state *)context->state)->now;
}

static uint32_t victim(struct policy_context *context)
{
    return draw_least(context, (int)context->parameters[K], recency);
}

static const struct policy_parameter parameters[] = {
    [K] = {"k", 5, 1, DRAWS, "keys drawn for each victim"},
    {0},
};

const struct policy policy_k_lru = {
    .name = "k-lru",
    .summary = "of k random keys the least recently used",
    .source = "Psounis and Prabhakar, INFOCOM 2001",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(uint32_t),
    .samples = true,
    .added = used,
    .read = used,
    .written = used,
    .victim = victim,
};

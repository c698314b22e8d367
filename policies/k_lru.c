/* SPDX-License-Identifier: GPL-3.0-or-later */
/* k-lru: of k random keys, the least recently used. k = 1 is random; the larger k is, the closer to lru.
 *
 * Redis's allkeys-lru differs from it: its samples are neighbours in the hash table, its clock counts seconds, and
 * its candidates stay in a pool from one eviction to the next.
 *
 * Source: Psounis, Prabhakar, A randomized web-cache replacement scheme, INFOCOM 2001. It keeps the best of the last
 * sample as well. This policy does not, as in Wang, Yang, Wang, Dynamically configuring LRU replacement policy in
 * Redis, MEMSYS 2020, where the name comes from. */
#include "policies/draw.h"
#include "policies/recency.h"

enum { K };

static uint32_t victim(struct policy_context *context)
{
    return draw_least(context, (int)context->parameters[K], recency_of);
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
    .state_size = sizeof(struct recency),
    .entry_size = sizeof(uint32_t),
    .samples = true,
    .added = recency_used,
    .read = recency_used,
    .written = recency_used,
    .victim = victim,
};

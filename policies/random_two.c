/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random-two: of two random keys, the one that was used less recently. Two choices go most of the way from random to
 * lru.
 *
 * Source: Luu, Caches: LRU v. random, danluu.com 2014. The idea: Mitzenmacher, The power of two choices in randomized
 * load balancing, 1996. */
#include "policies/draw.h"
#include "policies/recency.h"

static uint32_t victim(struct policy_context *context)
{
    return draw_least(context, 2, recency_of);
}

const struct policy policy_random_two = {
    .name = "random-two",
    .summary = "of two random keys the less recently used",
    .source = "Luu 2014",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct recency),
    .entry_size = sizeof(uint32_t),
    .samples = true,
    .added = recency_used,
    .read = recency_used,
    .written = recency_used,
    .victim = victim,
};

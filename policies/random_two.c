/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random-two: of two random keys the one that was used less recently. Two choices go most of the way from chance
 * to lru.
 *
 * Source: Luu, Caches: LRU v. random, danluu.com 2014; the idea: Mitzenmacher, The power of two choices in
 * randomized load balancing, 1996. */
#include "policies/draw.h"

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
    return draw_least(context, 2, recency);
}

const struct policy policy_random_two = {
    .name = "random-two",
    .summary = "of two random keys the less recently used",
    .source = "Luu 2014",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(uint32_t),
    .samples = true,
    .added = used,
    .read = used,
    .written = used,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/lru_clock.h"

static const uint64_t CLOCK_MAX = (1 << 24) - 1; /* LRU_CLOCK_MAX */
static const uint64_t RESOLUTION_MS = 1000;      /* LRU_CLOCK_RESOLUTION */

static uint64_t idle_ms(const struct policy_context *context, uint32_t id)
{
    const struct lru_clock *key = policy_entry(context, id);
    uint64_t now = context->clock.lru_clock;

    if (now >= key->touched_at)
        return (now - key->touched_at) * RESOLUTION_MS;
    return (now + (CLOCK_MAX - key->touched_at)) * RESOLUTION_MS;
}

void lru_clock_touch(struct policy_context *context, uint32_t id)
{
    struct lru_clock *key = policy_entry(context, id);

    key->touched_at = context->clock.lru_clock;
}

uint32_t lru_clock_victim(struct policy_context *context)
{
    return pool_victim(context, idle_ms);
}

static double shown(const struct policy_context *context, uint64_t score)
{
    (void)context;
    return (double)score;
}

int lru_clock_candidates(const struct policy_context *context, struct policy_candidate *list, int most)
{
    return pool_candidates(context, shown, list, most);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volatile-ttl: of a few sampled keys with a ttl, the one that expires soonest. The candidates are collected in a pool
 * (pool.h). A key's score is 2^64 - 1 minus its time of expiry.
 *
 * Source: evictionPoolPopulate (evict.c). */
#include "policies/pool.h"
#include "sim/redis_policy.h"

static uint64_t soonness(const struct policy_context *context, uint32_t id)
{
    return UINT64_MAX - (uint64_t)context->view->expire_ms(context->keyspace, id);
}

static uint32_t victim(struct policy_context *context)
{
    return pool_victim(context, soonness);
}

static double ms_to_live(const struct policy_context *context, uint64_t score)
{
    return (double)((int64_t)(UINT64_MAX - score) - context->clock.unix_ms);
}

static int candidates(const struct policy_context *context, struct policy_candidate *list, int most)
{
    return pool_candidates(context, ms_to_live, list, most);
}

static const struct redis_policy own = {.state = SERVER_STATE_POOL};

const struct policy policy_volatile_ttl = {
    .name = "volatile-ttl",
    .summary = "soonest to expire of a few sampled keys with a ttl",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_VOLATILE,
    .state_size = sizeof(struct pool),
    .samples = true,
    .victim = victim,
    .candidates = candidates,
    .score = "ms to live",
};

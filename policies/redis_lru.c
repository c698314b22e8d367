/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allkeys-lru, volatile-lru: the least recently used of a few sampled keys, as Redis does it.
 *
 * Each key keeps 24 bits of the second in which it was last touched. The clock for this is refreshed by serverCron, so
 * all keys touched between two of its ticks are equally old; after 194 days it wraps. The candidates with the longest
 * idle time are collected in a pool (pool.h).
 *
 * Source: estimateObjectIdleTime, evictionPoolPopulate (evict.c), lookupKey (db.c). */
#include "policies/pool.h"
#include "sim/redis_policy.h"

static const uint64_t CLOCK_MAX = (1 << 24) - 1; /* LRU_CLOCK_MAX */
static const uint64_t RESOLUTION_MS = 1000;      /* LRU_CLOCK_RESOLUTION */

struct lru {
    uint32_t touched_at; /* the LRU clock at the last access */
};

static uint64_t idle_ms(const struct policy_context *context, uint32_t id)
{
    const struct lru *lru = policy_entry(context, id);
    uint64_t now = context->clock.lru_clock;

    if (now >= lru->touched_at)
        return (now - lru->touched_at) * RESOLUTION_MS;
    return (now + (CLOCK_MAX - lru->touched_at)) * RESOLUTION_MS;
}

static void touch(struct policy_context *context, uint32_t id)
{
    struct lru *lru = policy_entry(context, id);

    lru->touched_at = context->clock.lru_clock;
}

static uint32_t victim(struct policy_context *context)
{
    return pool_victim(context, idle_ms);
}

static double shown(const struct policy_context *context, uint64_t score)
{
    (void)context;
    return (double)score;
}

static int candidates(const struct policy_context *context, struct policy_candidate *list, int most)
{
    return pool_candidates(context, shown, list, most);
}

static const struct redis_policy own = {
    .lru_field = LRU_FIELD_CLOCK, .state = SERVER_STATE_POOL, .private_integers = true};

const struct policy policy_allkeys_lru = {
    .name = "allkeys-lru",
    .summary = "least recently used of a few sampled keys",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lru),
    .samples = true,
    .added = touch,
    .read = touch,
    .written = touch,
    .victim = victim,
    .candidates = candidates,
    .score = "idle ms",
};

const struct policy policy_volatile_lru = {
    .name = "volatile-lru",
    .summary = "least recently used of a few sampled keys with a ttl",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_VOLATILE,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lru),
    .samples = true,
    .added = touch,
    .read = touch,
    .written = touch,
    .victim = victim,
    .candidates = candidates,
    .score = "idle ms",
};

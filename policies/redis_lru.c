/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allkeys-lru, volatile-lru: the least recently used of a few sampled keys, as Redis does it.
 *
 * The candidates with the longest idle time by the LRU clock (lru_clock.h) are collected in a pool (pool.h). Every use
 * of a key is a touch.
 *
 * Source: estimateObjectIdleTime, evictionPoolPopulate (evict.c), lookupKey (db.c). */
#include "policies/lru_clock.h"
#include "sim/redis_policy.h"

static const struct redis_policy own = {
    .lru_field = LRU_FIELD_CLOCK, .state = SERVER_STATE_POOL, .private_integers = true};

const struct policy policy_allkeys_lru = {
    .name = "allkeys-lru",
    .summary = "least recently used of a few sampled keys",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lru_clock),
    .samples = true,
    .added = lru_clock_touch,
    .read = lru_clock_touch,
    .written = lru_clock_touch,
    .victim = lru_clock_victim,
    .candidates = lru_clock_candidates,
    .score = "idle ms",
};

const struct policy policy_volatile_lru = {
    .name = "volatile-lru",
    .summary = "least recently used of a few sampled keys with a ttl",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_VOLATILE,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lru_clock),
    .samples = true,
    .added = lru_clock_touch,
    .read = lru_clock_touch,
    .written = lru_clock_touch,
    .victim = lru_clock_victim,
    .candidates = lru_clock_candidates,
    .score = "idle ms",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allkeys-lrm, volatile-lrm: the least recently modified of a few sampled keys, as Redis does it since 8.6.
 *
 * The clock, the pool and the score are those of LRU (redis_lru.c), but a read is no touch: the clock is set when the
 * key is made and whenever it is modified, and a new ttl is a modification (EXPIRE, PERSIST, GETEX). For that a server
 * does not ask whether a child saves or the client has said NO-TOUCH: only lookups do, and under this policy no lookup
 * touches.
 *
 * Source: updateLRM, keyModified, lookupKey (db.c) of Redis 8.6.3. */
#include "policies/lru_clock.h"
#include "sim/redis_policy.h"

static const struct redis_policy own = {
    .lru_field = LRU_FIELD_CLOCK, .state = SERVER_STATE_POOL, .private_integers = true, .notes_every_write = true};

const struct policy policy_allkeys_lrm = {
    .name = "allkeys-lrm",
    .summary = "least recently modified of a few sampled keys (Redis 8.6)",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lru_clock),
    .samples = true,
    .added = lru_clock_touch,
    .written = lru_clock_touch,
    .retimed = lru_clock_touch,
    .victim = lru_clock_victim,
    .candidates = lru_clock_candidates,
    .score = "idle ms",
};

const struct policy policy_volatile_lrm = {
    .name = "volatile-lrm",
    .summary = "least recently modified of a few sampled keys with a ttl (Redis 8.6)",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_VOLATILE,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lru_clock),
    .samples = true,
    .added = lru_clock_touch,
    .written = lru_clock_touch,
    .retimed = lru_clock_touch,
    .victim = lru_clock_victim,
    .candidates = lru_clock_candidates,
    .score = "idle ms",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allkeys-lfu, volatile-lfu: the least frequently used of a few sampled keys, as Redis does it.
 *
 * Each key keeps a logarithmic counter of 8 bits and 16 bits of the calendar minute in which it was last updated. A new
 * key starts at 5, so that it is not evicted at once. An access first takes one off for every lfu-decay-time minutes
 * that have passed, then adds one with probability 1 / ((counter - 5) * lfu-log-factor + 1). Overwriting a value keeps
 * its counter. The keys with the lowest decayed counters are collected in a pool (pool.h). Scoring a key does not write
 * the decayed value back.
 *
 * Source: LFULogIncr, LFUDecrAndReturn (evict.c), updateLFU (db.c). */
#include "policies/pool.h"
#include "sim/redis_policy.h"

enum { COUNTER_INITIAL = 5, COUNTER_MAX = 255 };

/* The fields are in the order of the server's 24 bits: after a change of policy, the other policy reads them as its
 * own. */
struct lfu {
    uint32_t counter : 8;
    uint32_t minutes : 16; /* calendar minute of the last update */
    uint32_t unused : 8;
};

static uint32_t calendar_minute(const struct policy_context *context)
{
    return (uint32_t)(context->clock.unix_ms / 60000) & 65535;
}

static uint32_t decayed(const struct policy_context *context, const struct lfu *lfu)
{
    uint32_t now = calendar_minute(context), period = context->options->lfu_decay_time;
    uint32_t elapsed, steps;

    if (!period)
        return lfu->counter;
    elapsed = now >= lfu->minutes ? now - lfu->minutes : 65535u - lfu->minutes + now;
    steps = elapsed / period;
    return steps < lfu->counter ? lfu->counter - steps : 0;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct lfu *lfu = policy_entry(context, id);

    lfu->counter = COUNTER_INITIAL;
    lfu->minutes = calendar_minute(context) & 65535;
}

static void touch(struct policy_context *context, uint32_t id)
{
    struct lfu *lfu = policy_entry(context, id);
    uint32_t counter = decayed(context, lfu);
    double base = counter > COUNTER_INITIAL ? counter - COUNTER_INITIAL : 0;

    if (counter < COUNTER_MAX && gsl_rng_uniform(context->rng) < 1.0 / (base * context->options->lfu_log_factor + 1))
        counter++;
    lfu->counter = counter & 255;
    lfu->minutes = calendar_minute(context) & 65535;
}

static uint64_t rarity(const struct policy_context *context, uint32_t id)
{
    return COUNTER_MAX - decayed(context, policy_entry(context, id));
}

static uint32_t victim(struct policy_context *context)
{
    return pool_victim(context, rarity);
}

static double counter(const struct policy_context *context, uint64_t score)
{
    (void)context;
    return (double)(COUNTER_MAX - score);
}

static int candidates(const struct policy_context *context, struct policy_candidate *list, int most)
{
    return pool_candidates(context, counter, list, most);
}

static const struct redis_policy own = {
    .lru_field = LRU_FIELD_COUNTER, .state = SERVER_STATE_POOL, .private_integers = true};

const struct policy policy_allkeys_lfu = {
    .name = "allkeys-lfu",
    .summary = "least frequently used of a few sampled keys",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lfu),
    .samples = true,
    .added = added,
    .read = touch,
    .written = touch,
    .victim = victim,
    .candidates = candidates,
    .score = "counter",
};

const struct policy policy_volatile_lfu = {
    .name = "volatile-lfu",
    .summary = "least frequently used of a few sampled keys with a ttl",
    .parameters = pool_parameters,
    .redis = &own,
    .scope = SCOPE_VOLATILE,
    .state_size = sizeof(struct pool),
    .entry_size = sizeof(struct lfu),
    .samples = true,
    .added = added,
    .read = touch,
    .written = touch,
    .victim = victim,
    .candidates = candidates,
    .score = "counter",
};

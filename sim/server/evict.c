/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evict: the out-of-memory gate, performEvictions of evict.c.
 *
 * The amount to free is fixed when the loop starts, and only the bytes that the deletions free are counted against it.
 * If the policy has no victim the gate fails. If the time limit (tenacity) ends the loop the gate does not fail: the
 * command runs, memory exceeds the limit, and a timer goes on evicting. */
#include "sim/server/evict.h"

#include "sim/elementary.h"
#include "sim/hooks.h"
#include "sim/server/key_share.h"
#include "sim/server/keyspace.h"
#include "sim/server/survey.h"
#include "sim/server/values/encoding.h"

#include <math.h>

enum {
    CHECK_EVERY = 16, /* keys between two checks of the time */
    TIMER_BYTES = 64, /* aeTimeEvent */
};

/* As evictionTimeLimitUs. */
static double time_limit_us(uint32_t tenacity)
{
    if (tenacity <= 10)
        return 50.0 * tenacity;
    if (tenacity < 100)
        return 500.0 * elementary_pow(1.15, tenacity - 10.0);
    return INFINITY;
}

static uint64_t timer_bytes(const struct redis *redis)
{
    return allocator_class(redis->allocator, TIMER_BYTES);
}

/* If the loop has stopped early, the next command would go on with it. But there may be no next command, and the memory
 * must be freed all the same. So a timer, which is due at once, goes on evicting between commands until there is room
 * or no victim. */
void evict_start_timer(struct redis *redis)
{
    if (redis->eviction_timer_runs)
        return;
    redis->eviction_timer_runs = true;
    redis->timer_bytes += timer_bytes(redis);
    redis->used += timer_bytes(redis);
}

void evict_run_timer(struct redis *redis)
{
    uint64_t ended = redis->timer_bytes - (redis->eviction_timer_runs ? timer_bytes(redis) : 0);

    redis->timer_bytes -= ended;
    redis->used -= ended;
    if (redis->eviction_timer_runs && !event_is_scheduled(&redis->eviction_timer) &&
        evict_to_limit(redis) != EVICT_RUNNING)
        redis->eviction_timer_runs = false;
}

/* Returns the policy's answer if that key may be evicted. Otherwise the run fails, and NO_KEY is returned. */
static uint32_t checked(struct redis *redis, const char *hook, uint32_t id)
{
    if (id == NO_KEY || (id < redis->key_count && redis->eviction.view->is_candidate(redis, id, redis->eviction.scope)))
        return id;
    return policy_reject(&redis->eviction, redis->cell, &(struct wrong_answer){hook, id, redis->key_count},
                         redis->error);
}

/* The policy is asked again for each key, even if it has several in its pool. The keys of a pool were scored when they
 * came in. They may have been used or deleted since, and a fresh sample may be better. */
uint32_t evict_next_victim(struct redis *redis)
{
    uint32_t id = redis->named;

    redis->named = NO_KEY;
    if (id != NO_KEY || redis->eviction.scope == SCOPE_NONE)
        return id;
    redis->eviction.met_spared_only = false;
    return checked(redis, "victim", redis->eviction.policy->victim(&redis->eviction));
}

/* There is no victim. Where only blessed keys were met, more memory is tolerated: up to a quarter of maxmemory. */
static enum evict_result without_victim(const struct redis *redis)
{
    enum { OVERUSE_DIVISOR = 4 };

    return redis->eviction.met_spared_only &&
                   counted_memory(redis) <= redis->maxmemory + redis->maxmemory / OVERUSE_DIVISOR
               ? EVICT_OK
               : EVICT_FAIL;
}

/* The victim's buckets are fetched, and those of the pool's next, which is likely to be the next victim; of the one behind
 * that, the entry. */
__attribute__((always_inline)) static inline void fetch_victims(const struct redis *redis, uint32_t victim)
{
    enum { VICTIM, NEXT, LATER, SHOWN };
    struct policy_candidate shown[SHOWN];
    const struct policy *policy = redis->eviction.policy;
    int count = policy->redis && policy->candidates ? policy->candidates(&redis->eviction, shown, SHOWN) : 0;

    key_prefetch_removal(redis, victim);
    if (count > NEXT)
        key_prefetch_removal(redis, shown[NEXT].id);
    if (count > LATER)
        __builtin_prefetch(entry_of(redis, shown[LATER].id));
}

static void evict(struct redis *redis, uint32_t id)
{
    key_evict(redis, id);
    redis->counters.evicted_keys++;
    moment_note(&redis->moments.first_eviction_us, redis->now_us);
}

void evict_surplus(struct redis *redis)
{
    uint32_t id;

    while (redis->eviction.policy->surplus &&
           (id = checked(redis, "surplus", redis->eviction.policy->surplus(&redis->eviction))) != NO_KEY)
        evict(redis, id);
}

/* What a thread frees of it, which the loop does not see. */
static uint64_t freed_lazily(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);

    if (!redis->profile->frees_lazily || entry_free_effort(entry) <= LAZY_EFFORT)
        return 0;
    return entry_value_bytes(redis, entry);
}

/* Every command of every client passes this gate, also PING and GET: its arguments take memory before it runs, and
 * memory that other connections took shows at the next command, whoever sends it.
 *
 * The amount to free is fixed at the start. Only the bytes that the deletions free are counted, key by key: comparing
 * memory as a whole would also count what others free meanwhile. The cost of the deletions is not counted either: the
 * DELs that replicas are sent take memory, which the next call finds. So a large buffer that exists for a moment leads
 * to the eviction of as many bytes of keys, although it would have been freed soon.
 *
 * A server that frees lazily (Valkey) gives a value of many blocks to a thread, and what that frees is not counted: so more keys
 * go. After every 16th key it looks whether there is room by now. How soon there is depends on the machine: of 96 sorted sets on a
 * busy one the thread had freed 13 by the 16th key, 30 by the 64th, 41 at all. Here it has freed at one look what it was given before the
 * one before.
 *
 * Keys that BLESS keeps (Redis 8.12) are never victims. When the policy has drawn nothing else for eight rounds, the gate lets
 * commands pass up to 1.25 times maxmemory, and fails above.
 *
 * After a lowered maxmemory, or when a table has doubled, thousands of keys must go. One command should not wait for
 * all of them. So the loop checks the time after every 16th key. When its time is over the command runs, and a timer
 * does the rest. Therefore a server that has keys to evict refuses nothing, and may exceed its limit by far: ten SETs
 * of 1 MB each were all accepted, and the server was 8.8 MB over its limit for a tenth of a second. A write is refused
 * only when no key may be evicted. */
static enum evict_result free_bytes(struct redis *redis, uint64_t bytes)
{
    double us_per_key = redis->options->speed.deletions ? 1e6 / (double)redis->options->speed.deletions : 0, us = 0;
    int64_t to_free = (int64_t)bytes, freed = 0;
    uint64_t with_thread = 0; /* bytes, since the last look */
    unsigned evicted = 0;

    moment_note(&redis->moments.full_after_us, redis->now_us);
    if (redis->eviction.scope == SCOPE_NONE)
        return EVICT_FAIL;
    survey_evicts(redis);
    while (freed < to_free) {
        uint32_t id = evict_next_victim(redis);
        uint64_t before = redis->used, lazily;

        if (id == NO_KEY)
            return without_victim(redis);
        fetch_victims(redis, id);
        lazily = freed_lazily(redis, id);
        us += us_per_key + (lazily ? 0 : entry_free_us(redis, entry_of(redis, id)));
        evict(redis, id);
        freed += (int64_t)(before - redis->used - lazily);
        with_thread += lazily;
        if (replication_is_on(&redis->replication))
            replication_delete(&redis->replication, entry_of(redis, id)->db, key_length(redis, id));
        if (++evicted % CHECK_EVERY)
            continue;
        replication_write(&redis->replication); /* flushSlavesOutputBuffers */
        if (redis->profile->frees_lazily && counted_memory(redis) + with_thread <= redis->maxmemory)
            break;
        with_thread = 0;
        if (us > time_limit_us(redis->config.maxmemory_eviction_tenacity)) {
            evict_start_timer(redis);
            if (!event_is_scheduled(&redis->eviction_timer))
                event_schedule(&redis->events, &redis->eviction_timer, redis->now_us + (int64_t)us + 1);
            break;
        }
    }
    return redis->eviction_timer_runs ? EVICT_RUNNING : EVICT_OK;
}

/* A part of the keys: while the command runs, its arguments and buffers take what they take, and the rest is the keys' part. */
static enum evict_result free_share(struct redis *redis)
{
    uint64_t at_rest = redis->maxmemory, used = counted_memory(redis);
    enum evict_result result = EVICT_OK;

    key_share_settle(redis);
    if (used > redis->maxmemory)
        result = free_bytes(redis, used - redis->maxmemory);
    redis->maxmemory = at_rest;
    return result;
}

enum evict_result evict_bytes(struct redis *redis, uint64_t bytes)
{
    memory_peak_allocated(&redis->peak, redis->used + redis->arguments);
    return redis->options->key_parts > 1 ? free_share(redis) : free_bytes(redis, bytes);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache: the objects of a flat cache, and what brings them in and takes them out.
 *
 * Bytes are counted here and nowhere else. The policy is told of every change of an object, by its hooks. Two may keep
 * an object out: the admission rule, which whoever executes the request asks first (cache_lets_in), and then the policy
 * itself, which cache_insert asks. */
#ifndef SIM_FLAT_CACHE_H
#define SIM_FLAT_CACHE_H

#include "sim/flat/state.h"
#include "sim/hooks.h"

/* Makes room for the entries of ids below key_count. */
void cache_reserve(struct flat *flat, uint32_t key_count);
void cache_release(struct flat *flat);

/* Adds an absent object if it fits, the policy admits it, and victims make room. Else the write is counted as
 * refused, or as not admitted. */
void cache_insert(struct flat *flat, uint32_t id, uint32_t size);
/* Whether nothing but objects and the policy is kept; and the same for such a cache, faster. A ttl ends it. */
bool cache_is_bare(const struct flat *flat);
void cache_insert_bare(struct flat *flat, uint32_t id, uint32_t size);
/* Writes a resident object with another size. It may be its own victim; then it is added anew. */
void cache_resize(struct flat *flat, uint32_t id, uint32_t size);
/* Removes a resident object, for another reason than eviction. */
void cache_remove(struct flat *flat, uint32_t id, enum miss_cause cause);
/* Why the object is absent, from now on. */
static inline void cache_note_absence(struct flat *flat, uint32_t id, enum miss_cause cause)
{
    object_of(flat, id)->absence = absence_from(cause, flat->now_us);
}

/* When a resident object expires, in Unix ms. */
void cache_set_expire(struct flat *flat, uint32_t id, int64_t at_ms);
void cache_drop_expire(struct flat *flat, uint32_t id);

/* The policy's next victim. If the admission rule was told of one, it is that one. NO_KEY: there is none. */
uint32_t cache_next_victim(struct flat *flat);
/* Evicts until `more` bytes fit. False when the policy has nothing left to offer. */
bool cache_make_room(struct flat *flat, uint64_t more);
/* Evicts the keys that the policy wants to evict although there is room (policy.h, surplus). */
void cache_evict_surplus(struct flat *flat);

/* A resident object was touched: tells the policy by the hook given, which may be NULL. */
static inline void cache_hit(struct flat *flat, policy_hook_fn *hook, uint32_t id)
{
    policy_call(&flat->eviction, hook, id);
    if (flat->eviction.policy->surplus)
        cache_evict_surplus(flat);
}

static inline bool cache_has_ttl(const struct flat *flat, uint32_t id)
{
    return flat->expire_ms && flat->expire_position[id];
}

/* Whether a policy of that scope may name it. */
static inline bool cache_is_candidate(const struct flat *flat, uint32_t id, enum scope scope)
{
    return object_of(flat, id)->position && (scope != SCOPE_VOLATILE || cache_has_ttl(flat, id));
}

/* True when the key is there; an expired one goes. */
static inline bool cache_is_resident(struct flat *flat, uint32_t id)
{
    if (!object_of(flat, id)->position)
        return false;
    if (cache_has_ttl(flat, id) && flat->eviction.clock.unix_ms > flat->expire_ms[id]) {
        cache_remove(flat, id, MISS_EXPIRED_LAZILY);
        flat->counters.expired_keys++;
        if (__builtin_expect(flat->groups != NULL, 0))
            group_of_key(flat->groups, id)->expired_keys++;
        return false;
    }
    return true;
}

/* A read finds the object, or does not: with --miss-cost that is looked at. */
static inline void cache_note_read(struct flat *flat, uint32_t id, bool found)
{
    if (fetches_are_counted(&flat->fetches))
        fetches_note(&flat->fetches, id, flat->now_us, found);
}

/* A read finds the object absent: counts the cause. */
static inline void cache_count_miss(struct flat *flat, uint32_t id)
{
    struct object *object = object_of(flat, id);
    bool is_evicted = object->absence.cause == MISS_EVICTED;
    bool is_expired = is_evicted && flat->expire_ms && flat->eviction.clock.unix_ms > flat->expire_ms[id];

    absence_count(object->absence, &flat->counters, offsetof(struct counters, misses_cold));
    if (__builtin_expect(flat->groups != NULL, 0))
        group_missed(flat->groups, id, object->absence, is_expired);
    if (!is_evicted)
        return;
    evictions_note_missed(&flat->evictions, &object->absence, flat->now_us);
    flat->counters.misses_evicted_expired += is_expired;
}

/* A write is refused. */
static inline void cache_count_refused(struct flat *flat)
{
    flat->counters.oom_rejections++;
    moment_note(&flat->moments.first_oom_us, flat->now_us);
    if (__builtin_expect(flat->groups != NULL, 0))
        group_refused(flat->groups);
}

/* The object's group has so many keys, and bytes, more; or less. */
static inline void cache_count_in_group(struct flat *flat, uint32_t id, int keys, uint64_t bytes)
{
    if (__builtin_expect(!flat->groups, 1))
        return;
    group_of_key(flat->groups, id)->keys += (uint64_t)(int64_t)keys;
    group_of_key(flat->groups, id)->bytes += bytes;
}

/* By the admission rule in front of the policy. The object is absent. */
static inline bool cache_lets_in(struct flat *flat, uint32_t id, uint32_t size)
{
    if (admission_admits(&flat->admission, id, size))
        return true;
    flat->named = NO_KEY;
    flat->counters.not_admitted++;
    cache_note_absence(flat, id, MISS_NOT_ADMITTED);
    return false;
}

#endif

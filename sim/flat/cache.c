/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/cache.h"

#include "sim/alloc.h"
#include "sim/contract.h"

#include <stdlib.h>

static void reserve_expiring(struct flat *flat, uint32_t old, uint32_t capacity)
{
    flat->expire_ms = xrealloc_zero(flat->expire_ms, old * sizeof *flat->expire_ms, capacity * sizeof *flat->expire_ms);
    flat->expire_position = xrealloc_zero(flat->expire_position, old * sizeof *flat->expire_position,
                                          capacity * sizeof *flat->expire_position);
    id_set_reserve(&flat->expiring, old, capacity);
}

void cache_reserve(struct flat *flat, uint32_t key_count)
{
    uint32_t old = flat->capacity, capacity = grown_capacity(old, key_count);

    if (key_count <= old)
        return;
    flat->entries = xrealloc_zero_aligned(flat->entries, old * flat->stride, capacity * flat->stride);
    flat->eviction.entries = flat->entries + sizeof(struct object);
    if (flat->tracked)
        id_set_reserve(&flat->residents, old, capacity);
    if (flat->expire_ms)
        reserve_expiring(flat, old, capacity);
    flat->capacity = capacity;
}

void cache_release(struct flat *flat)
{
    free(flat->entries);
    free(flat->residents.ids);
    free(flat->expiring.ids);
    free(flat->expire_ms);
    free(flat->expire_position);
}

void cache_set_expire(struct flat *flat, uint32_t id, int64_t at_ms)
{
    if (!flat->expire_ms)
        reserve_expiring(flat, 0, flat->capacity);
    if (!flat->expire_position[id]) {
        flat->expire_position[id] = id_set_add(&flat->expiring, id);
        if (flat->groups)
            group_of_key(flat->groups, id)->expires++;
    }
    flat->expire_ms[id] = at_ms;
    policy_retimed(&flat->eviction, id);
}

static bool forget_expire(struct flat *flat, uint32_t id)
{
    uint32_t position, last;

    if (!cache_has_ttl(flat, id))
        return false;
    position = flat->expire_position[id];
    last = id_set_remove(&flat->expiring, position);
    flat->expire_position[last] = position;
    flat->expire_position[id] = 0;
    if (flat->groups)
        group_of_key(flat->groups, id)->expires--;
    return true;
}

void cache_drop_expire(struct flat *flat, uint32_t id)
{
    if (forget_expire(flat, id))
        policy_retimed(&flat->eviction, id);
}

/* What most of a run's requests need not be asked about, each time again: whether keys have groups or ttls, whether the
 * policy samples, or has a surplus. Functions of the way in and out are made twice, for a cache that is bare of all
 * that, and for any. */
#define ONE_OF_TWO static inline __attribute__((always_inline))

bool cache_is_bare(const struct flat *flat)
{
    return !flat->groups && !flat->expire_ms && !flat->tracked && !flat->eviction.policy->surplus;
}

/* Removes the object without calling the policy. */
ONE_OF_TWO void take_out(struct flat *flat, struct object *object, uint32_t id, bool is_bare)
{
    if (!is_bare && flat->tracked) {
        uint32_t last = id_set_remove(&flat->residents, object->position);

        object_of(flat, last)->position = object->position;
    }
    CONTRACT_DEBUG(object->position && flat->keys && object->size <= flat->used,
                   "a policy is told of a key that goes while it is there");
    object->position = 0;
    flat->used -= object->size;
    flat->keys--;
    if (is_bare)
        return;
    cache_count_in_group(flat, id, -1, 0 - (uint64_t)object->size);
    forget_expire(flat, id);
}

void cache_remove(struct flat *flat, uint32_t id, enum miss_cause cause)
{
    take_out(flat, object_of(flat, id), id, false);
    cache_note_absence(flat, id, cause);
    policy_removed(&flat->eviction, id);
}

/* Returns the policy's answer if that key may be evicted. Otherwise the run fails, and NO_KEY is returned. */
static inline uint32_t checked(struct flat *flat, const char *hook, uint32_t id)
{
    if (id == NO_KEY || (id < flat->key_count && cache_is_candidate(flat, id, flat->eviction.scope)))
        return id;
    return policy_reject(&flat->eviction, flat->config, &(struct wrong_answer){hook, id, flat->key_count}, flat->error);
}

uint32_t cache_next_victim(struct flat *flat)
{
    uint32_t id = flat->named;

    flat->named = NO_KEY;
    if (id != NO_KEY || flat->eviction.scope == SCOPE_NONE)
        return id;
    return checked(flat, "victim", flat->eviction.policy->victim(&flat->eviction));
}

ONE_OF_TWO void evict(struct flat *flat, uint32_t id, bool is_bare)
{
    struct object *object = object_of(flat, id);

    if (!is_bare && flat->groups)
        group_evicted(flat->groups, id);
    if (!is_bare && cache_has_ttl(flat, id))
        evictions_note_ttl(&flat->evictions, flat->expire_ms[id] - flat->eviction.clock.unix_ms);
    else if (!is_bare && flat->expire_ms)
        flat->expire_ms[id] = INT64_MAX;
    take_out(flat, object, id, is_bare);
    object->absence = absence_from(MISS_EVICTED, flat->now_us);
    policy_evicted(&flat->eviction, id);
    flat->counters.evicted_keys++;
    moment_note(&flat->moments.first_eviction_us, flat->now_us);
}

void cache_evict_surplus(struct flat *flat)
{
    uint32_t id;

    while (flat->eviction.policy->surplus &&
           (id = checked(flat, "surplus", flat->eviction.policy->surplus(&flat->eviction))) != NO_KEY)
        evict(flat, id, false);
}

ONE_OF_TWO bool make_room(struct flat *flat, uint64_t more, bool is_bare)
{
    while (flat->used + more > flat->maxmemory && flat->maxmemory) {
        uint32_t id;

        moment_note(&flat->moments.full_after_us, flat->now_us);
        flat->wanted = more;
        id = cache_next_victim(flat);
        if (id == NO_KEY)
            return false;
        evict(flat, id, is_bare);
    }
    if (!is_bare && flat->eviction.policy->surplus)
        cache_evict_surplus(flat);
    return true;
}

bool cache_make_room(struct flat *flat, uint64_t more)
{
    return make_room(flat, more, false);
}

/* Asks the policy, not the admission rule. */
static bool is_admitted(struct flat *flat, uint32_t id)
{
    const struct policy *policy = flat->eviction.policy;

    return !policy->admits || policy->admits(&flat->eviction, id);
}

ONE_OF_TWO void insert(struct flat *flat, uint32_t id, uint32_t size, bool is_bare)
{
    struct object *object = object_of(flat, id);

    flat->counters.writes++;
    flat->eviction.arriving_bytes = size;
    policy_arriving(&flat->eviction, id);
    if (flat->maxmemory && size > flat->maxmemory) {
        flat->named = NO_KEY;
        cache_count_refused(flat);
        cache_note_absence(flat, id, MISS_REFUSED);
        return;
    }
    if (!is_admitted(flat, id)) {
        flat->named = NO_KEY;
        flat->counters.not_admitted++;
        cache_note_absence(flat, id, MISS_NOT_ADMITTED);
        return;
    }
    if (!make_room(flat, size, is_bare)) {
        cache_count_refused(flat);
        cache_note_absence(flat, id, MISS_REFUSED);
        return;
    }
    CONTRACT_DEBUG(!object->position && id < flat->key_count,
                   "a policy is told of a key that comes when it is not there");
    object->size = size;
    object->position = !is_bare && flat->tracked ? id_set_add(&flat->residents, id) : 1;
    flat->used += size;
    flat->keys++;
    if (!is_bare)
        cache_count_in_group(flat, id, 1, size);
    policy_added(&flat->eviction, id);
    if (flat->used > flat->counters.used_memory_peak)
        flat->counters.used_memory_peak = flat->used;
}

void cache_insert(struct flat *flat, uint32_t id, uint32_t size)
{
    insert(flat, id, size, false);
}

void cache_insert_bare(struct flat *flat, uint32_t id, uint32_t size)
{
    insert(flat, id, size, true);
}

void cache_resize(struct flat *flat, uint32_t id, uint32_t size)
{
    struct object *object = object_of(flat, id);

    flat->counters.writes++;
    if ((flat->maxmemory && size > flat->maxmemory) ||
        (size > object->size && !cache_make_room(flat, size - object->size))) {
        cache_count_refused(flat);
        return;
    }
    if (!object->position) { /* the object was evicted to make room for itself */
        flat->counters.writes--;
        cache_insert(flat, id, size);
        return;
    }
    flat->used += size;
    flat->used -= object->size;
    cache_count_in_group(flat, id, 0, (uint64_t)size - object->size);
    object->size = size;
    cache_hit(flat, flat->eviction.policy->written, id);
    if (flat->used > flat->counters.used_memory_peak)
        flat->counters.used_memory_peak = flat->used;
}

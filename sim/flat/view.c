/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/view.h"

#include "sim/flat/cache.h"

static const struct id_set *set_in_scope(const struct flat *flat, enum scope scope)
{
    return scope == SCOPE_VOLATILE ? &flat->expiring : &flat->residents;
}

static uint32_t view_candidates(const void *keyspace, int db, enum scope scope)
{
    (void)db;
    return set_in_scope(keyspace, scope)->count;
}

static bool view_is_candidate(const void *keyspace, uint32_t id, enum scope scope)
{
    return cache_is_candidate(keyspace, id, scope);
}

static uint32_t view_random_key(void *keyspace, int db, enum scope scope)
{
    const struct flat *flat = keyspace;
    const struct id_set *set = set_in_scope(flat, scope);

    (void)db;
    return set->ids[gsl_rng_uniform_int(flat->rng, set->count)];
}

static int view_sample(void *keyspace, int db, enum scope scope, int want, uint32_t *ids)
{
    uint32_t count = view_candidates(keyspace, db, scope);

    if ((uint32_t)want > count)
        want = (int)count;
    for (int i = 0; i < want; i++)
        ids[i] = view_random_key(keyspace, db, scope);
    return want;
}

static int64_t view_expire_ms(const void *keyspace, uint32_t id)
{
    return ((const struct flat *)keyspace)->expire_ms[id];
}

static uint64_t view_size(const void *keyspace, uint32_t id)
{
    return object_of(keyspace, id)->size;
}

static uint64_t view_capacity(const void *keyspace, uint64_t held)
{
    const struct flat *flat = keyspace;

    if (!flat->maxmemory)
        return UINT64_MAX;
    return flat->eviction.scope == SCOPE_VOLATILE ? held + flat->maxmemory - flat->used : flat->maxmemory;
}

const struct keyspace_view flat_view = {
    .candidates = view_candidates,
    .is_candidate = view_is_candidate,
    .sample = view_sample,
    .random_key = view_random_key,
    .expire_ms = view_expire_ms,
    .size = view_size,
    .capacity = view_capacity,
};

/* ---- the view of admission rules ---- */

static uint32_t view_victim(void *owner, uint64_t bytes)
{
    struct flat *flat = owner;

    if (!flat->maxmemory || flat->used + bytes <= flat->maxmemory)
        return NO_KEY;
    flat->wanted = bytes;
    return flat->named = cache_next_victim(flat);
}

static uint64_t view_room(void *owner)
{
    return view_capacity(owner, 0);
}

static uint64_t view_keys(void *owner)
{
    return ((const struct flat *)owner)->keys;
}

const struct admission_view flat_admission_view = {
    .victim = view_victim,
    .capacity = view_room,
    .keys = view_keys,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/bless.h"

#include "sim/alloc.h"
#include "sim/hooks.h"
#include "sim/server/values/object.h"

#include <stdlib.h>

static void link_index(struct redis *redis)
{
    for (int db = 0; db < redis->database_ready; db++)
        redis->databases[db].blessed.dict.links = (char *)redis->blessed_links;
}

void bless_reserve(struct redis *redis, uint32_t before, uint32_t capacity)
{
    if (!redis->blessings)
        return;
    redis->blessings = xrealloc_zero(redis->blessings, before, capacity);
    redis->blessed_links = xrealloc_zero(redis->blessed_links, before * sizeof(uint32_t), capacity * sizeof(uint32_t));
    link_index(redis);
}

void bless_release(struct redis *redis)
{
    free(redis->blessings);
    free(redis->blessed_links);
}

uint64_t bless_count(const struct redis *redis)
{
    uint64_t count = 0;

    for (int db = 0; db < redis->database_ready; db++)
        count += table_count(&redis->databases[db].blessed);
    return count;
}

void bless_settle(struct redis *redis)
{
    redis->eviction.spares_keys = redis->policy->redis && redis->blessings && bless_count(redis);
}

void bless_retimed(struct redis *redis, uint32_t id, int change)
{
    if (key_is_blessed(redis, id))
        database_of(redis, entry_of(redis, id))->blessed_with_ttl += (uint32_t)change;
}

/* ---- the index ---- */

static uint64_t name_bytes(const struct redis *redis, uint32_t id)
{
    return sds_bytes(redis->allocator, key_length(redis, id));
}

/* As blessedSetPut: the name is copied before the table may grow, which it may whatever maxmemory is. */
static void add_to_index(struct redis *redis, uint32_t id)
{
    struct database *database = database_of(redis, entry_of(redis, id));

    table_find(&database->blessed, id);
    redis->used += name_bytes(redis, id);
    database->blessed_names += name_bytes(redis, id);
    table_add(&database->blessed, id);
    redis->used += redis->entry_bytes;
}

/* As blessedSetDel. */
static void remove_from_index(struct redis *redis, uint32_t id)
{
    struct database *database = database_of(redis, entry_of(redis, id));

    table_find(&database->blessed, id);
    redis->used -= name_bytes(redis, id) + redis->entry_bytes; /* freed before the table may shrink */
    database->blessed_names -= name_bytes(redis, id);
    table_remove(&database->blessed, id);
}

uint64_t bless_index_bytes(const struct redis *redis, const struct database *database)
{
    return database->blessed_names + table_count(&database->blessed) * redis->entry_bytes;
}

/* ---- keys ---- */

/* From now on the key may be evicted, or not. */
static void turn(struct redis *redis, uint32_t id, bool is_kept)
{
    struct entry *entry = entry_of(redis, id);

    redis->blessings[id] ^= BLESSING_KEPT;
    database_of(redis, entry)->blessed_with_ttl += entry->expire_ms == NO_EXPIRE ? 0 : is_kept ? 1U : -1U;
    if (is_kept)
        add_to_index(redis, id);
    else
        remove_from_index(redis, id);
    bless_settle(redis);
}

void bless_begin(struct redis *redis)
{
    if (redis->blessings)
        return;
    redis->blessings = xcalloc(redis->capacity, 1);
    redis->blessed_links = xcalloc(redis->capacity, sizeof *redis->blessed_links);
    link_index(redis);
}

void bless_keep(struct redis *redis, uint32_t id)
{
    turn(redis, id, true);
    if (!redis->policy->redis)
        policy_removed(&redis->eviction, id);
}

bool bless_clear(struct redis *redis, uint32_t id)
{
    if (!key_is_blessed(redis, id))
        return false;
    turn(redis, id, false);
    if (!redis->policy->redis)
        policy_added(&redis->eviction, id);
    return true;
}

void bless_overwritten(struct redis *redis, uint32_t id)
{
    if (!key_is_blessed(redis, id))
        return;
    remove_from_index(redis, id);
    add_to_index(redis, id);
}

bool bless_forget(struct redis *redis, uint32_t id)
{
    bool was_hidden = key_is_hidden(redis, id);

    if (!redis->blessings)
        return false;
    if (key_is_blessed(redis, id))
        turn(redis, id, false);
    return was_hidden;
}

void bless_flush(struct redis *redis, struct database *database, bool anew)
{
    if (!redis->blessings)
        return;
    redis->used -= bless_index_bytes(redis, database);
    table_clear(&database->blessed, anew);
    database->blessed_names = database->blessed_with_ttl = 0;
    bless_settle(redis);
}

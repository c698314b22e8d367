/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/hash_expires.h"

#include <assert.h>

static struct eb_item *item_of_key(void *owner, uint32_t id)
{
    return &field_ttls_of(entry_of(owner, id))->hash;
}

void hash_expires_init(struct redis *redis, struct database *database)
{
    ebuckets_init(&database->field_expires, redis->allocator, &redis->used, item_of_key, redis);
}

static struct table *listed_of(struct redis *redis, struct entry *entry)
{
    return &database_of(redis, entry)->volatile_hashes;
}

void hash_expires_settle(struct redis *redis, struct entry *entry)
{
    struct field_ttls *ttls = field_ttls_of(entry);
    bool has_volatile = ttls && !volatile_set_is_empty(&ttls->set);

    if (!ttls || ttls->is_listed == has_volatile)
        return;
    ttls->is_listed = has_volatile;
    if (has_volatile)
        table_add(listed_of(redis, entry), entry_id(redis, entry));
    else
        table_remove(listed_of(redis, entry), entry_id(redis, entry));
}

void hash_expires_note(struct redis *redis, struct entry *entry, int64_t ms)
{
    if (has_spans(redis))
        hash_expires_settle(redis, entry);
    else if (ms != EB_NEVER)
        ebuckets_add(&database_of(redis, entry)->field_expires, entry_id(redis, entry), ms);
}

void hash_expires_remove(struct redis *redis, struct entry *entry)
{
    struct field_ttls *ttls = field_ttls_of(entry);

    assert(ttls);
    if (ttls->is_listed)
        table_remove(listed_of(redis, entry), entry_id(redis, entry));
    else
        ebuckets_remove(&database_of(redis, entry)->field_expires, entry_id(redis, entry));
    ttls->is_listed = false;
}

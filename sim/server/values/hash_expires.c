/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/hash_expires.h"

static struct eb_item *item_of_key(void *owner, uint32_t id)
{
    return &field_ttls_of(entry_of(owner, id))->hash;
}

void hash_expires_init(struct redis *redis, struct database *database)
{
    ebuckets_init(&database->field_expires, redis->allocator, &redis->used, item_of_key, redis);
}

void hash_expires_note(struct redis *redis, struct entry *entry, int64_t ms)
{
    if (ms != EB_NEVER)
        ebuckets_add(&database_of(redis, entry)->field_expires, entry_id(redis, entry), ms);
}

void hash_expires_remove(struct redis *redis, struct entry *entry)
{
    ebuckets_remove(&database_of(redis, entry)->field_expires, entry_id(redis, entry));
}

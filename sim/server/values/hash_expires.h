/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash_expires: the hashes of a database whose fields expire, in the order in which they do (db->hexpires). In Valkey they
 * are in a table, in no order (db->keys_with_volatile_items): then a hash is in it as long as a field of it has a ttl. */
#ifndef SIM_SERVER_VALUES_HASH_EXPIRES_H
#define SIM_SERVER_VALUES_HASH_EXPIRES_H

#include "sim/server/values/collection.h"
#include "sim/server/values/field_ttls.h"

void hash_expires_init(struct redis *redis, struct database *database);

/* Of a hash whose fields may have ttls, else NULL. */
static inline struct field_ttls *field_ttls_of(const struct entry *entry)
{
    if (entry->encoding != ENCODING_HASH_LISTPACK_EX && entry->encoding != ENCODING_HASH_TABLE)
        return NULL;
    return ((const struct collection *)entry->structure)->ttls;
}

/* When the database believes that a field of it expires; EB_NEVER: it knows of none. In Valkey it knows no time. */
static inline int64_t hash_expires_ms(const struct entry *entry)
{
    const struct field_ttls *ttls = field_ttls_of(entry);

    if (ttls && ttls->is_listed)
        return 0;
    return ttls && eb_item_is_in(&ttls->hash) ? ttls->hash.ms : EB_NEVER;
}

/* The hash, of which it knows nothing, is noted; not for EB_NEVER, and in Valkey not if no field has a ttl. */
void hash_expires_note(struct redis *redis, struct entry *entry, int64_t ms);
/* The hash, which is noted, is forgotten. */
void hash_expires_remove(struct redis *redis, struct entry *entry);
/* Any entry is forgotten, if it was noted. Returns what hash_expires_ms said. */
static inline int64_t hash_expires_forget(struct redis *redis, struct entry *entry)
{
    int64_t ms = hash_expires_ms(entry);

    if (ms != EB_NEVER)
        hash_expires_remove(redis, entry);
    return ms;
}
/* Valkey: the hash is listed if a field of it has a ttl, and else it is not (dbUpdateObjectWithVolatileItemsTracking). */
void hash_expires_settle(struct redis *redis, struct entry *entry);

#endif

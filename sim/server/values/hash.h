/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash: fields and their values, in a listpack while they are few and short, else in a table.
 *
 * Since 7.4 a field may have a ttl. The listpack is then one of another kind, and stays it when the last ttl is gone. Valkey
 * since 9.0 makes a table of it. There nobody sees a field that has expired, though it counts, until the cycle deletes it.
 *
 * Source: t_hash.c. */
#ifndef SIM_SERVER_VALUES_HASH_H
#define SIM_SERVER_VALUES_HASH_H

#include "sim/server/values/collection.h"
#include "sim/server/values/field_ttls.h"
#include "sim/server/values/object.h"

/* An empty hash, whose bytes count as arguments until a key holds it. */
struct value hash_new(struct redis *redis);

static inline struct collection *hash_of(const struct entry *entry)
{
    return entry->structure;
}

/* hashTypeTryConversion: a hash that is about to take these elements becomes a table if one of them is long, or there are
 * too many. */
void hash_expect(struct redis *redis, struct entry *entry, const struct element *elements, uint32_t count);
/* The field's slot, NO_SLOT; a lookup as the server does it. */
uint32_t hash_find(struct redis *redis, struct entry *entry, uint32_t field);
/* hashTypeRandomElement: the slot of a field, of a hash that has some. */
uint32_t hash_random(struct redis *redis, struct entry *entry);
/* hashTypeSet. `number` is the value's if it is one, by its kind. The field has no ttl afterwards, unless it keeps the one
 * that it has. True: it is new, or had expired. */
bool hash_set(struct redis *redis, struct entry *entry, uint32_t field, struct text value, int64_t number,
              bool keeps_ttl);
/* hashTypeDelete; false: there is no such field. */
bool hash_delete(struct redis *redis, struct entry *entry, uint32_t field);
/* Likewise a field that has expired already, of which nobody sees anything. */
bool hash_delete_past_too(struct redis *redis, struct entry *entry, uint32_t field);

/* ---- ttls of fields ---- */

/* When the field in the slot expires, in Unix ms; EB_NEVER. */
static inline int64_t hash_ttl_ms(const struct entry *entry, uint32_t slot)
{
    const struct collection *hash = hash_of(entry);

    return hash->ttls ? hash->ttls->item[slot].ms : EB_NEVER;
}

/* It has expired, though it is still there. */
static inline bool hash_is_past(const struct redis *redis, const struct entry *entry, uint32_t slot)
{
    return hash_ttl_ms(entry, slot) < redis->unix_ms;
}

/* COPY in Valkey leaves out what has expired, and if that is all of it, makes a hash without fields: it is there until a command
 * deletes a field of it, which none can, or HMGET reads it. */
static inline bool hash_may_be_empty(const struct redis *redis)
{
    return has_spans(redis);
}

/* hashTypeSetExInit: fields may have ttls from now on. */
void hash_keep_ttls(struct redis *redis, struct entry *entry);
/* The field in the slot expires then, or never; it may be in another slot afterwards. */
void hash_set_ttl(struct redis *redis, struct entry *entry, uint32_t slot, int64_t ms);
/* hashTypeGetMinExpire: when the first field expires; EB_NEVER. */
int64_t hash_first_ms(const struct entry *entry);
/* hashTypeExpire: fields that have expired go, so many at most; each is told of, with the length of its name, before it
 * goes. Returns how many. */
typedef void hash_gone_fn(struct redis *redis, const struct entry *entry, uint32_t length);
uint64_t hash_expire(struct redis *redis, struct entry *entry, uint64_t most, hash_gone_fn *gone);
/* How many of its fields have expired, and are still there. */
uint32_t hash_past_count(const struct redis *redis, const struct entry *entry);

/* rdbLoadObject: a hash of so many fields, which no key holds yet. Its bytes are in used_memory, without the object's. Where
 * fields have ttls, Redis makes no room for those of a long one beforehand. */
struct entry hash_load(struct redis *redis, bool is_listpack, bool has_ttls, const struct element *elements,
                       uint32_t count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash: fields and their values, in a listpack while they are few and short, else in a table.
 *
 * Source: t_hash.c. */
#ifndef SIM_SERVER_VALUES_HASH_H
#define SIM_SERVER_VALUES_HASH_H

#include "sim/server/values/collection.h"
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
/* hashTypeSet. `number` is the value's if it is one, by its kind. True: the field is new. */
bool hash_set(struct redis *redis, struct entry *entry, uint32_t field, struct text value, int64_t number);
/* hashTypeDelete; false: there is no such field. */
bool hash_delete(struct redis *redis, struct entry *entry, uint32_t field);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set: members without values: an intset while they are integers and not too many, a listpack while they are few and
 * short (since 7.2), else a table.
 *
 * The functions work on an entry, which need not be a key's: what SINTERSTORE and its like make is one in the making.
 *
 * Source: t_set.c. */
#ifndef SIM_SERVER_VALUES_SET_H
#define SIM_SERVER_VALUES_SET_H

#include "sim/server/values/collection.h"
#include "sim/server/values/object.h"

static inline struct collection *set_of(const struct entry *entry)
{
    return entry->structure;
}

/* An empty set in this encoding, with room for so many members if it is a table (0: as they come). Its bytes are in
 * used_memory, without the object's. */
struct entry set_begin(struct redis *redis, enum encoding encoding, uint64_t expected);
/* setTypeCreate: a set that is to hold this member, the first of `members` that a command brings. */
struct entry set_create(struct redis *redis, uint32_t member, uint64_t members);
/* As a value that a key is about to hold: its bytes count as arguments until then. */
struct value set_hand_over(struct redis *redis, const struct entry *set);
/* It is freed. */
void set_discard(struct redis *redis, struct entry *set);

/* rdbLoadObject: a set of so many members, as a payload of this kind has them. */
struct entry set_load(struct redis *redis, enum payload_kind kind, const struct element *elements, uint32_t count);

/* setTypeMaybeConvert: a command brings so many members to a set that is there. */
void set_expect(struct redis *redis, struct entry *set, uint64_t members);
/* setTypeAdd; false: it is there already. */
bool set_add(struct redis *redis, struct entry *set, uint32_t member);
/* setTypeRemove; false: it is not there. */
bool set_remove(struct redis *redis, struct entry *set, uint32_t member);
/* setTypeRandomElement. The set is not empty. */
uint32_t set_random(struct redis *redis, struct entry *set);
/* maybeConvertToIntset: all its members are integers. */
void set_become_intset(struct redis *redis, struct entry *set);
/* setTypeIsMember, with the step of a lookup. */
bool set_has(struct redis *redis, struct entry *set, uint32_t member);

#endif

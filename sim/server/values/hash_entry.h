/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash_entry: a field and its value in one block, as Valkey keeps them since 8.1, and Redis since 8.6.
 *
 *     | header of 1 or more | field | NUL | header 3 | value | NUL | free |         128 bytes at most
 *     | pointer 8 | header of 3 or more | field | NUL |   +   sds of the value      what is longer
 *
 * A ttl (Valkey 9.0) stands before them, 8 bytes more (Redis: 16), and the header has room for a mark that it is there: 3 bytes
 * or more.
 *
 * Another value goes into the block of the one before if it fits and leaves no more than a quarter free: so what an
 * entry weighs depends on what it held. What must fit is the whole in Valkey; in Redis it is the value, into the room that
 * its header says, which is what the first one needed.
 *
 * Source: entryCreate, entryUpdate (entry.c of Redis 8.6.3), hashTypeCreateEntry, hashTypeEntryReplaceValue (t_hash.c of Valkey 8.1), entryReqSize, entryUpdate (entry.c of
 * Valkey 9.1). */
#ifndef SIM_SERVER_VALUES_HASH_ENTRY_H
#define SIM_SERVER_VALUES_HASH_ENTRY_H

#include "sim/server/state.h"

/* What *block is: how many times 8 bytes the one block has; in Redis, the bytes of the value's room with its header. */
enum { HASH_ENTRY_APART = 0 /* the value is apart */, HASH_ENTRY_UNIT = 8 };

/* What an entry holds: lengths of its texts. */
struct hash_entry {
    uint64_t field, value;
    bool has_ttl;
};

/* Bytes of the blocks of a new entry, and what to note of it. */
uint64_t hash_entry_new(const struct redis *redis, struct hash_entry entry, uint8_t *block);
/* Likewise, of the entry noted as *block, whose value becomes this one. */
uint64_t hash_entry_replace(const struct redis *redis, struct hash_entry entry, uint8_t *block);
/* Of an entry as it is. */
uint64_t hash_entry_bytes(const struct redis *redis, struct hash_entry entry, uint8_t block);

/* Likewise of Redis's, without what the allocator adds to the entry's own block. */
uint64_t hash_entry_asked_for(const struct redis *redis, struct hash_entry entry, uint8_t block);

#endif

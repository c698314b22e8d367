/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys: every key of the trace becomes a dense id, once.
 *
 * Ids count from 0 in order of first appearance, so that everything after the reader is an array
 * indexed by id. A key is its database and its name. A numeric key is kept exactly. Of a text key 95 bits of
 * its name's XXH3 hash are kept, and the database is added to them:
 *
 *     hash = low 64 bits of the name's hash + database * odd constant      tag = 31 of the high bits
 *
 * The same name in two databases never collides: the tags are equal, and the hashes differ, for an odd number has no
 * two equal multiples below 2^64. Two names collide, in whichever databases, if one chosen value of 95 bits comes out
 * of the hash: for any two of n keys with a probability below n^2 / 2^96, which is 10^-13 for a hundred million keys
 * and 10^-11 for a thousand million. (The database must not be the hash's seed: XXH3 mixes a seed into keys of 4 to 8
 * bytes by exclusive or, where it cancels against the key's own bytes.)
 *
 * Costs 16 bytes a slot at a load of at most 1/2, shared by all cells. Names are kept only on request
 * (keys_keep_names). */
#ifndef SIM_INPUT_KEYS_H
#define SIM_INPUT_KEYS_H

#include "sim/request.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_slot {
    uint64_t hash; /* of a text, or the number itself */
    uint32_t tag;  /* more bits of the hash, or the database */
    uint32_t id;   /* 1 + id; 0: free */
};

struct key_patterns;
struct key_names;
struct key_groups;
struct key_slots;

struct keys {
    struct key_slot *slots;
    uint64_t mask;
    uint32_t count;                /* ids given out */
    struct key_patterns *patterns; /* told of new keys; NULL: none */
    struct key_names *names;       /* likewise */
    uint64_t names_most;           /* host memory that they may take */
    struct id_range unnamed;       /* keys that came when no names were kept: they have none, */
    bool names_are_late;           /* or one from their next record on */
    struct key_groups *groups;     /* likewise */
    struct key_patterns *rules;    /* likewise: patterns of ttl rules */
    pthread_rwlock_t *lock;        /* of the slots: keys_find() may be called by other threads */
    struct key_slots *cluster;     /* likewise */
};

void keys_init(struct keys *keys);
void keys_release(struct keys *keys);

/* The ids of `count` records (at most BATCH_CAPACITY); records without a key (key_len 0 and no text, no
 * number) are the caller's business: pass only those with one. Grouped so that the cache misses of many
 * look-ups overlap. */
void keys_intern(struct keys *keys, const struct record *records, int count, uint32_t *ids);

/* The id of one text, in database 0. */
uint32_t keys_intern_text(struct keys *keys, const char *text, uint32_t bytes);

/* From now on the names of keys are kept, which costs host memory (names.h says how much). Before the first key. */
void keys_keep_names(struct keys *keys);
/* Likewise, while they take no more host memory than this: the later keys are `unnamed` then. */
void keys_keep_some_names(struct keys *keys, uint64_t most);
/* Likewise, whatever they take, behind the first key: of each key that has none from its next record on. */
void keys_keep_later_names(struct keys *keys);

/* The id of a text in a database, or NO_KEY. Another thread may call keys_intern() meanwhile. */
uint32_t keys_find(const struct keys *keys, const char *text, uint32_t bytes, uint8_t db);

/* The name of a key: *length bytes, not terminated, valid as long as the keys; a numeric key's decimal digits. *db is
 * its database. A bug without keys_keep_names. */
const char *keys_name(const struct keys *keys, uint32_t id, size_t *length, uint32_t *db);

#endif

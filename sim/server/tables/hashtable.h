/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hashtable: Valkey's hash table since 8.1, structure only: 64-byte buckets of seven entries.
 *
 *     | 3 | - | 7 | 9 | - | - | 12 |        an entry takes the first free position
 *     | 3 | 4 | 7 | 9 | 5 | 6 | ->-+        full: the last position becomes a link to a child bucket
 *                                  +--> | 12 | 8 | - | - | - | - | - |
 *
 * Two tables while rehashing, of which a step moves one bucket with its children. Keys are ids and their
 * hashes those of dict.h. Source: hashtable.c of Valkey 8.1.1, function by function; what 9.1.2 does
 * differently is in struct hashtable_rules. Costs are O(1) unless said. */
#ifndef SIM_SERVER_TABLES_HASHTABLE_H
#define SIM_SERVER_TABLES_HASHTABLE_H

#include "sim/server/tables/dict.h"

#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stdint.h>

enum { HASHTABLE_BUCKET_ENTRIES = 7 };

struct hashtable_bucket {
    uint32_t entries[HASHTABLE_BUCKET_ENTRIES]; /* ids; when chained the last is a child's index */
    uint8_t presence;                           /* bit per position */
    uint8_t chained;
};

/* What hashtable.c does since Valkey 9, and did not in 8.1. */
struct hashtable_rules {
    bool guards_growth_only;   /* shrinking needs no permission */
    bool rehashes_undisturbed; /* no resize while rehashing, but a shrink that has become too tight turns
                                   round; in 8.1 the rehashing is finished first, at once */
    bool ends_when_empty;      /* rehashing ends with the last key and child, not with the last bucket */
    bool skips_empty;          /* while shrinking a step passes over up to ten empty buckets */
    bool scans_then_shrinks;   /* removals in a scan do not shrink, the end of the scan does */
    bool compacts_after_scan;  /* chains that a scan thinned out are compacted, rehashing or not */
    bool jumps;                /* a random key is drawn from buckets far apart */
};

struct hashtable {
    struct hashtable_bucket *table[2];
    int exponent[2];      /* of the number of buckets; -1: no table */
    uint32_t used[2];     /* keys */
    uint32_t children[2]; /* child buckets */
    int64_t rehash_index; /* next bucket of table[0] to move; -1 when not rehashing */
    int paused;           /* a scan is on: no steps, and chains stay as they are */
    bool rests;           /* a child saves: as few pages as possible change (HASHTABLE_RESIZE_AVOID) */
    struct hashtable_rules rules;
    struct hashtable_bucket *pool; /* child buckets */
    uint32_t pool_capacity, pool_used;
    uint32_t pool_free; /* 1 + index of the first free one, which names the next */
    uint64_t hash_seed;
    const uint32_t *hashed; /* by id, the number that is hashed; NULL: the id itself */
    uint64_t rehash_bytes;  /* what the server keeps while a table rehashes */
    /* Asked before a table of `bytes` is made (hashtableResizeAllowed), unless it is overfull: may it? NULL: always. */
    bool (*may_resize)(void *owner, uint64_t bytes);
    void *owner;
    uint64_t *memory; /* simulated bytes: 64 per bucket are added and taken off here */
};

/* The other fields are set by the caller. No table yet. */
void hashtable_init(struct hashtable *table, uint64_t hash_seed);
void hashtable_release(struct hashtable *table);

static inline uint32_t hashtable_count(const struct hashtable *table)
{
    return table->used[0] + table->used[1];
}

static inline bool hashtable_is_rehashing(const struct hashtable *table)
{
    return table->rehash_index >= 0;
}

static inline uint64_t hashtable_size(const struct hashtable *table, int i)
{
    return table->exponent[i] < 0 ? 0 : UINT64_C(1) << table->exponent[i];
}

/* Buckets of both tables, children apart. */
static inline uint64_t hashtable_buckets(const struct hashtable *table)
{
    return hashtable_size(table, 0) + hashtable_size(table, 1);
}

/* As dict_prefetch_bucket(). */
__attribute__((always_inline)) static inline void hashtable_prefetch_bucket(const struct hashtable *table, uint32_t id)
{
    int newest = hashtable_is_rehashing(table);
    uint64_t hash = hash_id(table->hashed ? table->hashed[id] : id, table->hash_seed);

    if (hashtable_size(table, newest)) /* else there is no table yet */
        __builtin_prefetch(&table->table[newest][hash & (hashtable_size(table, newest) - 1)], 1);
}

/* One step; the table is rehashing. */
void hashtable_rehash(struct hashtable *table);

/* What every lookup does first (rehashStepOnReadIfNeeded). */
static inline void hashtable_step(struct hashtable *table)
{
    if (hashtable_is_rehashing(table) && !table->paused && !table->rests && hashtable_count(table))
        hashtable_rehash(table);
}

/* The id whose number `hashed` is this; DICT_END: none. No step: the host's own lookup. Needs table->hashed. */
uint32_t hashtable_lookup(const struct hashtable *table, uint32_t hashed);
void hashtable_add(struct hashtable *table, uint32_t id);    /* the key is not in it */
void hashtable_remove(struct hashtable *table, uint32_t id); /* the key is in it */
/* Frees the tables. */
void hashtable_clear(struct hashtable *table);
/* hashtableExpand: room for so many keys, if it has less. */
void hashtable_presize(struct hashtable *table, uint64_t keys);
/* hashtableExpandIfNeeded, hashtableShrinkIfNeeded: true when the table was resized. */
bool hashtable_grow_if_due(struct hashtable *table);
bool hashtable_shrink_if_due(struct hashtable *table);
/* True when the next insertion grows the table, or a removal soon shrinks it. */
bool hashtable_resize_is_near(const struct hashtable *table);

/* One bucket and its images in the larger table; the next cursor, 0 at the end. */
uint64_t hashtable_scan(struct hashtable *table, uint64_t cursor, table_visit *visit, void *owner);
/* Every key. O(buckets). */
void hashtable_each(const struct hashtable *table, table_visit *visit, void *owner);
/* hashtableSampleEntries: `want` keys, or all, of consecutive buckets from a random one on. */
int hashtable_sample(struct hashtable *table, gsl_rng *rng, int want, uint32_t *ids);
/* hashtableRandomEntry: one of a sample of seven. Not empty. */
uint32_t hashtable_random_key(struct hashtable *table, gsl_rng *rng);

#endif

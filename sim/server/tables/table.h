/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table: the keys or the expires of a database: a dict, or since Valkey 8.1 a hashtable.
 *
 * Which of the two never changes in a run, so each call is a branch that the processor predicts. */
#ifndef SIM_SERVER_TABLES_TABLE_H
#define SIM_SERVER_TABLES_TABLE_H

#include "sim/server/tables/cluster_slots.h"
#include "sim/server/tables/dict.h"
#include "sim/server/tables/hashtable.h"

enum table_kind { TABLE_CHAINS, TABLE_BUCKETS };

struct table {
    enum table_kind kind;
    bool exists;           /* its object has been made */
    uint64_t object_bytes; /* what that weighs */
    uint64_t *memory;
    struct cluster_slots *slots; /* in cluster mode: what weighs instead; owned; else NULL */
    struct dict dict;            /* one of the two is in use */
    struct hashtable hashtable;
};

static inline bool table_has_buckets(const struct table *table)
{
    return __builtin_expect(table->kind == TABLE_BUCKETS, 0);
}

static inline uint32_t table_count(const struct table *table)
{
    return table_has_buckets(table) ? hashtable_count(&table->hashtable) : dict_count(&table->dict);
}

static inline bool table_is_rehashing(const struct table *table)
{
    return table_has_buckets(table) ? hashtable_is_rehashing(&table->hashtable) : dict_is_rehashing(&table->dict);
}

/* The rehash step of a lookup. */
static inline void table_find(struct table *table, uint32_t id)
{
    if (table_has_buckets(table))
        hashtable_step(&table->hashtable);
    else
        dict_find(&table->dict, id);
}

/* What dictAddOrFind does when the key turns out to be there: a step, and a chained table grows if that is due. */
static inline void table_add_or_find(struct table *table, uint32_t id)
{
    if (table_has_buckets(table))
        hashtable_step(&table->hashtable);
    else
        dict_visit(&table->dict, id);
}

/* Where the host finds what hashes as this number: DICT_END: nowhere. No step. */
static inline uint32_t table_lookup(const struct table *table, uint32_t hashed)
{
    return table_has_buckets(table) ? hashtable_lookup(&table->hashtable, hashed) : dict_lookup(&table->dict, hashed);
}

/* Fetches what inserting the key, which is not in the table, will touch. */
__attribute__((always_inline)) static inline void table_prefetch(const struct table *table, uint32_t id)
{
    if (table_has_buckets(table))
        hashtable_prefetch_bucket(&table->hashtable, id);
    else
        dict_prefetch_bucket(&table->dict, id);
}

/* Inserts a key that is not in the table; the first one makes the table's object. */
static inline void table_add(struct table *table, uint32_t id)
{
    if (!table->exists)
        *table->memory += table->object_bytes;
    table->exists = true;
    if (__builtin_expect(table->slots != NULL, 0))
        cluster_slots_add(table->slots, id);
    if (table_has_buckets(table))
        hashtable_add(&table->hashtable, id);
    else
        dict_add(&table->dict, id);
}

static inline void table_remove(struct table *table, uint32_t id)
{
    if (__builtin_expect(table->slots != NULL, 0))
        cluster_slots_remove(table->slots, id);
    if (table_has_buckets(table))
        hashtable_remove(&table->hashtable, id);
    else
        dict_remove(&table->dict, id);
}

/* Likewise from a dict that has been looked at before: without the step of another look (dictTwoPhaseUnlinkFree). */
static inline void table_unlink(struct table *table, uint32_t id)
{
    if (__builtin_expect(table->slots != NULL, 0))
        cluster_slots_remove(table->slots, id);
    dict_unlink(&table->dict, id);
}

static inline int table_sample(struct table *table, gsl_rng *rng, int want, uint32_t *ids)
{
    return table_has_buckets(table) ? hashtable_sample(&table->hashtable, rng, want, ids)
                                    : dict_sample(&table->dict, rng, want, ids);
}

static inline uint32_t table_random_key(struct table *table, gsl_rng *rng)
{
    return table_has_buckets(table) ? hashtable_random_key(&table->hashtable, rng) : dict_random_key(&table->dict, rng);
}

/* The key that is likely to be drawn next; DICT_END: that cannot be seen. */
static inline uint32_t table_likely_key(const struct table *table, const gsl_rng *rng)
{
    return table_has_buckets(table) ? DICT_END : dict_likely_key(&table->dict, rng);
}

/* dictGetFairRandomKey: one of up to 15 that lie together. Not empty. */
static inline uint32_t table_fair_random_key(struct table *table, gsl_rng *rng)
{
    enum { FAIR_SAMPLE = 15 };
    uint32_t ids[FAIR_SAMPLE];
    int count = table_sample(table, rng, FAIR_SAMPLE, ids);

    return count ? ids[gsl_rng_uniform_int(rng, (unsigned long)count)] : table_random_key(table, rng);
}

/* One call of the server's scan: the keys at the cursor; the next cursor, 0 at the end of the round.
 * `visit` may remove the key that it is given. */
static inline uint64_t table_scan(struct table *table, uint64_t cursor, table_visit *visit, void *owner)
{
    return table_has_buckets(table) ? hashtable_scan(&table->hashtable, cursor, visit, owner)
                                    : dict_scan(&table->dict, cursor, visit, owner);
}

/* Room for so many keys, in a table that is new. */
void table_presize(struct table *table, uint64_t keys);
/* Bytes of its buckets, and of what it keeps while it rehashes and for members without an entry. */
uint64_t table_bytes(const struct table *table);
/* Fewer than one key in a hundred slots: not worth a scan, it will be resized (a slot: a bucket). */
bool table_is_sparse(const struct table *table);
/* True when an insertion or a removal may soon ask whether the table may be resized. */
bool table_resize_is_near(const struct table *table);
/* kvstoreTryResizeDicts: shrinks if that is due, else grows if that is. */
void table_resize_if_due(struct table *table);
/* A child begins or ends to save (updateDictResizePolicy). */
void table_rest(struct table *table, bool rests);
/* Rehashes to the end. */
void table_drain(struct table *table);
/* Visits every key, in no particular order. `visit` may change nothing here. */
void table_each(const struct table *table, table_visit *visit, void *owner);
struct state_list;
/* Adds what tells whether it has changed: sizes, keys, how far it is rehashed. */
void table_describe(const struct table *table, struct state_list *list);
/* Frees what there is: also the table's object, if a new one will be made when it is needed (`anew`). */
void table_clear(struct table *table, bool anew);
void table_release(struct table *table);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cluster_slots: what a database's tables weigh in cluster mode, where each of the 16,384 slots has a table of its own.
 *
 *     Redis 7.4, 8.0, Valkey 8.0   a dict per slot that has keys: its object, and 4, 8, 16, ... buckets of 8 bytes
 *     Valkey 8.1 and later         a hashtable: its object, and 1, 2, 4, ... buckets of 64 bytes for seven keys
 *
 * A slot's table is made with its first key and freed with its last (KVSTORE_FREE_EMPTY_DICTS). In Redis 8.0 its object has
 * a histogram of the keys' sizes: 2.5 KB for each slot that has a key, 41 MB when all have.
 *
 * evsim keeps a database in one table, whatever the mode: who is sampled and when a ttl is looked at does not depend on how
 * keys are spread. Only what the tables weigh is counted by slot, as if they were rehashed at once. Where nobody knows the
 * slots of keys, they follow from ids, evenly spread.
 *
 * Source: kvstore.c, dict.c (_dictExpandIfNeeded, dictShrinkIfNeeded) of Redis 7.4.1, hashtable.c of Valkey 8.1. */
#ifndef SIM_SERVER_TABLES_CLUSTER_SLOTS_H
#define SIM_SERVER_TABLES_CLUSTER_SLOTS_H

#include "sim/slots.h"

#include <stdbool.h>
#include <stdint.h>

struct cluster_slots {
    uint32_t keys[SLOT_COUNT];
    uint32_t buckets[SLOT_COUNT];
    const struct key_slots *of_keys; /* NULL: nobody knows */
    uint64_t hash_seed;
    uint64_t object_bytes;
    uint64_t *memory;   /* simulated bytes are added and taken off here */
    uint64_t uncounted; /* where the one table counts, which is not there */
    bool has_hashtables;
    uint64_t
        node_bytes; /* of a key that shares its bucket, in a dict without entries; 0: it has an entry. The caller sets it */
};

/* No keys. `of_keys` outlives it, or is NULL. To be freed with free(). */
struct cluster_slots *cluster_slots_new(const struct key_slots *of_keys, uint64_t hash_seed, uint64_t object_bytes,
                                        bool has_hashtables, uint64_t *memory);
/* The key comes, or goes. */
void cluster_slots_add(struct cluster_slots *slots, uint32_t id);
void cluster_slots_remove(struct cluster_slots *slots, uint32_t id);
void cluster_slots_clear(struct cluster_slots *slots);
/* What the tables of all slots weigh. O(slots). */
uint64_t cluster_slots_bytes(const struct cluster_slots *slots);

#endif

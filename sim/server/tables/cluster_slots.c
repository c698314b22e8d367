/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/cluster_slots.h"

#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/server/tables/dict.h"

#include <math.h>
#include <string.h>

enum { BUCKET_KEYS = 7, SHRINK_PERCENT = 13 };

struct cluster_slots *cluster_slots_new(const struct key_slots *of_keys, uint64_t hash_seed, uint64_t object_bytes,
                                        bool has_hashtables, uint64_t *memory)
{
    struct cluster_slots *slots = xcalloc(1, sizeof *slots);

    slots->of_keys = of_keys;
    slots->hash_seed = hash_seed;
    slots->object_bytes = object_bytes;
    slots->has_hashtables = has_hashtables;
    slots->memory = memory;
    return slots;
}

/* Where nobody knows, other bits of the hash than those that find a bucket. */
static uint32_t slot_of(const struct cluster_slots *slots, uint32_t id)
{
    if (slots->of_keys)
        return key_slot_of(slots->of_keys, id);
    return (uint32_t)(hash_id(id, slots->hash_seed) >> 40) % SLOT_COUNT;
}

/* A power of two. A hashtable's buckets are filled to 32 in 35 places at most when it is made. */
static uint32_t buckets_for(const struct cluster_slots *slots, uint32_t keys)
{
    uint64_t least = slots->has_hashtables ? ((uint64_t)keys * 5 + 31) / 32 : keys;
    uint32_t buckets = slots->has_hashtables ? 1 : DICT_INITIAL_SIZE;

    while (buckets < least)
        buckets *= 2;
    return buckets;
}

static void resize(struct cluster_slots *slots, uint32_t slot, uint32_t buckets)
{
    uint64_t each = slots->has_hashtables ? 64 : 8;

    *slots->memory += each * buckets - each * slots->buckets[slot];
    slots->buckets[slot] = buckets;
}

/* So many keys have a node as there are keys less the buckets that are not empty: their expected number. */
static uint64_t node_bytes(const struct cluster_slots *slots, uint32_t slot)
{
    double keys = slots->keys[slot], buckets = slots->buckets[slot];

    if (!slots->node_bytes || keys < 2)
        return 0;
    return slots->node_bytes * (uint64_t)(keys - buckets * (1 - elementary_pow(1 - 1 / buckets, keys)) + 0.5);
}

static void add(struct cluster_slots *slots, uint32_t slot)
{
    uint32_t room = slots->buckets[slot] * (slots->has_hashtables ? BUCKET_KEYS : 1u);

    if (!slots->keys[slot]++)
        *slots->memory += slots->object_bytes;
    if (slots->keys[slot] > room)
        resize(slots, slot, buckets_for(slots, slots->keys[slot]));
}

void cluster_slots_add(struct cluster_slots *slots, uint32_t id)
{
    uint32_t slot = slot_of(slots, id);

    *slots->memory -= node_bytes(slots, slot);
    add(slots, slot);
    *slots->memory += node_bytes(slots, slot);
}

static bool is_sparse(const struct cluster_slots *slots, uint32_t slot)
{
    uint64_t keys = slots->keys[slot], buckets = slots->buckets[slot];

    return slots->has_hashtables ? keys * 100 < SHRINK_PERCENT * buckets * BUCKET_KEYS
                                 : buckets > DICT_INITIAL_SIZE && keys * 8 <= buckets;
}

static void take_away(struct cluster_slots *slots, uint32_t slot)
{
    if (!--slots->keys[slot]) {
        resize(slots, slot, 0);
        *slots->memory -= slots->object_bytes;
    } else if (is_sparse(slots, slot)) {
        resize(slots, slot, buckets_for(slots, slots->keys[slot]));
    }
}

void cluster_slots_remove(struct cluster_slots *slots, uint32_t id)
{
    uint32_t slot = slot_of(slots, id);

    *slots->memory -= node_bytes(slots, slot);
    take_away(slots, slot);
    *slots->memory += node_bytes(slots, slot);
}

void cluster_slots_clear(struct cluster_slots *slots)
{
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        *slots->memory -= node_bytes(slots, slot);
        if (slots->keys[slot])
            *slots->memory -= slots->object_bytes;
        resize(slots, slot, 0);
    }
    memset(slots->keys, 0, sizeof slots->keys);
}

uint64_t cluster_slots_bytes(const struct cluster_slots *slots)
{
    uint64_t bytes = 0;

    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        bytes += node_bytes(slots, slot) + (slots->keys[slot] ? slots->object_bytes : 0) +
                 (slots->has_hashtables ? UINT64_C(64) : UINT64_C(8)) * slots->buckets[slot];
    return bytes;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys: every key of the trace becomes a dense id, once.
 *
 * Ids count from 0 in order of first appearance, so that everything after the reader is an array
 * indexed by id. A text key is known by 95 bits of its XXH3 hash (with its database as seed): two of a
 * hundred million keys collide with a probability below 10^-12; the text itself is not kept. A numeric
 * key is kept exactly.
 *
 * Costs 16 bytes a slot at a load of at most 1/2, shared by all cells. */
#ifndef SIM_INPUT_KEYS_H
#define SIM_INPUT_KEYS_H

#include "sim/request.h"

#include <stddef.h>
#include <stdint.h>

struct key_slot {
    uint64_t hash; /* of a text, or the number itself */
    uint32_t tag;  /* more bits of the hash, or the database */
    uint32_t id;   /* 1 + id; 0: free */
};

struct key_patterns;

struct keys {
    struct key_slot *slots;
    uint64_t mask;
    uint32_t count;                /* ids given out */
    struct key_patterns *patterns; /* told of new keys; NULL: none */
};

void keys_init(struct keys *keys);
void keys_release(struct keys *keys);

/* The ids of `count` records (at most BATCH_CAPACITY); records without a key (key_len 0 and no text, no
 * number) are the caller's business: pass only those with one. Grouped so that the cache misses of many
 * look-ups overlap. */
void keys_intern(struct keys *keys, const struct record *records, int count, uint32_t *ids);

#endif

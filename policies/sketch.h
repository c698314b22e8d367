/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sketch: about how often keys were asked for lately, in 16 bytes per key that the cache holds.
 *
 *     block   [ row 0 | row 1 | row 2 | row 3 ]   a count-min sketch: each key has one counter of 4 bits per row,
 *             [ doorkeeper, 512 bits          ]   its count is the least of the four
 *
 * All that is known of a key lies in one block, which its hash chooses. Only the least of its counters are
 * raised ("conservative update"). The first request of a key in a period goes to the doorkeeper, a Bloom
 * filter, alone: most keys are never asked for again, and do not reach the counters. A period is `sample`
 * requests per key held; at its end all counters are halved and the doorkeeper is cleared, so that old
 * popularity fades.
 *
 * The number of blocks follows the number of keys that the cache will hold, as far as that can be told from
 * those it holds now. A doubled sketch begins as two copies of itself: a longer hash finds the same counts in
 * either.
 *
 * Source: Einziger, Friedman, Manes, TinyLFU: a highly efficient cache admission policy, ACM Transactions on
 * Storage 13(4), 2017. One block per key as in Putze, Sanders, Singler, Cache-, hash- and space-efficient Bloom
 * filters, 2007. */
#ifndef POLICIES_SKETCH_H
#define POLICIES_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

struct sketch_block;

struct sketch {
    struct sketch_block *blocks;
    uint32_t block_count; /* a power of two */
    uint32_t held;        /* most keys that the cache has held */
    double keys;          /* that it will hold, by the last guess */
    double sample;        /* requests per key in a period */
    double counters;      /* per key and row */
    bool has_doorkeeper;
    uint64_t requests; /* of this period; half of the last one's count as well */
};

void sketch_init(struct sketch *sketch, double sample, double counters, bool has_doorkeeper);
void sketch_release(struct sketch *sketch);

/* The cache holds so many keys, of so many bytes in all, and may hold `capacity` bytes. The blocks never become
 * fewer; amortized O(1). */
void sketch_expect(struct sketch *sketch, uint32_t keys, uint64_t bytes, uint64_t capacity);
/* The key was asked for. O(1), amortized. */
void sketch_add(struct sketch *sketch, uint32_t id);
/* How often, 0 to 16. */
uint32_t sketch_count(const struct sketch *sketch, uint32_t id);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/sketch.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 4,
    ROW_WORDS = 2,     /* in a block */
    ROW_COUNTERS = 32, /* in a block; 4 bits each */
    DOOR_WORDS = 8,
    DOOR_BITS = 3, /* set for each key */
    COUNTER_MOST = 15,
    KEYS_LEAST = 64,
    KEYS_AHEAD = 16, /* the sketch may be sized for this many times the keys held */
};

struct sketch_block {
    uint64_t counters[ROWS * ROW_WORDS];
    uint64_t door[DOOR_WORDS];
};

/* Ids are dense, so a mixer makes them look random (the finalizer of MurmurHash3). */
static uint64_t hash_of(uint32_t id)
{
    uint64_t x = (id + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

/* The high half of the hash chooses the block. The low half chooses the counters in it, by 5 bits per row. */
static struct sketch_block *block_of(const struct sketch *sketch, uint64_t hash)
{
    return &sketch->blocks[(hash >> 32) & (sketch->block_count - 1)];
}

static unsigned counter_of(uint64_t hash, unsigned row)
{
    return hash >> (5 * row) & (ROW_COUNTERS - 1);
}

static uint64_t *word_of(struct sketch_block *block, unsigned row, unsigned counter)
{
    return &block->counters[row * ROW_WORDS + counter / 16];
}

static unsigned least_counter(struct sketch_block *block, uint64_t hash)
{
    unsigned least = COUNTER_MOST;

    for (unsigned row = 0; row < ROWS; row++) {
        unsigned counter = counter_of(hash, row);
        unsigned count = *word_of(block, row, counter) >> (counter % 16 * 4) & COUNTER_MOST;

        least = count < least ? count : least;
    }
    return least;
}

static void raise_counters(struct sketch_block *block, uint64_t hash)
{
    unsigned least = least_counter(block, hash);

    if (least == COUNTER_MOST)
        return;
    for (unsigned row = 0; row < ROWS; row++) {
        unsigned counter = counter_of(hash, row), shift = counter % 16 * 4;
        uint64_t *word = word_of(block, row, counter);

        if ((*word >> shift & COUNTER_MOST) == least)
            *word += UINT64_C(1) << shift;
    }
}

/* One of a key's bits in the doorkeeper, chosen by 9 bits of a product of the hash, which are not the bits that choose
 * counters. */
static uint64_t door_bit(uint64_t hash, unsigned i, unsigned *word)
{
    unsigned bit = (unsigned)(hash * UINT64_C(0xd6e8feb86659fd93) >> (37 + 9 * i)) % (DOOR_WORDS * 64);

    *word = bit / 64;
    return UINT64_C(1) << bit % 64;
}

static bool is_known_at_door(const struct sketch_block *block, uint64_t hash)
{
    bool known = true;

    for (unsigned i = 0; i < DOOR_BITS; i++) {
        unsigned word;
        uint64_t bit = door_bit(hash, i, &word);

        known &= (block->door[word] & bit) != 0;
    }
    return known;
}

static void note_at_door(struct sketch_block *block, uint64_t hash)
{
    for (unsigned i = 0; i < DOOR_BITS; i++) {
        unsigned word;
        uint64_t bit = door_bit(hash, i, &word);

        block->door[word] |= bit;
    }
}

static void end_period(struct sketch *sketch)
{
    for (uint32_t i = 0; i < sketch->block_count; i++) {
        struct sketch_block *block = &sketch->blocks[i];

        for (int word = 0; word < ROWS * ROW_WORDS; word++)
            block->counters[word] = block->counters[word] >> 1 & UINT64_C(0x7777777777777777);
        memset(block->door, 0, sizeof block->door);
    }
    sketch->requests /= 2;
}

static void grow(struct sketch *sketch)
{
    uint32_t count = sketch->block_count;
    uint32_t doubled = count ? 2 * count : 1;

    sketch->blocks =
        xrealloc_zero_aligned(sketch->blocks, count * sizeof *sketch->blocks, doubled * sizeof *sketch->blocks);
    if (count)
        memcpy(&sketch->blocks[count], sketch->blocks, count * sizeof *sketch->blocks);
    sketch->block_count = doubled;
}

static void make_for(struct sketch *sketch, double keys)
{
    sketch->keys = keys;
    while (sketch->block_count * (double)ROW_COUNTERS < sketch->counters * keys)
        grow(sketch);
}

void sketch_init(struct sketch *sketch, double sample, double counters, bool has_doorkeeper)
{
    *sketch = (struct sketch){.sample = sample, .counters = counters, .has_doorkeeper = has_doorkeeper};
    make_for(sketch, KEYS_LEAST);
}

void sketch_expect(struct sketch *sketch, uint32_t keys, uint64_t bytes, uint64_t capacity)
{
    double most = (double)keys * KEYS_AHEAD, expected = bytes ? (double)capacity / (double)bytes * keys : most;

    if (keys <= sketch->held)
        return;
    sketch->held = keys;
    expected = expected < most ? expected : most;
    make_for(sketch, expected > KEYS_LEAST ? expected : KEYS_LEAST);
}

void sketch_release(struct sketch *sketch)
{
    free(sketch->blocks);
}

void sketch_add(struct sketch *sketch, uint32_t id)
{
    uint64_t hash = hash_of(id);
    struct sketch_block *block = block_of(sketch, hash);

    if (sketch->has_doorkeeper && !is_known_at_door(block, hash))
        note_at_door(block, hash);
    else
        raise_counters(block, hash);
    if ((double)++sketch->requests >= sketch->sample * sketch->keys)
        end_period(sketch);
}

uint32_t sketch_count(const struct sketch *sketch, uint32_t id)
{
    uint64_t hash = hash_of(id);
    struct sketch_block *block = block_of(sketch, hash);

    return least_counter(block, hash) + (sketch->has_doorkeeper && is_known_at_door(block, hash));
}

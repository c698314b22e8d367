/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nest: flat caches under exact lru, of one size or of several, replayed as one.
 *
 *     log     -  b  a  c  -  d  e  -  f        uses, oldest first; "-": the key was used again since
 *                |        |        `- begin of a small cache: it holds f
 *                |        `- of a larger one: d e f
 *                `- of the largest: all that the others hold, and b a c
 *
 * Under lru a cache holds the keys that were used last, as many as fit: a larger one holds all that a smaller one does
 * (Mattson et al., Evaluation techniques for storage hierarchies, 1970). So all of them share one order of keys, and where
 * each begins says what it holds. A hit costs the same for one cache as for eight; what each does by itself are its misses
 * and evictions, and each counts by itself.
 *
 * That holds as long as a miss is followed by an insertion, every object fits into the smallest cache, and a key weighs the
 * same in all caches that hold it. A nest sees nothing but plain batches (plain.h). At the first row of another kind it
 * comes apart: each cache gets the entries that it would have had alone, and goes on by itself. Whether caches were nested
 * or not, each has the same result.
 *
 * A key's entry is `count` + 1 numbers: the place of its last use in the log, 0 if no cache holds the key; its size, or,
 * then, why it is absent from the largest; why it is absent from the next one; ... A single cache that is its own nest
 * takes 8 bytes a key so, and the log. */
#ifndef SIM_FLAT_NEST_H
#define SIM_FLAT_NEST_H

#include "sim/flat/state.h"

enum { NEST_MOST = 16 }; /* caches */

struct nest {
    struct flat *caches[NEST_MOST]; /* largest first */
    uint32_t begin[NEST_MOST];      /* each one's first record */
    uint64_t most[NEST_MOST];       /* bytes of each */
    uint32_t count;
    uint32_t *entries; /* of all keys, `count` + 1 numbers each; owned */
    uint32_t capacity; /* keys that there is room for */
    uint32_t *log;     /* records 1 .. end - 1, NO_KEY if the key was used again; owned */
    uint32_t end, log_capacity;
    /* Rows that no cache has counted yet, and their bytes, by how many caches have found the key. */
    uint64_t rows[NEST_MOST + 1], bytes[NEST_MOST + 1];
    bool has_parted;
};

/* A nest of this cache alone; NULL: it cannot be in one. */
struct nest *nest_new(struct flat *flat);
void nest_free(struct nest *nest);

/* Takes the cache, which has its own nest, into this one; before anything is replayed. False: they cannot share one. */
bool nest_join(struct nest *nest, struct flat *flat);

/* Makes room for the entries of ids below key_count. */
void nest_reserve(struct nest *nest, uint32_t key_count);

/* Replays rows first .. end - 1 of a plain batch in all caches. Returns the first row that was not: `end`, or one for which
 * the nest has to come apart. The caches' counters are not up to date before nest_count(). */
uint32_t nest_replay(struct nest *nest, const struct batch *batch, uint32_t first, uint32_t end);

/* Adds what was replayed to the counters of the caches. */
void nest_count(struct nest *nest);

/* Comes apart: from now on each cache has entries and a policy of its own. */
void nest_part(struct nest *nest, uint32_t key_count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* distribution: how many numbers of each size there were, in little memory whatever their number.
 *
 * A number up to 2047 has a bucket of its own; beyond, an octave is cut into 1024 buckets. A bucket keeps the smallest number
 * that it was shown, so that a quantile is a number that occurred, and less than 0.1 % below the one that sorting would give.
 * The smallest and the largest of all are exact.
 *
 * Cf. HdrHistogram (G. Tene); buckets of equal width within an octave are its idea, too. */
#ifndef SIM_INSPECT_DISTRIBUTION_H
#define SIM_INSPECT_DISTRIBUTION_H

#include "sim/inspect/portrait.h"

#include <stddef.h>
#include <stdint.h>

enum { DISTRIBUTION_BITS = 10, DISTRIBUTION_BUCKETS = (66 - DISTRIBUTION_BITS) << DISTRIBUTION_BITS };

struct distribution_bucket {
    uint64_t count, lowest;
};

struct distribution {
    struct distribution_bucket *buckets; /* owned; NULL until the first number */
    uint64_t count, min, max;
    double sum;
};

/* Zeroed to begin with. */
void distribution_make_room(struct distribution *distribution);
void distribution_release(struct distribution *distribution);

static inline size_t distribution_bucket(uint64_t value)
{
    unsigned shift;

    if (value < UINT64_C(2) << DISTRIBUTION_BITS)
        return value;
    shift = 63u - (unsigned)__builtin_clzll(value) - DISTRIBUTION_BITS;
    return ((size_t)shift << DISTRIBUTION_BITS) + (size_t)(value >> shift);
}

static inline void distribution_add(struct distribution *distribution, uint64_t value)
{
    struct distribution_bucket *bucket;

    if (__builtin_expect(!distribution->buckets, 0))
        distribution_make_room(distribution);
    bucket = &distribution->buckets[distribution_bucket(value)];
    if (!bucket->count++ || value < bucket->lowest)
        bucket->lowest = value;
    distribution->count++;
    distribution->sum += (double)value;
    if (value > distribution->max)
        distribution->max = value;
    if (value < distribution->min)
        distribution->min = value;
}

/* The smallest number that at least `share` (0..1) of all do not exceed, as exact as said above; 0 without any. */
uint64_t distribution_quantile(const struct distribution *distribution, double share);

struct spread distribution_spread(const struct distribution *distribution);

/* At most `most` points of its cumulative curve, the last at the largest number; NULL without any. To be freed. */
struct size_point *distribution_curve(const struct distribution *distribution, size_t most, size_t *count);

#endif

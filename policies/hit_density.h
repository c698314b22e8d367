/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hit_density: hits to be expected per time, from the ages at which keys were hit or evicted before.
 *
 *                        hits at this age and later
 *     density(age) = ---------------------------------     by classes of keys
 *                     time until the hit or eviction
 *
 * A key's age is the time since its last use, in requests. Keys are classed by their ages at their last two hits: a
 * key that came back soon is likely to come back soon again. Ages are counted in steps of 2^shift requests, so that
 * 20,000 of them are enough. Every period, what was counted is added to what was before, which fades, and densities
 * are computed anew. Until then density = (class + 1) / (age + 1).
 *
 * Source: Beckmann, Chen, Cidon, LHD: improving cache hit rate by maximizing hit density, NSDI 2018; constants
 * as in its authors' program. */
#ifndef POLICIES_HIT_DENSITY_H
#define POLICIES_HIT_DENSITY_H

#include <stdint.h>

enum {
    DENSITY_CLASSES = 16,
    DENSITY_AGES = 20000, /* greater ages count as the last */
};

struct density_class {
    float hits[DENSITY_AGES], evictions[DENSITY_AGES], density[DENSITY_AGES];
};

struct hit_density {
    struct density_class *classes;
    int shift;
    uint64_t periods;         /* that have ended */
    double decay;             /* of what was counted before, per period */
    double mean_keys, weight; /* at the ends of periods: their weighted sum, the sum of the weights */
};

void hit_density_init(struct hit_density *density, double decay);
void hit_density_release(struct hit_density *density);

/* The cache holds so many keys. O(classes x ages). */
void hit_density_end_period(struct hit_density *density, uint32_t keys);

static inline uint32_t hit_density_age(const struct hit_density *density, uint64_t requests)
{
    uint64_t age = requests >> density->shift;

    return age < DENSITY_AGES ? (uint32_t)age : DENSITY_AGES - 1;
}

/* The class of keys whose last two ages were these; DENSITY_AGES stands for none. */
static inline struct density_class *hit_density_class(const struct hit_density *density, uint32_t last, uint32_t before)
{
    uint32_t age = last + before;
    int class = 0;

    if (!age)
        return &density->classes[DENSITY_CLASSES - 1];
    for (; age < DENSITY_AGES && class < DENSITY_CLASSES - 1; age <<= 1)
        class ++;
    return &density->classes[class];
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/hit_density.h"

#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>

enum {
    CLASSES = DENSITY_CLASSES,
    AGES = DENSITY_AGES,
    FIRST_SHIFT = 10,
    FIRST_CLASS = 17, /* from 1: a single application is the authors' second, of 16 classes each */
};
static const uint64_t shift_periods[] = {5, 25}; /* the step of age is chosen anew when these periods end */
static const double AGE_ERROR = 0.01;            /* a step of age, as a part of the age at which keys go */

void hit_density_init(struct hit_density *density, double decay)
{
    *density = (struct hit_density){.shift = FIRST_SHIFT, .decay = decay};
    density->classes = xcalloc(CLASSES, sizeof *density->classes);
    for (int class = 0; class < CLASSES; class ++)
        for (int age = 0; age < AGES; age++)
            density->classes[class].density[age] = (float)(FIRST_CLASS + class) / (float)(age + 1);
}

void hit_density_release(struct hit_density *density)
{
    free(density->classes);
}

static void fade(struct density_class *class, double decay)
{
    for (int age = 0; age < AGES; age++) {
        class->hits[age] *= (float)decay;
        class->evictions[age] *= (float)decay;
    }
}

/* Makes steps of age twice as long. The last one stands for all greater ages and stays as it is. */
static void compress(float *counts)
{
    for (int age = 0; age < AGES / 2; age++)
        counts[age] = counts[2 * age] + (2 * age + 1 < AGES - 1 ? counts[2 * age + 1] : 0);
    for (int age = AGES / 2; age < AGES - 1; age++)
        counts[age] = 0;
}

/* Makes steps of age half as long. The counts of the upper half move to the last step. */
static void stretch(float *counts)
{
    for (int age = AGES / 2; age < AGES - 1; age++)
        counts[AGES - 1] += counts[age];
    for (int age = AGES - 2; age >= 0; age--)
        counts[age] = counts[age / 2] / 2;
}

/* Chooses the step of age: just so long that keys go before the greatest age. */
static void choose_shift(struct hit_density *density)
{
    double step = density->mean_keys / density->weight / (AGE_ERROR * AGES);
    int shift = 1;

    while (ldexp(1, shift) < step)
        shift++;
    for (; density->shift != shift; density->shift += density->shift < shift ? 1 : -1)
        for (int class = 0; class < CLASSES; class ++) {
            void (*rescale)(float *) = density->shift < shift ? compress : stretch;

            rescale(density->classes[class].hits);
            rescale(density->classes[class].evictions);
        }
    density->mean_keys *= 8; /* what was seen so far weighs more than what comes before the next choice */
    density->weight *= 8;
}

/* Goes from the last age down. `events` is the number of keys that reach an age; the sum of it is the time they have
 * left. */
static void compute(struct density_class *class)
{
    double hits = class->hits[AGES - 1], events = hits + class->evictions[AGES - 1], time = events;

    for (int age = AGES - 2; age >= 0; age--) {
        hits += class->hits[age];
        events += class->hits[age] + class->evictions[age];
        time += events;
        class->density[age] = events > 1e-5 ? (float)(hits / time) : 0;
    }
}

void hit_density_end_period(struct hit_density *density, uint32_t keys)
{
    for (int class = 0; class < CLASSES; class ++)
        fade(&density->classes[class], density->decay);
    density->mean_keys = density->mean_keys * density->decay + keys;
    density->weight = density->weight * density->decay + 1;
    for (size_t i = 0; i < sizeof shift_periods / sizeof *shift_periods; i++)
        if (density->periods == shift_periods[i])
            choose_shift(density);
    for (int class = 0; class < CLASSES; class ++)
        compute(&density->classes[class]);
    density->periods++;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steep: where curves over a size are steep, and which sizes would show what they do there.
 *
 *     hits  |        .--o---
 *           |       ?            two neighbours differ by more than a hundredth: a size halfway between them is worth a
 *           |  o---'             simulation, if there is one that can be typed
 *           +-----------------
 *
 * Halfway is the geometric mean, rounded up to the ladder (ladder.h). */
#ifndef SIM_ADVICE_STEEP_H
#define SIM_ADVICE_STEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A size between two neighbours. */
struct steep_gap {
    uint64_t size;
    double step;  /* the most by which a curve changes from one to the other, as a share */
    size_t group; /* of curves that have their sizes in common: the caller's number */
};

/* The steep gaps of `count` sizes in increasing order, of which steps[i] is what lies between sizes[i] and the next: up to
 * count - 1 are written. How many. */
size_t steep_gaps(const uint64_t *sizes, const double *steps, size_t count, bool objects, size_t group,
                  struct steep_gap *gaps);

/* The steepest first; among equals the smaller size. */
void steep_sort(struct steep_gap *gaps, size_t count);

/* How many sizes may be added at once of those that a budget still allows: half of them, so that the next reading knows more. */
uint64_t steep_at_once(uint64_t left);

#endif

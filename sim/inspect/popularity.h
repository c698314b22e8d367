/* SPDX-License-Identifier: GPL-3.0-or-later */
/* popularity: how requests spread over keys, and the line of Zipf's law that fits them: the key of rank r has about
 * C / r^alpha requests. zipf_fit.h says how the line is found, goodness.h how well it fits. No line is fitted to keys whose requests
 * vary as by chance alone.
 *
 * A regression of all ranks in the log-log plot, which is often seen, weighs the tail of keys with one request most,
 * and has no error that could be believed. The line's R squared is told all the same; it is taken at ranks of equal steps in the
 * plot. Where the line is off is found by comparing it with every such rank, also beyond those that it was fitted to. */
#ifndef SIM_INSPECT_POPULARITY_H
#define SIM_INSPECT_POPULARITY_H

#include "sim/inspect/portrait.h"
#include "sim/inspect/zipf_fit.h"

#include <stddef.h>
#include <stdint.h>

/* Counts of requests, key by key, as steps. */
struct popularity_counts {
    uint64_t *small; /* owned: keys by their requests, below POPULARITY_SMALL */
    uint64_t *large; /* owned: the other keys' requests, in any order */
    size_t large_count, large_capacity;
};

enum { POPULARITY_SMALL = 65536 };
static const double POPULARITY_OFF = 1.5; /* a factor by which the line is off */

/* Zeroed to begin with. A key has so many requests, at least one. */
void popularity_count(struct popularity_counts *counts, uint64_t requests);
void popularity_counts_release(struct popularity_counts *counts);

/* The steps, by falling requests; to be freed. */
struct popularity_step *popularity_steps(struct popularity_counts *counts, size_t *count);

struct popularity popularity_of(const struct popularity_step *steps, size_t count);

#endif

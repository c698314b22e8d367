/* SPDX-License-Identifier: GPL-3.0-or-later */
/* popularity: how requests spread over keys, and the line of Zipf's law that fits them: the key of rank r has about
 * C / r^alpha requests.
 *
 * If it holds, keys' rates are distributed as a power law with exponent g = 1 + 1/alpha. How often a key was named is a
 * count with chance in it: with rates that are such a law, and Poisson's counts of them, a key has n requests with
 *
 *     p(n) ~ Gamma(n + 1 - g) / Gamma(n + 1),    n = x, x + 1, ...        (Waring's distribution, which decreases as n^-g)
 *
 * The exponent is fitted to the keys with at least x requests by maximum likelihood. x is the bound at which the fitted and the found
 * distribution are closest (Kolmogorov and Smirnov's distance): so the keys below it, of which there would be infinitely
 * many, do not bend the line. Its standard error follows from the curvature of the likelihood. Source, of the bound, the distance and the
 * error: A. Clauset, C. Shalizi, M. Newman, Power-law distributions in empirical data, SIAM Review 51 (2009),
 * sections 3.1 and 3.3. Theirs is p(n) ~ n^-g, which has a slope that is too flat where keys have but a few requests each.
 * No line is fitted to keys whose requests vary as by chance alone.
 *
 * A regression of all ranks in the log-log plot, which is often seen, weighs the tail of keys with one request most,
 * and has no error that could be believed. The line's R squared is told all the same; it is taken at ranks of equal steps in the
 * plot. Where the line is off is found by comparing it with every such rank, also beyond those that it was fitted to. */
#ifndef SIM_INSPECT_POPULARITY_H
#define SIM_INSPECT_POPULARITY_H

#include "sim/inspect/portrait.h"

#include <stddef.h>
#include <stdint.h>

/* So many keys have so many requests each. */
struct popularity_step {
    uint64_t requests, keys;
};

/* Counts of requests, key by key, as steps. */
struct popularity_counts {
    uint64_t *small; /* owned: keys by their requests, below POPULARITY_SMALL */
    uint64_t *large; /* owned: the other keys' requests, in any order */
    size_t large_count, large_capacity;
};

enum { POPULARITY_SMALL = 65536, POPULARITY_LEAST = 50 /* keys that a line needs */ };
static const double POPULARITY_OFF = 1.5; /* a factor by which the line is off */

/* Zeroed to begin with. A key has so many requests, at least one. */
void popularity_count(struct popularity_counts *counts, uint64_t requests);
void popularity_counts_release(struct popularity_counts *counts);

/* The steps, by falling requests; to be freed. */
struct popularity_step *popularity_steps(struct popularity_counts *counts, size_t *count);

struct popularity popularity_of(const struct popularity_step *steps, size_t count);

#endif

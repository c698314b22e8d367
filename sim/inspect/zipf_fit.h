/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zipf_fit: the power law that the most popular keys' requests come closest to.
 *
 * If the key of rank r has about C / r^alpha requests, keys' rates are distributed as a power law with exponent g = 1 + 1/alpha.
 * How often a key was named is a count with chance in it: with rates that are such a law, and Poisson's counts of them, a key
 * has n requests with
 *
 *     p(n) ~ Gamma(n + 1 - g) / Gamma(n + 1),    n = x, x + 1, ...        (Waring's distribution, which decreases as n^-g)
 *
 * The exponent is fitted to the keys with at least x requests by maximum likelihood. x is the bound at which the fitted and the
 * found distribution are closest (Kolmogorov and Smirnov's distance): so the keys below it, of which there would be infinitely
 * many, do not bend the line. Its standard error follows from the curvature of the likelihood. Source, of the bound, the
 * distance and the error: A. Clauset, C. Shalizi, M. Newman, Power-law distributions in empirical data, SIAM Review 51 (2009),
 * sections 3.1 and 3.3. Theirs is p(n) ~ n^-g, which has a slope that is too flat where keys have but a few requests each. */
#ifndef SIM_INSPECT_ZIPF_FIT_H
#define SIM_INSPECT_ZIPF_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many keys have so many requests each. */
struct popularity_step {
    uint64_t requests, keys;
};

enum { ZIPF_FIT_LEAST = 50 /* keys that a line needs */ };

struct zipf_fit {
    double exponent; /* g; NaN: no power law comes near, and nothing below is set */
    double error;    /* standard error of g; NaN: the likelihood has no summit */
    double least;    /* x */
    double keys;     /* with at least x requests, */
    double requests; /* and what they have together */
    double distance; /* Kolmogorov and Smirnov's, of these keys */
};

/* Of steps by falling requests. */
struct zipf_fit zipf_fit_of(const struct popularity_step *steps, size_t count);

/* Whether the distance of their fit is below this one. Takes less time. */
bool zipf_fit_is_nearer(const struct popularity_step *steps, size_t count, double distance);

#endif

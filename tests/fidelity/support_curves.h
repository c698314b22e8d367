/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_curves: how far apart the mean curves of used_memory of two sides are, and how far apart chance puts them.
 *
 *     distance   |mean of one side - mean of the other|, on average over the samples, in bytes
 *     chance     the same when runs of both sides are dealt out anew, on average over many deals
 *     p          the share of deals that are as far apart as the two sides, or further: a permutation test, which asks
 *                nothing of the curves but that they are exchangeable. One key that comes and goes makes samples depend on each
 *                other; here whole curves are dealt.
 *
 * Source: Good, Permutation, Parametric, and Bootstrap Tests of Hypotheses, 3rd ed. 2005, chapter 3. */
#ifndef TESTS_FIDELITY_SUPPORT_CURVES_H
#define TESTS_FIDELITY_SUPPORT_CURVES_H

#include "sim/result.h"

#include <stddef.h>
#include <stdint.h>

struct curve_test {
    double distance, chance; /* bytes */
    double p;                /* at least 1 / (deals + 1); 1 when all curves are equal */
    /* Where a sample is most standard errors apart (Welch); NAN when no sample varies on both sides together. */
    double largest_t;
    int64_t largest_t_us;
};

/* Curves of one side, and of the other; all are sampled at the same times, the shortest decides how long. Two or more a
 * side. The deals follow from the seed. */
struct curve_test curve_test(const struct curve *const *one, size_t one_count, const struct curve *const *other,
                             size_t other_count, uint64_t seed);

#endif

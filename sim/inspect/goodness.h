/* SPDX-License-Identifier: GPL-3.0-or-later */
/* goodness: whether keys' requests may be a sample of the power law that was fitted to them.
 *
 * Samples are drawn that are such a law: as many keys, of which as many as chance has it lie above the fit's bound, and have
 * requests as the law says; those below it are drawn from the found ones. Each is fitted anew, its bound, too, and its distance
 * taken. The p-value is the share of the samples that are as far from their own line as the found keys are from theirs: small, and
 * the law is refused; large, and it is not, of which few keys are no proof. Source: A. Clauset, C. Shalizi, M. Newman,
 * Power-law distributions in empirical data, SIAM Review 51 (2009), section 4.1, who refuse it at 0.1.
 *
 * Samples end as soon as enough of them are that far: then p is their share; else it is (those + 1) / (all + 1), never 0. Source:
 * J. Besag, P. Clifford, Sequential Monte Carlo p-values, Biometrika 78 (1991). So p's standard error is about p / sqrt(20) above
 * 0.1, and below 0.02 under it. The same keys give the same p: the generator's seed is fixed. */
#ifndef SIM_INSPECT_GOODNESS_H
#define SIM_INSPECT_GOODNESS_H

#include "sim/inspect/zipf_fit.h"

enum { GOODNESS_SAMPLES = 199, GOODNESS_WORSE = 20 };
static const double GOODNESS_REFUSED = 0.1; /* at such a p and below */

struct goodness {
    double p_value;   /* 0 < p <= 1 */
    uint64_t samples; /* that were drawn */
};

/* Of the fit of these steps, whose exponent is a number. */
struct goodness goodness_of(const struct popularity_step *steps, size_t count, const struct zipf_fit *fit);

#endif

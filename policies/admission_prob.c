/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prob: a key is admitted by chance. A key that is often requested gets in soon anyway; one that is requested once
 * probably never does. With c the chance falls with the value's size, as exp(-size / c).
 *
 * Source: the constant chance is folklore. The exponential one: Berger, Sitaraman, Harchol-Balter, AdaptSize:
 * orchestrating the hot object memory cache in a content delivery network, NSDI 2017, which tunes c (adaptsize). */
#include "sim/admission.h"
#include "sim/elementary.h"

#include <math.h>

enum { P, C };

static bool admits(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    double chance = context->parameters[P];

    (void)id;
    if (context->parameters[C] > 0)
        chance *= elementary_exp(-(double)bytes / context->parameters[C]);
    return gsl_rng_uniform(context->rng) < chance;
}

static const struct policy_parameter parameters[] = {
    [P] = {"p", 0.5, 0, 1, "the chance; with c, that of the smallest value"},
    [C] = {"c", 0, 0, 1e18, "bytes over which the chance falls to a third (1/e); 0: it is p for all"},
    {0},
};

const struct admission admission_prob = {
    .name = "prob",
    .summary = "by chance, the same for all or falling with the value's size",
    .parameters = parameters,
    .admits = admits,
};

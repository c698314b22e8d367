/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cluster_fit: how many keys, and how many that come once, make a trace of Zipf's popularity have so many different keys and
 * so many one-hit wonders; and how often requests ask for a key that is not there. Expectations, by summing over
 * ranks: the first ones one by one, the others in blocks, as they hardly differ. */
#ifndef SIM_GENERATE_CLUSTER_FIT_H
#define SIM_GENERATE_CLUSTER_FIT_H

#include "sim/generate/population.h"

#include <stdint.h>

struct cluster_fit {
    double draws; /* requests that draw a key */
    double zipf;
    double wanted_keys, wanted_once; /* different keys; those of them with one request */
    /* Filled: */
    double keys;          /* ranks */
    double one_hit_share; /* of the draws: keys that come once */
};

void cluster_fit(struct cluster_fit *fit);

/* The share of the draws for keys that are not there, if who misses stores: with these ttls, in a trace of so many
 * seconds. */
double cluster_absent_share(const struct cluster_fit *fit, const struct generate_ttl *ttls, int ttl_count,
                            double seconds);

#endif

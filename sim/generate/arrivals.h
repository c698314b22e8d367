/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arrivals: when each request comes.
 *
 * Evenly, or at random (Poisson). The rate may swing once a period (diurnal), and it may be higher in bursts, which begin at
 * random and whose lengths are exponential: a Markov-modulated Poisson process. The mean rate is what was asked for in
 * either case. Poisson arrivals of a changing rate are thinned (Lewis and Shedler 1979): candidates come at the highest
 * rate, and one is taken with the probability of its moment's rate, which is exact. */
#ifndef SIM_GENERATE_ARRIVALS_H
#define SIM_GENERATE_ARRIVALS_H

#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stdint.h>

struct arrival_params {
    double rate_per_s;       /* mean */
    bool poisson;            /* exponential gaps; otherwise even spacing */
    double swing;            /* 0 to 1: the rate goes up and down by this share of it, as a sine of the time */
    int64_t period_us;       /* of the swing */
    double burst_factor;     /* the rate in a burst, in rates between bursts; 1: no bursts */
    int64_t burst_every_us;  /* mean time from a burst's end to the next one's begin */
    int64_t burst_length_us; /* mean */
};

struct arrivals {
    const struct arrival_params *params;
    gsl_rng *rng;       /* the caller's */
    gsl_rng *burst_rng; /* owned; NULL: no bursts */
    uint64_t count;     /* of those that have come */
    double elapsed_us;
    double quiet_rate; /* per microsecond, between bursts, without the swing */
    double change_us;  /* when the burst ends, or begins */
    bool in_burst;
};

/* The fault of the parameters, for a message; NULL: there is none. */
const char *arrivals_fault(const struct arrival_params *params);

/* The parameters and the generator outlive it. Bursts have a generator of their own, of this seed. */
void arrivals_init(struct arrivals *arrivals, const struct arrival_params *params, gsl_rng *rng, uint32_t seed);
void arrivals_release(struct arrivals *arrivals);

/* Microseconds from the trace's begin; never before the last one. */
int64_t arrivals_next(struct arrivals *arrivals);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/arrivals.h"

#include "sim/draws.h"
#include "sim/elementary.h"

#include <gsl/gsl_randist.h>

#include <math.h>
#include <stddef.h>

const char *arrivals_fault(const struct arrival_params *params)
{
    if (!(params->swing >= 0 && params->swing <= 1) || params->period_us < 1)
        return "the rate's swing must be between 0 and 1, and its period positive";
    if (!(params->burst_factor >= 1 && isfinite(params->burst_factor)) || params->burst_every_us < 1 ||
        params->burst_length_us < 1)
        return "a burst's factor must be 1 or more, its length and the time between bursts positive";
    return NULL;
}

void arrivals_init(struct arrivals *arrivals, const struct arrival_params *params, gsl_rng *rng, uint32_t seed)
{
    double every = (double)params->burst_every_us, length = (double)params->burst_length_us;

    *arrivals = (struct arrivals){.params = params, .rng = rng, .quiet_rate = params->rate_per_s / 1e6};
    if (!(params->burst_factor > 1))
        return;
    arrivals->burst_rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(arrivals->burst_rng, seed ^ 0x27d4eb2fu);
    arrivals->quiet_rate *= (every + length) / (every + length * params->burst_factor); /* keeps the mean */
    arrivals->change_us = draw_exponential(arrivals->burst_rng, every);
}

void arrivals_release(struct arrivals *arrivals)
{
    if (arrivals->burst_rng)
        gsl_rng_free(arrivals->burst_rng);
}

/* Requests per microsecond at this moment; moments only go forward. */
static double rate_at(struct arrivals *arrivals, double time_us)
{
    const struct arrival_params *params = arrivals->params;
    double rate = arrivals->quiet_rate;

    while (arrivals->burst_rng && time_us >= arrivals->change_us) {
        arrivals->in_burst = !arrivals->in_burst;
        arrivals->change_us += draw_exponential(
            arrivals->burst_rng, (double)(arrivals->in_burst ? params->burst_length_us : params->burst_every_us));
    }
    if (arrivals->in_burst)
        rate *= params->burst_factor;
    if (params->swing > 0)
        rate *= 1 + params->swing * elementary_sin(2 * M_PI * time_us / (double)params->period_us);
    return rate;
}

static int64_t next_of_changing_rate(struct arrivals *arrivals)
{
    const struct arrival_params *params = arrivals->params;
    double highest = arrivals->quiet_rate * params->burst_factor * (1 + params->swing);

    if (params->poisson) {
        do
            arrivals->elapsed_us += draw_exponential(arrivals->rng, 1 / highest);
        while (gsl_rng_uniform(arrivals->rng) * highest >= rate_at(arrivals, arrivals->elapsed_us));
    } else {
        double rate = rate_at(arrivals, arrivals->elapsed_us);
        arrivals->elapsed_us += rate > highest * 1e-3 ? 1 / rate : 1e3 / highest; /* a swing of 1 comes to a stop */
    }
    return (int64_t)arrivals->elapsed_us;
}

int64_t arrivals_next(struct arrivals *arrivals)
{
    const struct arrival_params *params = arrivals->params;
    uint64_t number = arrivals->count++;

    if (params->swing > 0 || arrivals->burst_rng)
        return next_of_changing_rate(arrivals);
    if (!params->poisson) /* multiplied instead of added up, so that rounding errors do not grow */
        return (int64_t)((double)number * 1e6 / params->rate_per_s);
    arrivals->elapsed_us += draw_exponential(arrivals->rng, 1e6 / params->rate_per_s);
    return (int64_t)arrivals->elapsed_us;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steady_state: where the cold start of a series ends, by MSER-5.
 *
 * Source: K. P. White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6), 1997,
 * in the form with batches of five (White, Cobb and Spratt, WSC 2000): the series is made of means of 5 values each;
 * without the first d of k means, the standard error of the mean of the rest is sqrt(sum of squares / (k - d)^2); the
 * d with the smallest is where the cold start ends. Where that is at the end of the first half, the series has not
 * settled. */
#ifndef SIM_STEADY_STATE_H
#define SIM_STEADY_STATE_H

#include <stdbool.h>
#include <stddef.h>

enum { STEADY_BATCH = 5, STEADY_BATCHES_LEAST = 10 };

/* How many values at the beginning to leave out, a multiple of STEADY_BATCH. False: there is no steady state, or fewer
 * values than STEADY_BATCHES_LEAST batches take. */
bool steady_state_begin(const double *values, size_t count, size_t *begin);

#endif

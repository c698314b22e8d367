/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/steady_state.h"

#include "sim/alloc.h"

#include <stdlib.h>

/* Standard errors, squared, that differ by less are of one size: means are rounded. */
static const double SAME = 1e-9, NONE = 1e-24;

static double mean_of(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* The square of the standard error of the mean. */
static double square_error(const double *values, size_t count)
{
    double mean = mean_of(values, count), sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum / ((double)count * (double)count);
}

bool steady_state_begin(const double *values, size_t count, size_t *begin)
{
    size_t batches = count / STEADY_BATCH, best = 0;
    double *means, least;

    *begin = 0;
    if (batches < STEADY_BATCHES_LEAST)
        return false;
    means = xcalloc(batches, sizeof *means);
    for (size_t i = 0; i < batches; i++)
        means[i] = mean_of(values + i * STEADY_BATCH, STEADY_BATCH);
    least = square_error(means, batches);
    for (size_t d = 1; d <= batches / 2 && least > NONE; d++) {
        double error = square_error(means + d, batches - d);

        if (error < least * (1 - SAME)) {
            least = error;
            best = d;
        }
    }
    free(means);
    if (best == batches / 2)
        return false;
    *begin = best * STEADY_BATCH;
    return true;
}

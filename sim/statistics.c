/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include <math.h>

/* The interval is two-sided: 2.5 % of the distribution lies beyond each end. */
static const double UPPER_END = 0.975;

struct estimate estimate_mean(const double *values, size_t count)
{
    struct estimate estimate = {.mean = NAN, .half_width = NAN, .count = count};

    if (count == 0)
        return estimate;
    estimate.mean = gsl_stats_mean(values, 1, count);
    if (count > 1) {
        double t = gsl_cdf_tdist_Pinv(UPPER_END, (double)(count - 1));

        estimate.half_width = t * gsl_stats_sd(values, 1, count) / sqrt((double)count);
    }
    return estimate;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* growth: how fast memory grows, by a regression that a few odd points do not bend.
 *
 * The second half of the curve is cut into windows of equal time. Of each the median counts: so neighbouring points, which
 * are alike, do not pass for independent ones. The growth is the median of the slopes between all pairs of windows (Theil
 * 1950, Sen 1968), its interval lies between the slopes of those ranks that Kendall's tau says (Sen, section 2.2). */
#ifndef SIM_ADVICE_GROWTH_H
#define SIM_ADVICE_GROWTH_H

#include "sim/advice/diagnosis.h"
#include "sim/result.h"

#include <stddef.h>

struct slope {
    double value, low, high; /* NaN with fewer than 5 points, or no two of different x */
};

/* Of points in any order; `count` up to a few hundred. */
struct slope theil_sen(const double *x, const double *y, size_t count);

/* Of used_memory, and of keys. */
struct growth growth_of(const struct curve *curve);

/* Hours until `bytes` more are used, at a growth per hour: infinite if it does not grow. */
double growth_hours(double bytes, double bytes_per_hour);

#endif

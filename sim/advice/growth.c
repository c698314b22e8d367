/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/growth.h"

#include "sim/alloc.h"
#include "sim/statistics.h"

#include <gsl/gsl_sort.h>

#include <math.h>
#include <stdlib.h>

enum { WINDOWS = 24, POINTS_AT_LEAST = 5 };

static const double US_PER_HOUR = 3600e6;
static const double SHORTEST_US = 60e6; /* of what is shorter nothing is said for hours */

static double at_rank(const double *sorted, size_t count, double rank)
{
    if (rank < 0)
        return sorted[0];
    return sorted[rank > (double)count - 1 ? count - 1 : (size_t)rank];
}

struct slope theil_sen(const double *x, const double *y, size_t count)
{
    struct slope slope = {NAN, NAN, NAN};
    double *slopes = xcalloc(count * count + 1, sizeof *slopes), deviation;
    size_t pairs = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (x[i] != x[j])
                slopes[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
    if (count >= POINTS_AT_LEAST && pairs) {
        gsl_sort(slopes, 1, pairs);
        slope.value = statistics_median(slopes, pairs);
        deviation = 1.96 * sqrt((double)count * ((double)count - 1) * (2 * (double)count + 5) / 18);
        slope.low = at_rank(slopes, pairs, floor(((double)pairs - deviation) / 2));
        slope.high = at_rank(slopes, pairs, ceil(((double)pairs + deviation) / 2));
    }
    free(slopes);
    return slope;
}

struct window {
    double hours, bytes, keys;
};

/* The median of the points of a curve whose times are in [from, to); false: there are none. */
static bool median_of(const struct curve *curve, double from_us, double to_us, struct window *window)
{
    double *bytes = xcalloc(curve->count + 1, sizeof *bytes), *keys = xcalloc(curve->count + 1, sizeof *keys);
    size_t count = 0;

    for (size_t i = 0; i < curve->count; i++) {
        const struct sample *sample = &curve->samples[i];

        if ((double)sample->time_us < from_us || (double)sample->time_us >= to_us)
            continue;
        bytes[count] = (double)sample->used_memory;
        keys[count++] = (double)sample->keys;
    }
    if (count) {
        gsl_sort(bytes, 1, count);
        gsl_sort(keys, 1, count);
        *window = (struct window){(from_us + to_us) / 2 / US_PER_HOUR, statistics_median(bytes, count),
                                  statistics_median(keys, count)};
    }
    free(bytes);
    free(keys);
    return count > 0;
}

struct growth growth_of(const struct curve *curve)
{
    double end_us = curve->count ? (double)curve->samples[curve->count - 1].time_us : 0;
    double x[WINDOWS], bytes[WINDOWS], keys[WINDOWS], step = end_us / 2 / WINDOWS;
    struct growth growth = {0};
    struct slope slope;

    for (int i = 0; i < WINDOWS; i++) {
        struct window window;

        if (!median_of(curve, end_us / 2 + i * step, end_us / 2 + (i + 1) * step, &window))
            continue;
        x[growth.windows] = window.hours;
        bytes[growth.windows] = window.bytes;
        keys[growth.windows++] = window.keys;
    }
    if (end_us < SHORTEST_US)
        growth.windows = 0;
    slope = theil_sen(x, bytes, growth.windows);
    growth.bytes_per_hour = slope.value;
    growth.low = slope.low;
    growth.high = slope.high;
    growth.keys_per_hour = theil_sen(x, keys, growth.windows).value;
    return growth;
}

double growth_hours(double bytes, double bytes_per_hour)
{
    if (isnan(bytes_per_hour))
        return NAN;
    return bytes_per_hour > 0 ? bytes / bytes_per_hour : INFINITY;
}

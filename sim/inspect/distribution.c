/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/distribution.h"

#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>

void distribution_make_room(struct distribution *distribution)
{
    distribution->buckets = xcalloc(DISTRIBUTION_BUCKETS, sizeof *distribution->buckets);
    distribution->min = UINT64_MAX;
}

void distribution_release(struct distribution *distribution)
{
    free(distribution->buckets);
    *distribution = (struct distribution){0};
}

uint64_t distribution_quantile(const struct distribution *distribution, double share)
{
    uint64_t wanted = (uint64_t)ceil(share * (double)distribution->count), seen = 0;

    if (!distribution->count)
        return 0;
    if (wanted >= distribution->count)
        return distribution->max;
    for (size_t i = 0; i < DISTRIBUTION_BUCKETS; i++) {
        seen += distribution->buckets[i].count;
        if (seen && seen >= wanted)
            return distribution->buckets[i].lowest;
    }
    return distribution->max;
}

struct spread distribution_spread(const struct distribution *distribution)
{
    return (struct spread){
        .count = distribution->count,
        .mean = distribution->count ? distribution->sum / (double)distribution->count : NAN,
        .min = distribution->count ? distribution->min : 0,
        .median = distribution_quantile(distribution, 0.5),
        .p90 = distribution_quantile(distribution, 0.9),
        .p99 = distribution_quantile(distribution, 0.99),
        .p999 = distribution_quantile(distribution, 0.999),
        .max = distribution->max,
    };
}

struct size_point *distribution_curve(const struct distribution *distribution, size_t most, size_t *count)
{
    struct size_point *points = xcalloc(most + 1, sizeof *points);
    double step = 1 / (double)most, next = 0;
    uint64_t seen = 0;

    *count = 0;
    for (size_t i = 0; distribution->count && i < DISTRIBUTION_BUCKETS; i++) {
        double share;

        if (!distribution->buckets[i].count)
            continue;
        seen += distribution->buckets[i].count;
        share = (double)seen / (double)distribution->count;
        if (share < next && seen < distribution->count)
            continue;
        points[(*count)++] = (struct size_point){
            seen == distribution->count ? distribution->max : distribution->buckets[i].lowest, share};
        next = share + step;
    }
    return points;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/rate.h"

#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void rate_counts_release(struct rate_counts *rate)
{
    free(rate->counts);
    *rate = (struct rate_counts){0};
}

/* How many intervals become one. */
static int64_t next_factor(int64_t interval_us)
{
    static const int64_t minute_us = 60 * INT64_C(1000000), hour_us = 60 * minute_us;

    return interval_us < hour_us ? 60 : interval_us == hour_us ? 24 : 10;
}

static void coarsen(struct rate_counts *rate)
{
    size_t factor = (size_t)next_factor(rate->interval_us), count = (rate->count + factor - 1) / factor;

    for (size_t i = 0; i < count; i++) {
        uint64_t sum = 0;

        for (size_t k = i * factor; k < (i + 1) * factor && k < rate->count; k++)
            sum += rate->counts[k];
        rate->counts[i] = sum;
    }
    rate->count = count;
    rate->interval_us *= (int64_t)factor;
}

void rate_counts_go_on(struct rate_counts *rate, int64_t time_us)
{
    size_t count;

    if (!rate->interval_us)
        rate->interval_us = 1000000;
    while (time_us / rate->interval_us >= RATE_INTERVALS)
        coarsen(rate);
    count = (size_t)(time_us / rate->interval_us) + 1;
    if (count > rate->capacity) {
        size_t capacity = 2 * count + 1024;

        rate->counts =
            xrealloc_zero(rate->counts, rate->capacity * sizeof *rate->counts, capacity * sizeof *rate->counts);
        rate->capacity = capacity;
    }
    if (count > rate->count)
        memset(rate->counts + rate->count, 0, (count - rate->count) * sizeof *rate->counts);
    rate->count = count;
    rate->end_us = (int64_t)count * rate->interval_us;
}

int compare_counts(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

uint64_t quantile_of_sorted(const uint64_t *sorted, size_t count, uint64_t zeros, double share)
{
    uint64_t wanted = (uint64_t)ceil(share * (double)(count + zeros));

    if (wanted <= zeros || !count)
        return zeros || !count ? 0 : sorted[0];
    return sorted[wanted - zeros - 1];
}

struct rate rate_counts_found(const struct rate_counts *rate, int64_t last_us)
{
    struct rate found = {.interval_us = rate->interval_us, .mean = NAN};
    size_t count =
        rate->count > 1 && last_us + 1 < (int64_t)rate->count * rate->interval_us ? rate->count - 1 : rate->count;
    uint64_t *sorted, sum = 0;

    if (!count)
        return found;
    sorted = memcpy(xcalloc(count, sizeof *sorted), rate->counts, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_counts);
    for (size_t i = count; i--;) {
        sum += rate->counts[i];
        if (rate->counts[i] == sorted[count - 1])
            found.max_us = (int64_t)i * rate->interval_us;
    }
    found.intervals = count;
    found.mean = (double)sum / (double)count;
    found.min = sorted[0];
    found.median = quantile_of_sorted(sorted, count, 0, 0.5);
    found.p99 = quantile_of_sorted(sorted, count, 0, 0.99);
    found.max = sorted[count - 1];
    free(sorted);
    return found;
}

struct rate_point *rate_counts_points(const struct rate_counts *rate, size_t most, size_t *count, int64_t *step_us)
{
    size_t step = (rate->count + most - 1) / most;
    struct rate_point *points = xcalloc(most + 1, sizeof *points);

    *count = 0;
    *step_us = (int64_t)step * rate->interval_us;
    for (size_t i = 0; i < rate->count; i++) {
        if (i % step == 0)
            points[(*count)++].from_us = (int64_t)i * rate->interval_us;
        points[*count - 1].requests += rate->counts[i];
    }
    return points;
}

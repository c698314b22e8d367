/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rate: how many commands came in each interval. Intervals are of a second; when there are too many of them, of a minute, an
 * hour, a day, and so on ten times as long. */
#ifndef SIM_INSPECT_RATE_H
#define SIM_INSPECT_RATE_H

#include "sim/inspect/portrait.h"

#include <stddef.h>
#include <stdint.h>

enum { RATE_INTERVALS = 100000 };

struct rate_counts {
    int64_t interval_us; /* 0: nothing came yet */
    uint64_t *counts;    /* owned, by interval */
    size_t count, capacity;
    int64_t begin_us, end_us; /* of the interval at hand, which is the last */
};

/* Zeroed to begin with. */
void rate_counts_release(struct rate_counts *rate);

void rate_counts_go_on(struct rate_counts *rate, int64_t time_us);

/* A command at this time, which is not before the last one. */
static inline void rate_counts_add(struct rate_counts *rate, int64_t time_us)
{
    if (time_us >= rate->end_us)
        rate_counts_go_on(rate, time_us);
    rate->counts[rate->count - 1]++;
}

/* The trace ended at last_us. */
struct rate rate_counts_found(const struct rate_counts *rate, int64_t last_us);

/* The counts as at most `most` points of equal time, *step_us; NULL without any. To be freed. */
struct rate_point *rate_counts_points(const struct rate_counts *rate, size_t most, size_t *count, int64_t *step_us);

/* Of sorted numbers, behind so many zeros: as a spread has it. */
uint64_t quantile_of_sorted(const uint64_t *sorted, size_t count, uint64_t zeros, double share);
int compare_counts(const void *a, const void *b);

#endif

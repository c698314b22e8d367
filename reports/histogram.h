/* SPDX-License-Identifier: GPL-3.0-or-later */
/* histogram: the histograms of evicted keys (struct eviction_quality), over the seeds of a cell. */
#ifndef REPORTS_HISTOGRAM_H
#define REPORTS_HISTOGRAM_H

#include "reports/grid.h"

#include <stdint.h>

struct histogram {
    const struct bucket *buckets; /* of the result */
    size_t count;
    int64_t unit_us; /* the first bucket's end, if it begins with 0; the other ends are this times powers of two */
};

typedef struct histogram histogram_fn(const struct result *result);

histogram_fn histogram_asked_again; /* by the time from the eviction to the read that missed */
histogram_fn histogram_ttl_left;    /* by the ttl that the victim had left */

/* How many of all seeds lie below end_us, which is an end of buckets, or INT64_MAX. */
uint64_t histogram_count_below(struct cell cell, histogram_fn *histogram, int64_t end_us);
/* The end of the first bucket up to which half of them lie; the begin of the last one from which on half of them do. */
int64_t histogram_half_before(struct cell cell, histogram_fn *histogram);
int64_t histogram_half_from(struct cell cell, histogram_fn *histogram);

#endif

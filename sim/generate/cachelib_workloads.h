/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cachelib_workloads: what one of them is made of. */
#ifndef SIM_GENERATE_CACHELIB_WORKLOADS_H
#define SIM_GENERATE_CACHELIB_WORKLOADS_H

#include "sim/generate/ranks.h"
#include "sim/generate/sizes.h"

struct cachelib_workload {
    const char *name;
    const struct popularity_bucket *popularity;
    size_t popularity_count;
    const struct sizes_row *sizes; /* ranges */
    size_t size_count;
    double get_ratio, lone_get_ratio; /* relative to their sum: reads of these keys, and of keys that come once */
    struct sizes_row key_sizes[2];    /* ranges of the bytes of a key */
};

enum { CACHELIB_WORKLOADS = 2 };
extern const struct cachelib_workload cachelib_workloads[CACHELIB_WORKLOADS];

#endif

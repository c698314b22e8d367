/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shard_skew: how unevenly the shards of a cluster are used: the largest, as a multiple of the mean; the one that is worst
 * off. Pure functions over a result that has shards. */
#ifndef SIM_SHARD_SKEW_H
#define SIM_SHARD_SKEW_H

#include "sim/result.h"

#include <stdint.h>

struct skew {
    uint32_t shard; /* place of the one with the most */
    double ratio;   /* max / mean; 1: all are alike; NaN: there is nothing */
};

struct skew skew_of_requests(const struct result *result);
struct skew skew_of_memory(const struct result *result); /* of used_memory_peak */

/* Place of the shard that refuses the largest share of its writes; of those that refuse none, the one with the lowest hit
 * ratio. */
uint32_t shard_worst(const struct result *result);

double shard_hit_ratio(const struct shard *shard); /* 0..1; NaN without reads */
double shard_oom_share(const struct shard *shard); /* of its writes; NaN without */
/* used_memory_peak / maxmemory; NaN without a limit. */
double shard_fullness(const struct shard *shard);

/* Whether one refused writes while another was at most half full (least_full): place of the first such; -1: none did. */
int shard_full_beside_half_empty(const struct result *result);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shard_sum: the results of a cluster's shards as one.
 *
 * Counters are sums; so used_memory_peak is what all shards need together, each at its own worst moment. A point of the curve
 * is there when every shard has one of that time. Quantiles of minutes are of the cluster's minutes. */
#ifndef SIM_ENGINE_SHARD_SUM_H
#define SIM_ENGINE_SHARD_SUM_H

#include "sim/evictions.h"
#include "sim/result.h"
#include "sim/slots.h"

#include <stdint.h>

/* `parts` and `minutes`, one for each shard, which are left empty, become the result and its shards. Totals are
 * about counted_us. */
void shard_sum(struct result *parts, struct minute_log *minutes, const struct slot_table *table, int64_t counted_us,
               struct result *result);

#endif

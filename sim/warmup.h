/* SPDX-License-Identifier: GPL-3.0-or-later */
/* warmup: the cold start of a cell, which its totals leave out (--warmup).
 *
 *     first request        warm-up ends                    end of the trace
 *     |--------------------|-------------------------------|
 *                          a copy of all counts is taken; totals = counts at the end - copy
 *
 * Nothing is reset in the model, and curves stay counts since the start: the simulation is the same with and without a
 * warm-up. What is no count, but the most of something (used_memory_peak, fetches of one key at once) or a distribution
 * (evictions.h), begins anew, as do the first eviction and the first refusal. What is a state at the end (keys, used_memory) stays that.
 *
 * The warm-up ends just before the first request at or after its end: with what is due at that very moment. A script that began
 * before that is left out with all its calls. A cluster's shards all end it at that time, so that they leave out the same requests
 * together; a MULTI counts in each when it gets there, with the first command behind it. */
#ifndef SIM_WARMUP_H
#define SIM_WARMUP_H

#include "sim/evictions.h"
#include "sim/fetches.h"
#include "sim/group_account.h"
#include "sim/result.h"

#include <stdint.h>

/* Zeroed: there is none. */
struct warmup {
    struct counters counters; /* at its end */
    struct miss_load load;
};

/* The warm-up ends at now_us, with so much used_memory. `groups` may be NULL. */
void warmup_end(struct warmup *warmup, int64_t now_us, uint64_t used_memory, struct counters *counters,
                struct moments *moments, struct evictions *evictions, struct fetches *fetches,
                struct group_account *groups);

/* Whether the counter grows with time, so that a warm-up is taken out of it. */
bool counter_is_cumulative(int field);

/* Takes the warm-up out of counters and load of the whole, and puts its counters beside them. The groups do so themselves. */
void warmup_leave_out(const struct warmup *warmup, struct result *result);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* histograms: a command that is called for the first time gets its latency histogram, for good.
 *
 * Source: updateCommandLatencyHistogram (server.c). */
#ifndef SIM_SERVER_HISTOGRAMS_H
#define SIM_SERVER_HISTOGRAMS_H

#include "sim/server/state.h"

enum { HISTOGRAM_BYTES = 24688 };

/* The command was called. Under latency-tracking no it gets none. */
static inline void histograms_note(struct redis *redis, enum op op)
{
    if (redis->was_called[op] || !redis->config.latency_tracking)
        return;
    redis->used += HISTOGRAM_BYTES;
    redis->was_called[op] = true;
    redis->kinds_called++;
}

/* How many kinds of commands have been called. */
unsigned histograms_kinds(const struct redis *redis);
/* What their histograms weigh. */
uint64_t histograms_bytes(const struct redis *redis);

/* CONFIG RESETSTAT: all of them are freed. */
void histograms_reset(struct redis *redis);

#endif

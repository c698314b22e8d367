/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow: what the application would send behind its commands besides what the trace shows: ttls (sim/ttl_rules.h), and bounds
 * of lists, sorted sets and streams (sim/trim_rules.h). */
#ifndef SIM_SERVER_FOLLOW_H
#define SIM_SERVER_FOLLOW_H

#include "sim/server/state.h"

static inline bool follow_has_rules(const struct redis *redis)
{
    return redis->options->ttl_rules.count + redis->options->trim_rules.count > 0;
}

/* Of the command in these rows, which has been carried out; with is_fill of the fill behind it. */
void follow_rules(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows, bool is_fill);

#endif

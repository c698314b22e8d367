/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expire: the active expiry cycle. */
#ifndef SIM_SERVER_EXPIRE_H
#define SIM_SERVER_EXPIRE_H

#include "sim/server/state.h"

/* One run of the slow cycle, as serverCron does it: looks at keys with a ttl and deletes those that have expired, until
 * few of those that it looks at have, or its time is up. */
void active_expire_cycle(struct redis *redis);
/* One run of the fast cycle, as beforeSleep does it when a cycle's time was up, or keys are stale (redis->expiry.wants_fast): the same, for a
 * millisecond, and not more often than half of the time. */
void active_expire_cycle_fast(struct redis *redis);

/* When the server, which has one thread, is done with the cycles that have run, in us of the trace; not before now. */
int64_t expire_ends_us(const struct redis *redis);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evict: the out-of-memory gate. */
#ifndef SIM_SERVER_EVICT_H
#define SIM_SERVER_EVICT_H

#include "sim/server/state.h"

enum evict_result { EVICT_OK, EVICT_RUNNING, EVICT_FAIL };

/* Deletes keys until so many bytes have been freed, or what evict_to_limit says ends it. */
enum evict_result evict_bytes(struct redis *redis, uint64_t bytes);
/* performEvictions, at the start of every command: deletes keys until used_memory, the running command's
 * arguments included, is within maxmemory. EVICT_FAIL: it is not, and nothing may be evicted. */
static inline enum evict_result evict_to_limit(struct redis *redis)
{
    uint64_t used = counted_memory(redis);

    return !redis->maxmemory || used <= redis->maxmemory ? EVICT_OK : evict_bytes(redis, used - redis->maxmemory);
}

/* The next victim; NO_KEY: there is none. If an admission rule has asked for it before, it is the same. */
uint32_t evict_next_victim(struct redis *redis);
/* Evicts the keys that the policy wants to evict although there is room (policy.h, surplus). */
void evict_surplus(struct redis *redis);
/* startEvictionTimeProc: unless it runs already, a timer goes on evicting from the end of this turn. */
void evict_start_timer(struct redis *redis);
/* Runs that timer at the end of a turn: it evicts, and ends when there is no more to do. */
void evict_run_timer(struct redis *redis);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn: a command's turn, from its arrival to its reply. */
#ifndef SIM_SERVER_TURN_H
#define SIM_SERVER_TURN_H

#include "sim/server/state.h"

/* An upper bound of what the arguments weigh, of a command that does not name elements. */
static inline uint64_t turn_most_bytes(uint32_t value_len, uint32_t key_len)
{
    return (value_len == VALUE_UNKNOWN ? 0 : (uint64_t)value_len) * 5 / 4 + (uint64_t)key_len * 5 / 4 + 1024;
}

/* Whether it matters what the arguments weigh, `most` at most: to the gate, or because a table is near to asking whether it
 * may be resized. */
static inline bool turn_arguments_matter(const struct redis *redis, const struct database *database, uint64_t most)
{
    return redis->maxmemory && (redis->used + most > redis->maxmemory || table_resize_is_near(&database->keys) ||
                                table_resize_is_near(&database->expires));
}

/* As updateCachedTime in call(). */
static inline void turn_update_cached_time(struct redis *redis)
{
    if (redis->unix_ms - 1000 * redis->cached_unix_s < 1000)
        return;
    redis->cached_unix_s = redis->unix_ms / 1000;
    if (redis->profile->clock_per_command)
        redis->eviction.clock.lru_clock = lru_clock_of(redis->cached_unix_s);
}

/* One command of the batch: rows first to first + rows - 1. Leaves in redis->missed those that an
 * application would now load and SET. Behind EVAL redis->script.is_open: see script_turn.h. */
void turn_execute(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
/* The SET that an application issues after a missed read, with the row's size and ttl. */
void turn_fill(struct redis *redis, const struct batch *batch, uint32_t row);
/* Around a command of these words that the caller executes itself, between the two calls. The gate does not refuse
 * it. */
void turn_begin(struct redis *redis, const char *const *words, size_t count);
void turn_end(struct redis *redis, enum op op, const char *const *words, size_t count, uint64_t reply, bool failed);
/* INFO, from a client that is not in the trace. Returns used_memory as it prints it. */
uint64_t turn_info(struct redis *redis);

#endif

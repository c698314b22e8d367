/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn: a command's turn, from its arrival to its reply. */
#ifndef SIM_SERVER_TURN_H
#define SIM_SERVER_TURN_H

#include "sim/server/state.h"

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

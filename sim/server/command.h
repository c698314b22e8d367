/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command: a command's turn, from its arrival to its reply. */
#ifndef SIM_SERVER_COMMAND_H
#define SIM_SERVER_COMMAND_H

#include "sim/server/state.h"

/* One command of the batch: rows first to first + rows - 1. Leaves in missed_rows those that an
 * application would now load and SET. */
void command_execute(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
/* The SET that an application issues after a missed read, with the row's size and ttl. */
void command_fill(struct redis *redis, const struct batch *batch, uint32_t row);
/* A command that traces do not have, of these words, which the gate does not refuse: what it does lies
 * between the two calls. */
enum other_command { OTHER_CONFIG_SET, OTHER_BGSAVE, OTHER_REPLCONF, OTHER_PSYNC };
void command_begin_other(struct redis *redis, const char *const *words, size_t count);
void command_end_other(struct redis *redis, enum other_command command, uint64_t reply, bool failed);
/* An op, or OP_COUNT plus another command, was called, perhaps for the first time: its latency histogram. */
void command_called(struct redis *redis, unsigned op);
/* INFO, from a client that is not in the trace. Returns used_memory as it prints it. */
uint64_t command_info(struct redis *redis);

#endif

/* command: a command's turn, from its arrival to its reply. */
#ifndef SIM_SERVER_COMMAND_H
#define SIM_SERVER_COMMAND_H

#include "sim/server/state.h"

/* One command of the batch: rows first to first + rows - 1. Leaves in missed_rows those that an
 * application would now load and SET. */
void command_execute(struct redis *redis, const struct batch *batch, uint32_t first,
                     uint32_t rows);
/* The SET that an application issues after a missed read, with the row's size and ttl. */
void command_fill(struct redis *redis, const struct batch *batch, uint32_t row);
/* INFO, from a client that is not in the trace. Returns used_memory as it prints it. */
uint64_t command_info(struct redis *redis);

#endif

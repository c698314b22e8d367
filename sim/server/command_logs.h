/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command_logs: the logs of commands that were slow or large (slow_log.h), of which each keeps its last entries.
 *
 * Source: slowlogPushEntryIfNeeded (slowlog.c); commandlog.c of Valkey 9. */
#ifndef SIM_SERVER_COMMAND_LOGS_H
#define SIM_SERVER_COMMAND_LOGS_H

#include "sim/server/state.h"

/* How many entries the log may have. */
uint64_t command_logs_longest(const struct redis *redis, enum command_log which);
/* An entry of so many bytes; the oldest go that are too many. */
void command_logs_push(struct redis *redis, enum command_log which, uint64_t bytes);
/* SLOWLOG RESET, COMMANDLOG RESET. */
void command_logs_reset(struct redis *redis, enum command_log which);
/* How many entries it has. */
uint32_t command_logs_length(const struct redis *redis, enum command_log which);
/* What all logs weigh. */
uint64_t command_logs_bytes(const struct redis *redis);
void command_logs_release(struct redis *redis);

#endif

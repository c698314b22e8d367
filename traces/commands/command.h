/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command: a Redis command with its arguments, as records.
 *
 * For formats that carry whole commands, such as what MONITOR prints. A command of several keys is
 * several records, which may not fit into what the caller of read() has room for: they are made
 * into a queue. As long as it is not empty, the format must keep the arguments' bytes where they
 * are.
 *
 * What the server would answer with an error is a record of its own (REFUSED_COMMAND_LIST of sim/command.h). It is counted
 * with the unknown commands, by why: "set (arity)", "set (syntax)", "incrby (number)". */
#ifndef TRACES_COMMANDS_COMMAND_H
#define TRACES_COMMANDS_COMMAND_H

#include "traces/commands/queue.h"

/* What an argument takes of this machine's memory until the models have it, with room that doubles: as an argument, a record or an element,
 * and in a batch. Whoever finds a command of many asks for them before it is queued (source_may_take()). */
enum { COMMAND_ARGUMENT_BYTES = 160 };

/* Queues the records of a command; arguments[0] is its name, count >= 1. They are like `row`, which
 * has the time, db and line, and point to the bytes of the keys. */
void command_queue(struct queue *queue, const struct record *row, const struct argument *arguments, size_t count,
                   struct intake *intake);

/* The records of one command of a scenario (a scenario_command_fn): they point into its words. Their
 * elements, if there are any, are one array, records[0].named, which the caller frees. */
int command_parse(const char *const *words, size_t count, struct record *records, int room, struct error *error);

#endif

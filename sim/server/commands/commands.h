/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands: what each command does to the keyspace, a file for each group of commands.
 *
 * A function handles one row of its command, which is one key; the call carries counts from row to row. */
#ifndef SIM_SERVER_COMMANDS_COMMANDS_H
#define SIM_SERVER_COMMANDS_COMMANDS_H

#include "sim/server/commands/call.h"

typedef void command_fn(struct call *call);

#define X(symbol, name, arguments, function, ...) command_fn run_##function;
EVERY_COMMAND
#undef X

#endif

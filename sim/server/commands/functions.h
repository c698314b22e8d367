/* SPDX-License-Identifier: GPL-3.0-or-later */
/* functions: which function is which command's. */
#ifndef SIM_SERVER_COMMANDS_FUNCTIONS_H
#define SIM_SERVER_COMMANDS_FUNCTIONS_H

#include "sim/server/commands/commands.h"

extern command_fn *const command_functions[OP_COUNT]; /* by op */

#endif

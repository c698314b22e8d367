/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/functions.h"

command_fn *const command_functions[OP_COUNT] = {
#define X(symbol, name, arguments, function, ...) [OP_##symbol] = run_##function,
    EVERY_COMMAND
#undef X
};

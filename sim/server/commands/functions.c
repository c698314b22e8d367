/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/functions.h"

command_fn *const command_functions[OP_COUNT] = {
#define X(symbol, name, arguments, function, ...) [OP_##symbol] = run_##function,
    COMMAND_LIST(X) SKIPPED_COMMAND_LIST(SKIPPED_COMMAND) REFUSED_COMMAND_LIST(REFUSED_COMMAND)
#undef X
};

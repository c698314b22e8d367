/* SPDX-License-Identifier: GPL-3.0-or-later */
/* string_compare: commands that change a string if it equals a text: SET ... IFEQ (Valkey 8.1), DELIFEQ (9.0), DELEX
 * (Redis 8.4).
 *
 * The model does not keep what strings hold. It knows integers and other numbers, and of other texts a digest, from the
 * first command of this kind on (traces/commands/queue.h). Where that does not suffice, the lengths do if they differ; else the command
 * is left out and counted.
 *
 * Source: setGenericCommand, delifeqCommand (t_string.c of Valkey 9.1). */
#ifndef SIM_SERVER_COMMANDS_STRING_COMPARE_H
#define SIM_SERVER_COMMANDS_STRING_COMPARE_H

#include "sim/server/commands/commands.h"

/* Of a SET with IFEQ, whose key holds a string: whether that is the text. It counts if it is left out. */
bool string_is_equal_to_option(const struct call *call);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* string_compare: commands that change a string if it equals a text: SET ... IFEQ (Valkey 8.1), DELIFEQ (9.0), DELEX,
 * SET ... IFNE, IFDEQ, IFDNE (Redis 8.4); and DIGEST, which says what is compared.
 *
 * The model does not keep what strings hold. It knows integers, and of other texts a digest, the server's own XXH3-64, from the first command
 * of this kind on (traces/commands/queue.h). Where that does not suffice, the lengths do if they differ; else the command is left out and
 * counted. Of other numbers 40 bits of the digest are kept, beside the number (sim/decimal.h); of what INCRBYFLOAT writes the text follows.
 *
 * Source: setGenericCommand, delifeqCommand (t_string.c of Valkey 9.1). */
#ifndef SIM_SERVER_COMMANDS_STRING_COMPARE_H
#define SIM_SERVER_COMMANDS_STRING_COMPARE_H

#include "sim/server/commands/commands.h"

/* Of a SET with IFEQ, IFNE, IFDEQ or IFDNE, whose key is absent or holds a string: whether the condition holds. It counts if it is
 * left out. A digest of another length is an error. */
bool string_meets_condition(struct call *call, bool is_there);

#endif

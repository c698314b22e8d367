/* SPDX-License-Identifier: GPL-3.0-or-later */
/* library: what can be read in the text of a library of functions, without running it: its name, which stands in the first line,
 * and the functions that it registers by a literal name, with their flags.
 *
 *     #!lua name=counters
 *     redis.register_function('add', function(keys, args) ... end)
 *     server.register_function{function_name='read', callback=read, flags={'no-writes'}, description='...'}
 *
 * A name that the code computes is not known.
 *
 * Source: functionExtractLibMetaData (functions.c), luaRegisterFunctionReadNamedArgs (function_lua.c) of Redis 7.0; Valkey calls
 * the module server, too. */
#ifndef TRACES_COMMANDS_LIBRARY_H
#define TRACES_COMMANDS_LIBRARY_H

#include "traces/commands/words.h"

/* Queues an element for the library, ELEMENT_CONTENT and ELEMENT_SCRIPT: the member is its name, value_len the length of the
 * text; and one for each function, ELEMENT_CONTENT: the member is its name (ELEMENT_ANY_CASE), number is of enum script_flag, with
 * ELEMENT_SCORED it has a description of value_len bytes. `record` is the queue's last. Returns SYNTAX if the server would
 * refuse the library, PARTLY if not all of the functions are known. */
enum outcome library_queue(struct queue *queue, struct record *record, const char *text, uint32_t bytes);

#endif

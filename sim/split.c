/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/split.h"

/* Of a command of a hash or a set. */
static enum split_way way_of_elements(enum op op)
{
    const char *arguments = command_table[op].arguments;

    if (!strcmp(arguments, "k") || op == OP_HSCAN || op == OP_SSCAN)
        return SPLIT_ALL;
    if (op == OP_HRANDFIELD || op == OP_SRANDMEMBER || op == OP_SPOP)
        return SPLIT_ANY;
    if (arguments[0] == 'k' && arguments[1] != 'k' && strchr(arguments, 'm') && !strchr(arguments, 'w'))
        return SPLIT_BY_ELEMENT;
    return SPLIT_NEVER;
}

enum split_way split_way_of(enum op op)
{
    const struct command *command = &command_table[op];

    if (command->type == TYPE_HASH || command->type == TYPE_SET)
        return way_of_elements(op);
    if (command->type != TYPE_ANY || command->transfer || command->sets || command->stores || op == OP_DUMP)
        return SPLIT_NEVER;
    if (command->deletes || command->retimes || command->drops_ttl || op == OP_WATCH)
        return SPLIT_ALL;
    return command->looks_up ? SPLIT_FIRST : SPLIT_NEVER;
}

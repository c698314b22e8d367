/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/command.h"

#include <strings.h>

const struct command command_table[OP_COUNT] = {
#define X(symbol, redis_name, letters, function, ...)                                                                  \
    [OP_##symbol] = {.name = redis_name, .name_bytes = sizeof(redis_name) - 1, .arguments = letters, __VA_ARGS__},
    EVERY_COMMAND
#undef X
};

const char *op_name(enum op op)
{
    return command_table[op].name;
}

/* Linear search is fast enough: the table is short, and the commands that are frequent in traces come first. */
enum op op_find(const char *name, size_t length)
{
    for (int op = 0; op < OP_COUNT; op++)
        if ((*command_table[op].name | 32) == (*name | 32) && command_table[op].name_bytes == length &&
            !strncasecmp(command_table[op].name, name, length))
            return (enum op)op;
    return OP_COUNT;
}

uint32_t command_changed_size(enum op op, uint64_t present, int64_t number, uint32_t value_len)
{
    uint64_t size = present, end;

    switch ((enum change)command_table[op].change) {
    case CHANGE_APPENDS:
        size = present + value_len;
        break;
    case CHANGE_EXTENDS:
        end = (uint64_t)number + value_len;
        size = end > present ? end : present;
        break;
    case CHANGE_SETS_BIT:
        end = (uint64_t)number / 8 + 1;
        size = end > present ? end : present;
        break;
    case CHANGE_COUNTS:
        size = present ? present : 1;
        break;
    case CHANGE_NONE:
        break;
    }
    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX - 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/request.h"

#include <string.h>
#include <strings.h>

static const char *const names[OP_COUNT] = {
#define X(symbol, name) [OP_##symbol] = name,
    COMMAND_LIST(X)
#undef X
};

const char *op_name(enum op op)
{
    return names[op];
}

enum op op_find(const char *name, size_t length)
{
    for (int op = 0; op < OP_COUNT; op++)
        if (strlen(names[op]) == length && !strncasecmp(names[op], name, length))
            return (enum op)op;
    return OP_COUNT;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/binary/verbs.h"

#include <stdio.h>

struct verb {
    const char *unknown; /* the name of one that is not modeled */
    uint16_t op, flags;
    bool renamed; /* it has no equal in Redis */
};

static const struct verb verbs[] = {
    {"nop", 0, 0, false},
    {NULL, OP_GET, 0, false},
    {NULL, OP_GET, 0, false},
    {NULL, OP_SET, 0, false},
    {NULL, OP_SET, REQUEST_NX, false},
    {NULL, OP_SET, 0, true},
    {NULL, OP_SET, REQUEST_XX, false},
    {NULL, OP_APPEND, 0, false},
    {NULL, OP_APPEND, 0, true},
    {NULL, OP_DEL, 0, false},
    {NULL, OP_INCR, 0, false},
    {NULL, OP_DECR, 0, false},
    {NULL, OP_GET, 0, false},
    {NULL, OP_SET, 0, false},
    {NULL, OP_SET, 0, false},
};

int record_set_verb(struct records *records, struct record *record, unsigned number)
{
    const struct verb *verb = number < sizeof verbs / sizeof *verbs ? &verbs[number] : NULL;
    char name[24];

    if (!verb || verb->unknown) {
        snprintf(name, sizeof name, "operation %u", number);
        intake_unknown(records->intake, verb ? verb->unknown : name, strlen(verb ? verb->unknown : name));
        return RECORD_LEFT_OUT;
    }
    record->op = verb->op;
    record->flags |= verb->flags;
    records->intake->renamed_commands += verb->renamed;
    return RECORD_DONE;
}

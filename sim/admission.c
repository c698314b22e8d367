/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/admission.h"

#include "sim/alloc.h"

#include <stdlib.h>

int admission_open(struct admission_context *context, const struct admission *admission, const double *parameters,
                   struct error *error)
{
    context->admission = admission;
    if (!admission)
        return 0;
    for (size_t i = 0; admission->parameters && admission->parameters[i].name; i++)
        context->parameters[i] = parameters ? parameters[i] : admission->parameters[i].initial;
    context->state = xcalloc(1, admission->state_size ? admission->state_size : 1);
    return admission->init ? admission->init(context, error) : 0;
}

void admission_close(struct admission_context *context)
{
    if (context->state && context->admission->release)
        context->admission->release(context);
    free(context->state);
    context->state = NULL;
}

bool admission_concerns(enum op op)
{
    switch (op) {
    case OP_DEL:
    case OP_UNLINK:
    case OP_EXPIRE:
    case OP_PEXPIRE:
    case OP_EXPIREAT:
    case OP_PEXPIREAT:
    case OP_PERSIST:
    case OP_FLUSHALL:
    case OP_FLUSHDB:
    case OP_SELECT:
    case OP_PING:
    case OP_INFO:
    case OP_COUNT:
        return false;
    case OP_GET:
    case OP_MGET:
    case OP_SET:
    case OP_SETEX:
    case OP_PSETEX:
    case OP_SETNX:
    case OP_GETSET:
    case OP_GETEX:
    case OP_GETDEL:
    case OP_MSET:
    case OP_APPEND:
    case OP_STRLEN:
    case OP_SETRANGE:
    case OP_INCR:
    case OP_DECR:
    case OP_INCRBY:
    case OP_DECRBY:
    case OP_EXISTS:
    case OP_TTL:
    case OP_PTTL:
    case OP_TYPE:
    case OP_TOUCH:
        return true;
    }
    return false;
}

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
    return command_table[op].looks_up || command_makes_key(op);
}

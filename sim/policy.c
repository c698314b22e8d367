/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/policy.h"

#include "sim/alloc.h"

#include <stdlib.h>

int policy_open(struct policy_context *context, const struct policy *policy, const double *parameters,
                struct error *error)
{
    for (size_t i = 0; policy->parameters && policy->parameters[i].name; i++)
        context->parameters[i] = parameters ? parameters[i] : policy->parameters[i].initial;
    context->policy = policy;
    context->scope = policy->scope;
    context->state = xcalloc(1, policy->state_size ? policy->state_size : 1);
    return policy->init ? policy->init(context, error) : 0;
}

void policy_close(struct policy_context *context)
{
    if (context->state && context->policy->release)
        context->policy->release(context);
    free(context->state);
    context->state = NULL;
}

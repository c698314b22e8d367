/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/policy.h"

#include "sim/alloc.h"

#include <stdlib.h>

void policy_set_parameters(struct policy_context *context, const double *parameters)
{
    const struct policy_parameter *named = context->policy->parameters;

    for (size_t i = 0; named && named[i].name; i++)
        context->parameters[i] = parameters ? parameters[i] : named[i].initial;
}

int policy_open(struct policy_context *context, const struct policy *policy, const double *parameters,
                struct error *error)
{
    context->policy = policy;
    policy_set_parameters(context, parameters);
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

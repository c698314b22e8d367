/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/hooks.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdlib.h>

/* Replaces a policy that must not be called again. */
static const struct policy nobody = {.name = "nobody", .scope = SCOPE_NONE};

void policy_set_parameters(struct policy_context *context, const double *parameters)
{
    const struct policy_parameter *named = context->policy->parameters;

    for (size_t i = 0; named && named[i].name; i++)
        context->parameters[i] = parameters ? parameters[i] : named[i].initial;
}

int policy_open(struct policy_context *context, const struct policy *policy, const double *parameters,
                struct error *error)
{
    int status;

    context->policy = policy;
    policy_set_parameters(context, parameters);
    context->scope = policy->scope;
    context->state = xcalloc(1, policy->state_size ? policy->state_size : 1);
    status = policy->init ? policy->init(context, error) : 0;
    if (status && !error_is_set(error))
        error_set(error, ERROR_LAW, "policy '%s': init() failed, and does not say why", policy->name);
    return error_is_set(error) ? -1 : 0;
}

void policy_close(struct policy_context *context)
{
    if (context->state && context->policy->release)
        context->policy->release(context);
    free(context->state);
    context->state = NULL;
}

static const char *fault_of(const struct policy_context *context, const struct wrong_answer *answer)
{
    if (answer->id >= answer->key_count)
        return "which is no key of the trace so far";
    if (!context->view->is_candidate(context->keyspace, answer->id, SCOPE_ALLKEYS))
        return "which is not in the cache";
    return "which has no ttl, as its scope asks for";
}

void policy_dismiss(struct policy_context *context)
{
    free(context->state);
    context->state = NULL;
    context->policy = &nobody;
    context->scope = SCOPE_NONE;
}

uint32_t policy_reject(struct policy_context *context, const struct cell_config *config,
                       const struct wrong_answer *answer, struct error *error)
{
    const char *label = config->policy_label ? config->policy_label : config->policy->name;
    const char *origin = config->policy_path ? config->policy_path : label;
    int64_t since_ms = context->clock.unix_ms - config->options->start_unix_us / 1000;

    error_set(error, ERROR_LAW,
              "%s: %s() of policy %s named key %" PRIu32 ", %s, at %.3f s (%s, maxmemory %" PRIu64 ", seed %" PRIu64
              "): see evsim check-policy %s",
              origin, answer->hook, context->policy->name, answer->id, fault_of(context, answer),
              (double)since_ms / 1e3, config->server->name, config->maxmemory, config->seed, origin);
    policy_dismiss(context);
    return NO_KEY;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* broken: a policy that breaks a law, one for each law, and check-policy must find each. fault=0 breaks none. */
#include "sim/policy_plugin.h"

#include <stdlib.h>

enum { FAULT };
enum { NONE, STUBBORN, BLIND, FORGETFUL, UNSEEDED, SHARED, LAZY };

static uint32_t shared_turn;

static uint32_t any_key(struct policy_context *context)
{
    for (int db = 0; db < context->database_count; db++)
        if (context->view->candidates(context->keyspace, db, context->scope))
            return context->view->random_key(context->keyspace, db, context->scope);
    return NO_KEY;
}

static void remember(struct policy_context *context, uint32_t id)
{
    *(uint32_t *)context->state = id + 1;
}

/* So many random keys are drawn in vain. */
static uint32_t key_after(struct policy_context *context, uint32_t turns)
{
    while (turns-- && any_key(context) != NO_KEY)
        ;
    return any_key(context);
}

static uint32_t victim(struct policy_context *context)
{
    uint32_t last = *(uint32_t *)context->state;

    switch ((int)context->parameters[FAULT]) {
    case STUBBORN:
        return 1; /* whether it is there or not */
    case BLIND:
        return NO_KEY;
    case FORGETFUL:
        return last ? last - 1 : any_key(context); /* removed would have told */
    case UNSEEDED:
        return key_after(context, (uint32_t)rand() % 3);
    case SHARED:
        return key_after(context, shared_turn++ % 3);
    case LAZY:
        return any_key(context) % 2 ? any_key(context) : NO_KEY;
    default:
        return any_key(context);
    }
}

static const struct policy_parameter parameters[] = {
    [FAULT] = {"fault", NONE, NONE, LAZY, "what is wrong"},
    {0},
};

static const struct policy broken = {
    .name = "broken",
    .summary = "breaks a law",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(uint32_t),
    .samples = true,
    .parameters = parameters,
    .added = remember,
    .victim = victim,
};

POLICY_PLUGIN(broken);

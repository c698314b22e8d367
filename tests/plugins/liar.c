/* SPDX-License-Identifier: GPL-3.0-or-later */
/* liar: a policy that gives impossible answers, of several kinds. The run must end with a message. fault=0 gives
 * correct answers. */
#include "sim/policy_plugin.h"

enum { FAULT };
enum { NONE, CONSTANT, BEYOND, GONE, OUT_OF_SCOPE, SURPLUS_GONE, FAILS_SILENTLY, FAILS_AND_SAYS_IT_DID_NOT, FAULTS };

struct liar {
    uint32_t gone; /* 1 + the key that was evicted last */
};

static int fault_of(const struct policy_context *context)
{
    return (int)context->parameters[FAULT];
}

static int init(struct policy_context *context, struct error *error)
{
    if (fault_of(context) == FAILS_AND_SAYS_IT_DID_NOT)
        error_set(error, ERROR_LAW, "liar: something failed");
    return fault_of(context) == FAILS_SILENTLY ? -1 : 0;
}

static uint32_t any_key(struct policy_context *context, enum scope scope)
{
    for (int db = 0; db < context->database_count; db++)
        if (context->view->candidates(context->keyspace, db, scope))
            return context->view->random_key(context->keyspace, db, scope);
    return NO_KEY;
}

/* One that has no ttl, if a few draws find one. */
static uint32_t key_without_ttl(struct policy_context *context)
{
    for (int draws = 0; draws < 1000; draws++) {
        uint32_t id = any_key(context, SCOPE_ALLKEYS);

        if (id == NO_KEY || !context->view->is_candidate(context->keyspace, id, SCOPE_VOLATILE))
            return id;
    }
    return any_key(context, context->scope);
}

static uint32_t victim(struct policy_context *context)
{
    const struct liar *liar = context->state;

    switch (fault_of(context)) {
    case CONSTANT:
        return 5;
    case BEYOND:
        return NO_KEY - 1;
    case GONE:
        return liar->gone ? liar->gone - 1 : any_key(context, context->scope);
    case OUT_OF_SCOPE:
        return context->scope == SCOPE_VOLATILE ? key_without_ttl(context) : NO_KEY - 2;
    default:
        return any_key(context, context->scope);
    }
}

static uint32_t surplus(struct policy_context *context)
{
    const struct liar *liar = context->state;

    return fault_of(context) == SURPLUS_GONE && liar->gone ? liar->gone - 1 : NO_KEY;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct liar *liar = context->state;

    liar->gone = id + 1;
}

static const struct policy_parameter parameters[] = {
    [FAULT] = {"fault", NONE, NONE, FAULTS - 1, "what is wrong"},
    {0},
};

static const struct policy liar = {
    .name = "liar",
    .summary = "answers what cannot be",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct liar),
    .samples = true,
    .parameters = parameters,
    .init = init,
    .evicted = evicted,
    .victim = victim,
    .surplus = surplus,
};

POLICY_PLUGIN(liar);

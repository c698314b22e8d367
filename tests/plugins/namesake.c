/* SPDX-License-Identifier: GPL-3.0-or-later */
/* namesake: a policy with the name of another one, that evicts a random key. */
#include "sim/policy_plugin.h"

static uint32_t victim(struct policy_context *context)
{
    for (int db = 0; db < context->database_count; db++)
        if (context->view->candidates(context->keyspace, db, context->scope))
            return context->view->random_key(context->keyspace, db, context->scope);
    return NO_KEY;
}

static const struct policy namesake = {
    .name = "lru", .summary = "a random key", .scope = SCOPE_ALLKEYS, .samples = true, .victim = victim};

POLICY_PLUGIN(namesake);

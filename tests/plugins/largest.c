/* SPDX-License-Identifier: GPL-3.0-or-later */
/* largest: of a few random keys, the largest goes. */
#include "sim/policy_plugin.h"

enum { SAMPLES };

static uint32_t victim(struct policy_context *context)
{
    uint32_t ids[64], largest = NO_KEY;
    int want = (int)context->parameters[SAMPLES];
    int found = 0;

    for (int db = 0; db < context->database_count && !found; db++) {
        if (!context->view->candidates(context->keyspace, db, context->scope))
            continue;
        found = context->view->sample(context->keyspace, db, context->scope, want, ids);
        if (!found) /* like Redis's, a sample looks into a few buckets only, and they may be empty */
            ids[found++] = context->view->random_key(context->keyspace, db, context->scope);
    }
    for (int i = 0; i < found; i++)
        if (largest == NO_KEY || policy_size(context, ids[i]) > policy_size(context, largest))
            largest = ids[i];
    return largest;
}

static const struct policy_parameter parameters[] = {
    [SAMPLES] = {"samples", 5, 1, 64, "keys that are looked at"},
    {0},
};

static const struct policy largest = {
    .name = "largest",
    .summary = "the largest of a few random keys",
    .scope = SCOPE_ALLKEYS,
    .samples = true,
    .parameters = parameters,
    .victim = victim,
};

POLICY_PLUGIN(largest);

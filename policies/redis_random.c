/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allkeys-random, volatile-random: a random key, from each database in turn.
 *
 * Redis draws a random non-empty bucket and then a key of its chain, so keys of long chains are a little safer than
 * others. The next eviction goes on with the database after the last one.
 *
 * Source: performEvictions (evict.c), dictGetRandomKey (dict.c). */
#include "sim/redis_policy.h"

struct turn {
    unsigned next_db;
};

static uint32_t victim(struct policy_context *context)
{
    struct turn *turn = context->state;

    for (int i = 0; i < context->database_count; i++) {
        int db = (int)(++turn->next_db % (unsigned)context->database_count);

        if (context->view->candidates(context->keyspace, db, context->scope))
            return context->view->random_key(context->keyspace, db, context->scope);
    }
    return NO_KEY;
}

static const struct redis_policy own = {.state = SERVER_STATE_TURN};

const struct policy policy_allkeys_random = {
    .name = "allkeys-random",
    .summary = "a random key",
    .redis = &own,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct turn),
    .samples = true,
    .victim = victim,
};

const struct policy policy_volatile_random = {
    .name = "volatile-random",
    .summary = "a random key among those with a ttl",
    .redis = &own,
    .scope = SCOPE_VOLATILE,
    .state_size = sizeof(struct turn),
    .samples = true,
    .victim = victim,
};

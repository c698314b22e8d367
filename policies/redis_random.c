/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allkeys-random, volatile-random: a random key, from each database in turn.
 *
 * Redis draws a random non-empty bucket and then a key of its chain, so keys of long chains are a little safer than
 * others. The next eviction goes on with the database after the last one.
 *
 * Where some keys may not be evicted (BLESS), it draws up to maxmemory-samples keys of a database, and gives up after some
 * rounds over all of them.
 *
 * Source: performEvictions (evict.c), dictGetRandomKey (dict.c). */
#include "policies/pool.h"
#include "sim/redis_policy.h"

struct turn {
    unsigned next_db;
};

/* A key of the database that may be evicted; NO_KEY: none of those that were drawn. */
static uint32_t draw(struct policy_context *context, int db)
{
    for (uint32_t i = 0; i < context->options->maxmemory_samples; i++) {
        uint32_t id = context->view->random_key(context->keyspace, db, context->scope);

        if (context->view->is_candidate(context->keyspace, id, context->scope))
            return id;
    }
    return NO_KEY;
}

static uint32_t victim_unless_spared(struct policy_context *context)
{
    struct turn *turn = context->state;
    bool has_drawn = true;

    for (int round = 0; round < SPARED_ROUNDS && has_drawn; round++) {
        has_drawn = false;
        for (int i = 0; i < context->database_count; i++) {
            int db = (int)(++turn->next_db % (unsigned)context->database_count);
            uint32_t id;

            if (!context->view->candidates(context->keyspace, db, context->scope))
                continue;
            has_drawn = true;
            id = draw(context, db);
            if (id != NO_KEY)
                return id;
        }
    }
    context->met_spared_only = has_drawn;
    return NO_KEY;
}

static uint32_t victim(struct policy_context *context)
{
    struct turn *turn = context->state;

    if (__builtin_expect(context->spares_keys, 0))
        return victim_unless_spared(context);
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

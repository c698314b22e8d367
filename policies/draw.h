/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draw: random keys, for policies that sample.
 *
 * A key is drawn with replacement: from a database in proportion to its keys, and there as the model draws one
 * (uniformly in a flat cache; in a server as dictGetRandomKey, which favours keys of short chains). */
#ifndef POLICIES_DRAW_H
#define POLICIES_DRAW_H

#include "sim/policy.h"

enum { DRAWS = 64 }; /* at most, of one choice */

/* NO_KEY when no key is in scope. */
static inline uint32_t draw_key(struct policy_context *context)
{
    uint64_t keys = 0, nth;
    int db = 0;

    for (int i = 0; i < context->database_count; i++)
        keys += context->view->candidates(context->keyspace, i, context->scope);
    if (!keys)
        return NO_KEY;
    if (context->database_count > 1)
        for (nth = gsl_rng_uniform_int(context->rng, keys);; db++) {
            uint32_t count = context->view->candidates(context->keyspace, db, context->scope);

            if (nth < count)
                break;
            nth -= count;
        }
    return context->view->random_key(context->keyspace, db, context->scope);
}

/* Draws `want` keys, of which the one with the least score wins, the first drawn among equals. `score`
 * is inlined: each policy has a loop of its own, over entries that are fetched ahead. */
__attribute__((always_inline)) static inline uint32_t
draw_least(struct policy_context *context, int want, uint32_t (*score)(const struct policy_context *, uint32_t))
{
    uint32_t ids[DRAWS], best = draw_key(context), least;

    if (best == NO_KEY)
        return NO_KEY;
    for (int i = 1; i < want; i++) {
        ids[i] = draw_key(context);
        __builtin_prefetch(policy_entry(context, ids[i]), 1);
    }
    least = score(context, best);
    for (int i = 1; i < want; i++) {
        uint32_t value = score(context, ids[i]);

        if (value < least) {
            best = ids[i];
            least = value;
        }
    }
    return best;
}

#endif

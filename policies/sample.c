/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/sample.h"

#include <math.h>

/* Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void fetch(const struct policy_context *context, const uint32_t *ids,
                                                        int count)
{
    for (int i = 0; i < count; i++)
        __builtin_prefetch(policy_entry(context, ids[i]));
}

uint32_t sample_lowest(struct policy_context *context, int keys, sample_rank_fn *rank, double *lowest)
{
    uint32_t ids[SAMPLE_MOST], best = NO_KEY;
    double best_rank = INFINITY;

    for (int db = 0; db < context->database_count; db++) {
        int count = 0;

        if (context->view->candidates(context->keyspace, db, context->scope)) {
            count = context->view->sample(context->keyspace, db, context->scope, keys, ids);
            if (!count) /* a sample looks into a few buckets only, as Redis's does, and all of them may be empty */
                ids[count++] = context->view->random_key(context->keyspace, db, context->scope);
        }
        fetch(context, ids, count);
        for (int i = 0; i < count; i++) {
            double key_rank = rank(context, ids[i]);

            if (best == NO_KEY || key_rank < best_rank) {
                best = ids[i];
                best_rank = key_rank;
            }
        }
    }
    if (lowest && best != NO_KEY)
        *lowest = best_rank;
    return best;
}

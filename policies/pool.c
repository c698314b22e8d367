/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/pool.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    SAMPLES = 0,
    SAMPLES_MAX = 1000000, /* the limit of maxmemory-samples */
    SAMPLES_FEW = 64,      /* so many samples fit on the stack */
};

const struct policy_parameter pool_parameters[] = {
    [SAMPLES] = {"samples", 0, 0, SAMPLES_MAX, "keys per sample; 0: maxmemory-samples"},
    {NULL, 0, 0, 0, NULL},
};

/* Opens a gap at `place` by moving the entries from there on to the right. */
static void shift_right(struct pool *pool, uint32_t place)
{
    memmove(&pool->score[place + 1], &pool->score[place], (pool->count - place) * sizeof *pool->score);
    memmove(&pool->id[place + 1], &pool->id[place], (pool->count - place) * sizeof *pool->id);
    pool->count++;
}

/* Drops the entry of the lowest score and opens a gap at `place` by moving those below it to the left. */
static void shift_left(struct pool *pool, uint32_t place)
{
    memmove(&pool->score[0], &pool->score[1], place * sizeof *pool->score);
    memmove(&pool->id[0], &pool->id[1], place * sizeof *pool->id);
}

void pool_offer(struct pool *pool, uint32_t id, uint64_t score)
{
    uint32_t place = 0;

    while (place < pool->count && pool->score[place] < score)
        place++;
    if (pool->count < POOL_SIZE)
        shift_right(pool, place);
    else if (place == 0)
        return;
    else
        shift_left(pool, --place);
    pool->score[place] = score;
    pool->id[place] = id;
}

/* What the databases' samples were together. */
struct sampled {
    int keys, spared; /* of those, which may not be evicted */
};

/* `in_db` is the number of keys that can be sampled. */
static void populate(struct policy_context *context, int db, uint32_t in_db, pool_score_fn *score,
                     struct sampled *sampled)
{
    uint32_t few[SAMPLES_FEW], *ids = few;
    int samples = (int)context->parameters[SAMPLES], count;

    if (!samples)
        samples = (int)context->options->maxmemory_samples;
    if (samples > SAMPLES_FEW) {
        samples = (uint32_t)samples > in_db ? (int)in_db : samples;
        ids = xmalloc((size_t)samples * sizeof *ids);
    }
    count = context->view->sample(context->keyspace, db, context->scope, samples, ids);
    sampled->keys += count;
    for (int i = 0; i < count; i++) {
        if (__builtin_expect(context->spares_keys, 0) &&
            !context->view->is_candidate(context->keyspace, ids[i], context->scope))
            sampled->spared++;
        else
            pool_offer(context->state, ids[i], score(context, ids[i]));
    }
    if (ids != few)
        free(ids);
}

uint32_t pool_victim(struct policy_context *context, pool_score_fn *score)
{
    struct pool *pool = context->state;
    int spared_rounds = 0;

    for (;;) {
        uint64_t candidates = 0;
        struct sampled sampled = {0};

        for (int db = 0; db < context->database_count; db++) {
            uint32_t in_db = context->view->candidates(context->keyspace, db, context->scope);

            candidates += in_db;
            if (in_db)
                populate(context, db, in_db, score, &sampled);
        }
        if (!candidates)
            return NO_KEY;
        while (pool->count) {
            uint32_t id = pool->id[--pool->count];

            if (context->view->is_candidate(context->keyspace, id, context->scope))
                return id;
        }
        if (!context->spares_keys)
            continue;
        spared_rounds = sampled.spared == sampled.keys ? spared_rounds + 1 : 0;
        if (!sampled.keys || spared_rounds == SPARED_ROUNDS) {
            context->met_spared_only = sampled.keys;
            return NO_KEY;
        }
    }
}

int pool_candidates(const struct policy_context *context, pool_shown_fn *shown, struct policy_candidate *list, int most)
{
    const struct pool *pool = context->state;
    int count = 0;

    /* The victim has just been taken, but its entry is still there, right behind the others. */
    for (int64_t place = pool->count; place >= 0 && count < most; place--)
        list[count++] = (struct policy_candidate){.id = pool->id[place], .score = shown(context, pool->score[place])};
    return count;
}

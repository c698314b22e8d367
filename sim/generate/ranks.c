/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/ranks.h"

#include "sim/alloc.h"
#include "sim/elementary.h"

#include <math.h>
#include <stdlib.h>

#define LRU_TEST_ALPHA 6.2 /* redis-cli.c: "with alpha = 6.2 the output follows the 80-20 rule" */

/* ---- a table ---- */

/* Hands out the weights of a table's ranks one after the other: the buckets' ranks are many or few more than the keys. */
struct walk {
    const struct popularity_params *params;
    double stretch; /* ranks of the table for a key */
    size_t bucket;
    double left; /* ranks of it that are left */
};

static struct walk walk_begin(const struct popularity_params *params, uint32_t keys)
{
    double ranks = 0;

    for (size_t i = 0; i < params->bucket_count; i++)
        ranks += params->buckets[i].ranks;
    return (struct walk){params, ranks / keys, 0, params->buckets[0].ranks};
}

static double walk_next(struct walk *walk)
{
    double wanted = walk->stretch, weight = 0;

    while (wanted > 0) {
        const struct popularity_bucket *bucket = &walk->params->buckets[walk->bucket];
        double take = wanted < walk->left ? wanted : walk->left;

        weight += take * bucket->weight / bucket->ranks;
        wanted -= take;
        walk->left -= take;
        if (wanted > 0 && walk->bucket + 1 == walk->params->bucket_count)
            break; /* what rounding left over */
        if (wanted > 0)
            walk->left = walk->params->buckets[++walk->bucket].ranks;
    }
    return weight;
}

/* ---- all ---- */

double ranks_weight(const struct popularity_params *params, uint32_t keys, uint32_t rank)
{
    double low, high, power = LRU_TEST_ALPHA + 1;
    struct walk walk;

    switch (params->kind) {
    case POPULARITY_ZIPF:
        return elementary_pow(rank + 1.0 + params->shift, -params->exponent);
    case POPULARITY_LRU_TEST: /* key k is drawn when the power's root lies in [keys - k + 1, keys - k + 2) */
        low = (double)keys - rank;
        high = low + 1;
        return elementary_pow(high, power) - elementary_pow(low, power);
    case POPULARITY_TABLE:
        walk = walk_begin(params, keys);
        for (uint32_t i = 0; i < rank; i++)
            walk_next(&walk);
        return walk_next(&walk);
    }
    return 0;
}

int ranks_init(struct ranks *popularity, const struct popularity_params *params, uint32_t keys)
{
    *popularity = (struct ranks){.keys = keys};
    if (params->kind == POPULARITY_LRU_TEST) {
        popularity->low = 1; /* pow(1, alpha + 1) */
        popularity->span = elementary_pow(keys + 1.0, LRU_TEST_ALPHA + 1) - 1;
        popularity->inverse = 1 / (LRU_TEST_ALPHA + 1);
        return 0;
    }
    double *weights = xmalloc(keys * sizeof *weights);
    struct walk walk = {0};
    if (params->kind == POPULARITY_TABLE)
        walk = walk_begin(params, keys);
    for (uint32_t rank = 0; rank < keys; rank++)
        weights[rank] = params->kind == POPULARITY_TABLE ? walk_next(&walk) : ranks_weight(params, keys, rank);
    popularity->alias = gsl_ran_discrete_preproc(keys, weights);
    free(weights);
    return popularity->alias ? 0 : -1;
}

void ranks_release(struct ranks *popularity)
{
    if (popularity->alias)
        gsl_ran_discrete_free(popularity->alias);
    *popularity = (struct ranks){0};
}

/* redis-cli's powerLawRand(1, keys, 6.2): the numbers it returns count from 1 and the low ones are the frequent ones. With
 * the very largest random number it would return 0, a key beyond the keys: that is key 1 here. */
uint32_t ranks_draw_lru_test(const struct ranks *popularity, gsl_rng *rng)
{
    double random = (double)(gsl_rng_get(rng) >> 1) / 2147483647.0; /* rand() / RAND_MAX */
    double root = elementary_pow(popularity->span * random + popularity->low, popularity->inverse);
    int64_t number = (int64_t)popularity->keys - (int64_t)root + 1;

    return number < 1 ? 0 : (uint32_t)(number - 1);
}

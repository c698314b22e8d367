/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ranks: which rank a request is for. Rank 0 is the most popular.
 *
 *     zipf         (r + 1 + shift)^-exponent; with a shift it is Zipf-Mandelbrot's; exponent 0: all alike
 *     lru-test     80 % of the requests for 20 % of the keys, as redis-cli --lru-test draws them: its powerLawRand with
 *                  alpha 6.2, of a random number of 31 bits
 *     table        so many ranks of such a weight each, from the most popular on: a distribution that was measured
 *
 * Zipf and the table are drawn by gsl_ran_discrete, Walker's alias method: one random number and one entry of a table a
 * draw, whatever the exponent. The weights are exact; the number has 32 bits, so a rank's share is met to 2^-32. */
#ifndef SIM_GENERATE_RANKS_H
#define SIM_GENERATE_RANKS_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <stddef.h>
#include <stdint.h>

enum popularity_kind { POPULARITY_ZIPF, POPULARITY_LRU_TEST, POPULARITY_TABLE };

/* So many ranks, which share this weight evenly. */
struct popularity_bucket {
    double ranks, weight;
};

struct popularity_params {
    enum popularity_kind kind;
    double exponent, shift;
    const struct popularity_bucket *buckets; /* of a table: their ranks are stretched to the number of keys */
    size_t bucket_count;
};

struct ranks {
    gsl_ran_discrete_t *alias;
    double low, span, inverse; /* of lru-test */
    uint32_t keys;
};

/* keys: at least 1. Host memory: 12 bytes a key while there is an alias table. 0, or -1: none is left. */
int ranks_init(struct ranks *popularity, const struct popularity_params *params, uint32_t keys);
void ranks_release(struct ranks *popularity);

/* The weight of a rank, of any scale. */
double ranks_weight(const struct popularity_params *params, uint32_t keys, uint32_t rank);

uint32_t ranks_draw_lru_test(const struct ranks *popularity, gsl_rng *rng);

static inline uint32_t ranks_draw(const struct ranks *popularity, gsl_rng *rng)
{
    if (popularity->alias)
        return (uint32_t)gsl_ran_discrete(rng, popularity->alias);
    return ranks_draw_lru_test(popularity, rng);
}

/* The same in two steps, of a popularity with an alias table: several draws in between hide the wait for its entries. */
enum { RANKS_DRAWS = 32 };
struct ranks_draws {
    double random[RANKS_DRAWS];
};

static inline void ranks_draw_ahead(const struct ranks *popularity, gsl_rng *rng, struct ranks_draws *draws, int i)
{
    const gsl_ran_discrete_t *alias = popularity->alias;
    size_t at;

    draws->random[i] = gsl_rng_uniform(rng);
    at = (size_t)(draws->random[i] * (double)alias->K);
    __builtin_prefetch(&alias->F[at]);
    __builtin_prefetch(&alias->A[at]);
}

/* What gsl_ran_discrete would have returned: its table has thresholds as fractions of the whole. */
static inline uint32_t ranks_rank(const struct ranks *popularity, const struct ranks_draws *draws, int i)
{
    const gsl_ran_discrete_t *alias = popularity->alias;
    size_t at = (size_t)(draws->random[i] * (double)alias->K);

    return (uint32_t)(alias->F[at] == 1.0 || draws->random[i] < alias->F[at] ? at : alias->A[at]);
}

#endif

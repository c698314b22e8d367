/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/balance.h"

#include <math.h>

void balance_sizes(struct population *population, uint32_t ranks)
{
    double value_bytes = round(sizes_mean(&population->value_sizes)),
           key_bytes = round(sizes_mean(&population->key_sizes));

    for (uint32_t rank = 0; rank < ranks && rank < population->params->keys; rank++) {
        struct traits *traits = &population->traits[population->key_of_rank[rank]];
        if (value_bytes >= population->params->value_min_bytes && value_bytes <= population->params->value_max_bytes)
            traits->value_bytes = (uint32_t)value_bytes;
        if (key_bytes > 0 && key_bytes <= GENERATE_KEY_BYTES)
            traits->key_bytes = (uint16_t)key_bytes;
    }
}

/* The ttl that is most behind its share of the requests so far. */
static int most_behind(const struct population_params *params, const double *given, double all)
{
    double sum = 0;
    int best = 0;

    for (int i = 0; i < params->ttl_count; i++)
        sum += params->ttls[i].share;
    for (int i = 1; i < params->ttl_count; i++)
        if (params->ttls[i].share / sum * all - given[i] > params->ttls[best].share / sum * all - given[best])
            best = i;
    return best;
}

void balance_ttls(struct population *population, const struct popularity_params *popularity, uint32_t ranks)
{
    double given[GENERATE_TTLS] = {0}, all = 0;

    for (uint32_t rank = 0; population->params->ttl_count && rank < ranks && rank < population->params->keys; rank++) {
        double weight = ranks_weight(popularity, population->params->keys, rank);
        all += weight;
        int ttl = most_behind(population->params, given, all);
        given[ttl] += weight;
        population->traits[population->key_of_rank[rank]].ttl_s = (uint32_t)round(population->params->ttls[ttl].ttl_s);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/params.h"

#include <math.h>
#include <string.h>

void generate_defaults(struct generate_params *params)
{
    *params = (struct generate_params){
        .requests = 1000000,
        .keys = 100000,
        .seed = 1,
        .popularity.exponent = 1.0,
        .loop_keys = 1000,
        .arrivals = {.rate_per_s = 1000,
                     .poisson = true,
                     .period_us = INT64_C(86400000000),
                     .burst_factor = 1,
                     .burst_every_us = 60000000,
                     .burst_length_us = 1000000},
        .read_share = 0.9,
        .write_share = 0.1,
        .mix.miss_ratio = -1,
        .members = 100,
        .population = {.value_mean_bytes = 300,
                       .value_sigma = 1.0,
                       .value_min_bytes = 1,
                       .value_max_bytes = 1 << 20,
                       .ttl_share = 0.5,
                       .ttl_min_s = 60,
                       .ttl_max_s = 86400,
                       .name_count = 3,
                       .names = {{"user:", 0.5}, {"session:", 0.3}, {"cart:item:", 0.2}}},
    };
}

void generate_set_duration(struct generate_params *params, int64_t duration_us)
{
    params->arrivals.rate_per_s = (double)params->requests * 1e6 / (double)duration_us;
}

static bool is_share(double value)
{
    return value >= 0 && value <= 1;
}

static const char *sources_fault(const struct generate_params *params)
{
    double sum =
        params->scan_share + params->loop_share + params->new_key_share + params->one_hit_share + params->repeat_share;

    if (!is_share(params->scan_share) || !is_share(params->loop_share) || !is_share(params->new_key_share) ||
        !is_share(params->one_hit_share) || !is_share(params->repeat_share) || !(sum <= 1))
        return "the shares of scans, loops, new keys, keys that come once and repeated ones must be between 0 and 1, "
               "all together";
    if (params->loop_share > 0 && !params->loop_keys)
        return "a loop needs 1 key or more";
    if (params->half_life_us < 0 || (params->half_life_us && !(params->new_key_share > 0)))
        return "popularity that halves needs new keys (--new-keys), or all would be as popular as before";
    return NULL;
}

/* The fault of the parameters, for a message; NULL if there is none. */
static const char *find_fault(const struct generate_params *params)
{
    const struct popularity_params *popularity = &params->popularity;
    const char *fault;

    if (!params->requests || !params->keys)
        return "requests and keys must be at least 1";
    if (!(popularity->exponent >= 0 && popularity->exponent <= 100) ||
        !(popularity->shift >= 0 && popularity->shift <= 1e12))
        return "the Zipf exponent must be between 0 and 100";
    if (!is_share(params->drift) || !params->members)
        return "drift and ttl share must be between 0 and 1";
    if (!(params->arrivals.rate_per_s > 0) || (double)params->requests / params->arrivals.rate_per_s > 9e12)
        return "the rate must be positive, and the trace shorter than 292,000 years";
    fault = sources_fault(params);
    if (!fault)
        fault = arrivals_fault(&params->arrivals);
    if (!fault)
        fault = operation_mix_fault(&params->mix);
    return fault ? fault : population_fault(&params->population);
}

/* What follows from other parameters. */
static const char *complete(struct generate_params *params)
{
    static const char *const names[] = {"get", "set", "delete"};
    double shares[] = {params->read_share, params->write_share, params->delete_share}, sum = 0;

    params->population.keys = params->keys;
    params->population.seed = params->seed;
    params->population.in_order = params->popularity.kind == POPULARITY_LRU_TEST;
    if (params->loop_keys > params->keys)
        params->loop_keys = params->keys;
    for (int i = 0; !params->mix.count && i < 3; i++) {
        if (!(shares[i] >= 0) || !isfinite(shares[i]))
            return "the shares of reads, writes and deletes must not be negative, nor all zero";
        sum += shares[i];
    }
    if (params->mix.count)
        return NULL;
    if (!(sum > 0))
        return "the shares of reads, writes and deletes must not be negative, nor all zero";
    for (int i = 0; i < 3; i++)
        params->mix.shares[i] = (struct mix_share){operation_find(names[i], strlen(names[i])), shares[i]};
    params->mix.count = 3;
    return NULL;
}

const char *generate_complete(struct generate_params *params)
{
    const char *fault = complete(params);

    return fault ? fault : find_fault(params);
}

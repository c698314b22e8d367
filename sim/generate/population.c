/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/population.h"

#include "sim/alloc.h"
#include "sim/elementary.h"

#include <gsl/gsl_randist.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_share(double value)
{
    return value >= 0 && value <= 1;
}

static bool is_weight(double value)
{
    return value >= 0 && isfinite(value);
}

static const char *names_fault(const struct population_params *params)
{
    double names = 0;

    if (params->name_count < 1 || params->name_count > GENERATE_NAMES)
        return "there must be between 1 and 8 kinds of key names";
    for (int i = 0; i < params->name_count; i++) {
        const char *prefix = params->names[i].prefix;
        if (!is_weight(params->names[i].share) || !memchr(prefix, '\0', GENERATE_NAME_BYTES) || strpbrk(prefix, "\r\n"))
            return "a kind of key names needs a share that is not negative, and one short line";
        names += params->names[i].share;
    }
    return names > 0 ? NULL : "the shares of the key names must not all be zero";
}

static const char *ttls_fault(const struct population_params *params)
{
    double sum = 0;

    if (!is_share(params->ttl_share) || !is_share(params->ttl_jitter))
        return "ttl share and jitter must be between 0 and 1";
    if (params->ttl_share > 0 && (!params->ttl_min_s || params->ttl_min_s > params->ttl_max_s))
        return "the ttl needs a minimum of 1 second or more, and below the maximum";
    for (int i = 0; i < params->ttl_count; i++) {
        if (!is_weight(params->ttls[i].share) || !(params->ttls[i].ttl_s >= 0 && params->ttls[i].ttl_s <= UINT32_MAX))
            return "a ttl must be less than 136 years, and its share not negative";
        sum += params->ttls[i].share;
    }
    return !params->ttl_count || sum > 0 ? NULL : "the shares of the ttls must not all be zero";
}

const char *population_fault(const struct population_params *params)
{
    const char *fault;

    if (!params->keys)
        return "requests and keys must be at least 1";
    if (!(params->value_mean_bytes > 0) || !isfinite(params->value_mean_bytes) || !is_weight(params->value_sigma) ||
        params->value_min_bytes > params->value_max_bytes)
        return "the value size needs a positive mean, and a minimum below the maximum";
    fault = ttls_fault(params);
    return fault ? fault : names_fault(params);
}

/* ---- what a key is ---- */

static uint32_t draw_value_bytes(const struct population *population)
{
    const struct population_params *params = population->params;
    double bytes = sizes_draw(&population->value_sizes, population->rng);

    if (bytes < params->value_min_bytes)
        return params->value_min_bytes;
    return bytes > params->value_max_bytes ? params->value_max_bytes : (uint32_t)bytes;
}

static uint16_t draw_key_bytes(const struct population *population)
{
    double bytes = sizes_draw(&population->key_sizes, population->rng);

    return bytes > GENERATE_KEY_BYTES ? GENERATE_KEY_BYTES : (uint16_t)bytes;
}

static uint32_t draw_listed_ttl(const struct population *population)
{
    const struct population_params *params = population->params;
    double sum = 0, ttl_s;
    int i;

    for (i = 0; i < params->ttl_count; i++)
        sum += params->ttls[i].share;
    double left = gsl_rng_uniform(population->rng) * sum;
    for (i = 0; i < params->ttl_count - 1 && left >= params->ttls[i].share; i++)
        left -= params->ttls[i].share;
    ttl_s = params->ttls[i].ttl_s;
    if (params->ttl_jitter > 0)
        ttl_s *= 1 + params->ttl_jitter * (2 * gsl_rng_uniform(population->rng) - 1);
    if (params->ttls[i].ttl_s == 0)
        return 0;
    return ttl_s < 1 ? 1 : ttl_s > UINT32_MAX ? UINT32_MAX : (uint32_t)round(ttl_s);
}

static uint32_t draw_ttl_s(const struct population *population)
{
    double least = elementary_log(population->params->ttl_min_s), most = elementary_log(population->params->ttl_max_s);
    double position = gsl_rng_uniform(population->rng);

    return (uint32_t)round(elementary_exp(least + (most - least) * position));
}

static uint8_t draw_name(const struct population *population)
{
    const struct population_params *params = population->params;
    double sum = 0;
    int name;

    for (name = 0; name < params->name_count; name++)
        sum += params->names[name].share;
    double left = gsl_rng_uniform(population->rng) * sum;
    for (name = 0; name < params->name_count - 1 && left >= params->names[name].share; name++)
        left -= params->names[name].share;
    return (uint8_t)name;
}

static struct traits draw_traits(const struct population *population)
{
    const struct population_params *params = population->params;
    bool has_ttl = !params->ttl_count && gsl_rng_uniform(population->rng) < params->ttl_share;
    struct traits traits;

    traits.name = draw_name(population);
    traits.value_bytes = draw_value_bytes(population);
    traits.ttl_s = params->ttl_count ? draw_listed_ttl(population) : has_ttl ? draw_ttl_s(population) : 0;
    traits.key_bytes = population->key_sizes.kind ? draw_key_bytes(population) : 0;
    return traits;
}

/* ---- all of them ---- */

void population_init(struct population *population, const struct population_params *params, bool changes)
{
    *population = (struct population){.params = params,
                                      .value_sizes = params->value_sizes,
                                      .key_sizes = params->key_sizes,
                                      .next_number = params->keys};
    if (!population->value_sizes.kind)
        population->value_sizes =
            (struct sizes){.kind = SIZES_LOGNORMAL, .a = params->value_mean_bytes, .b = params->value_sigma};
    sizes_prepare(&population->value_sizes);
    sizes_prepare(&population->key_sizes);
    population->rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(population->rng, params->seed ^ 0x5bd1e995u);
    population->places = params->keys + (changes ? PASSING_PLACES : 0);
    population->traits = xcalloc(population->places, sizeof *population->traits);
    population->key_of_rank = xmalloc(params->keys * sizeof *population->key_of_rank);
    for (uint32_t key = 0; key < params->keys; key++) {
        population->key_of_rank[key] = key;
        population->traits[key] = draw_traits(population);
    }
    if (!params->in_order)
        gsl_ran_shuffle(population->rng, population->key_of_rank, params->keys, sizeof *population->key_of_rank);
    if (!changes)
        return;
    population->numbers = xcalloc(population->places, sizeof *population->numbers);
    for (uint32_t key = 0; key < params->keys; key++)
        population->numbers[key] = key + (uint64_t)params->in_order;
    population->next_number += params->in_order;
}

void population_release(struct population *population)
{
    const struct population_params *params = population->params;

    if (!params)
        return;
    population->value_sizes.owned = population->key_sizes.owned = NULL;
    if (params->value_sizes.alias)
        population->value_sizes.alias = NULL;
    if (params->key_sizes.alias)
        population->key_sizes.alias = NULL;
    sizes_release(&population->value_sizes);
    sizes_release(&population->key_sizes);
    gsl_rng_free(population->rng);
    free(population->key_of_rank);
    free(population->traits);
    free(population->numbers);
}

void population_renew(struct population *population, uint32_t key)
{
    population->traits[key] = draw_traits(population);
    population->numbers[key] = population->next_number++;
}

uint32_t population_pass(struct population *population)
{
    uint32_t key = population->params->keys + (uint32_t)(population->passed++ % PASSING_PLACES);

    population_renew(population, key);
    return key;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/operation_mix.h"

#include <math.h>

static const double WINDOW = 1000; /* requests over which a share may be behind */

static bool stores(const struct operation *operation)
{
    return operation->effect == EFFECT_STORE || operation->effect == EFFECT_ADD;
}

/* The share of all requests whose operation is such. */
static double share_of(const struct mix_params *params, bool (*is)(const struct operation *))
{
    double sum = 0, such = 0;

    for (int i = 0; i < params->count; i++) {
        sum += params->shares[i].share;
        such += is(params->shares[i].operation) ? params->shares[i].share : 0;
    }
    return such / sum;
}

static bool reads(const struct operation *operation)
{
    return operation->effect == EFFECT_NONE;
}

double operation_mix_expected_fills(const struct mix_params *params)
{
    double missed = params->miss_ratio * share_of(params, reads), stored = share_of(params, stores);

    return missed > 0 ? missed < stored ? missed : stored : 0;
}

const char *operation_mix_fault(const struct mix_params *params)
{
    double sum = 0;

    if (params->count < 1 || params->count > MIX_OPERATIONS)
        return "there must be between 1 and 16 operations";
    for (int i = 0; i < params->count; i++) {
        if (!(params->shares[i].share >= 0) || !isfinite(params->shares[i].share))
            return "the shares of operations must not be negative";
        sum += params->shares[i].share;
    }
    if (!(sum > 0))
        return "the shares of operations must not all be zero";
    if (!(params->miss_ratio <= 1))
        return "the miss ratio must be between 0 and 1";
    for (int i = 0; params->miss_ratio >= 0 && i < params->count; i++)
        if (*params->shares[i].operation->infix)
            return "a miss ratio is for operations on strings";
    return NULL;
}

void operation_mix_init(struct operation_mix *mix, const struct mix_params *params)
{
    *mix = (struct operation_mix){.params = params};
    for (int i = 0; i < params->count; i++)
        mix->last[i] = mix->sum += params->shares[i].share;
    if (params->miss_ratio < 0)
        return;
    mix->read_share = share_of(params, reads);
    double missed = params->miss_ratio * mix->read_share;
    mix->fill_share = missed > 0 ? operation_mix_expected_fills(params) / missed : 0;
}

/* ---- with a miss ratio ---- */

/* How much the operation is behind its share, over a window; or now, if it suits the key's state badly. */
static double behind(const struct operation_mix *mix, int i, bool is_there)
{
    const struct mix_share *share = &mix->params->shares[i];
    enum operation_effect effect = share->operation->effect;
    bool suits =
        is_there ? effect != EFFECT_ADD : effect == EFFECT_STORE || effect == EFFECT_ADD || effect == EFFECT_CHANGE;
    double wanted = share->share / mix->sum * ((double)mix->requests + (suits || reads(share->operation) ? WINDOW : 0));
    double weight = wanted - (double)mix->counts[i];

    return weight > 0 ? weight : 0;
}

/* Among those that are, or are not, such. -1: there is none that has a share. */
static int choose(const struct operation_mix *mix, bool (*is)(const struct operation *), bool wanted, bool is_there,
                  gsl_rng *rng)
{
    double weights[MIX_OPERATIONS], sum = 0;
    int last = -1;

    for (int i = 0; i < mix->params->count; i++) {
        const struct operation *operation = mix->params->shares[i].operation;
        weights[i] = !is || is(operation) == wanted ? behind(mix, i, is_there) : 0;
        sum += weights[i];
        if (weights[i] > 0)
            last = i;
    }
    double left = gsl_rng_uniform(rng) * sum;
    for (int i = 0; i < last; i++) {
        if (left < weights[i])
            return i;
        left -= weights[i];
    }
    return last;
}

static const struct operation *count(struct operation_mix *mix, int i)
{
    mix->counts[i]++;
    mix->requests++;
    return mix->params->shares[i].operation;
}

/* Misses that the ratio lacks so far. */
static double misses_behind(const struct operation_mix *mix)
{
    return mix->params->miss_ratio * mix->read_share * (double)mix->requests - (double)mix->misses;
}

static int choose_for_absent(struct operation_mix *mix, gsl_rng *rng)
{
    double wanted = misses_behind(mix) + mix->params->miss_ratio * mix->read_share * WINDOW;
    double share = ((double)mix->absent + 1) / ((double)mix->requests + 2); /* of requests for absent keys */
    int found;

    mix->absent++;
    bool miss = gsl_rng_uniform(rng) < wanted / (share * WINDOW);
    found = choose(mix, reads, miss, false, rng);
    if (found < 0)
        found = choose(mix, NULL, false, false, rng);
    mix->misses += found >= 0 && reads(mix->params->shares[found].operation);
    return found;
}

const struct operation *operation_mix_fill(struct operation_mix *mix, gsl_rng *rng)
{
    int found;

    if (!(mix->fill_share > 0) || gsl_rng_uniform(rng) >= mix->fill_share)
        return NULL;
    if (misses_behind(mix) > mix->params->miss_ratio * mix->read_share * WINDOW)
        return NULL; /* the key stays absent, for another miss */
    found = choose(mix, stores, true, false, rng);
    return found < 0 ? NULL : count(mix, found);
}

uint64_t operation_mix_reads(const struct operation_mix *mix)
{
    uint64_t sum = 0;

    for (int i = 0; i < mix->params->count; i++)
        sum += reads(mix->params->shares[i].operation) ? mix->counts[i] : 0;
    return sum;
}

/* ---- without ---- */

/* The last operation below whose sum this is. */
static int place(const struct operation_mix *mix, double position)
{
    int i = 0;

    while (i < mix->params->count - 1 && !(position < mix->last[i]))
        i++;
    return i;
}

const struct operation *operation_mix_draw(struct operation_mix *mix, bool is_there, gsl_rng *rng)
{
    const struct mix_params *params = mix->params;

    if (params->miss_ratio >= 0) {
        int found = is_there ? choose(mix, NULL, false, true, rng) : choose_for_absent(mix, rng);
        return count(mix, found < 0 ? 0 : found);
    }
    if (params->turns) {
        double position = (double)(mix->requests++ % params->turns) + 0.5;
        return params->shares[place(mix, position / params->turns * mix->sum)].operation;
    }
    if (params->shares[0].share == mix->sum)
        return params->shares[0].operation;
    return params->shares[place(mix, gsl_rng_uniform(rng) * mix->sum)].operation;
}

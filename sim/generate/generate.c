/* SPDX-License-Identifier: GPL-3.0-or-later */
/* generate: synthetic traces from GSL's distributions.
 *
 * A shuffled array maps ranks to keys; drift exchanges two of its entries now and then.
 *
 * The draws of a request have a fixed order (gap, drift, where its key comes from, key, operation), and the traits of the
 * keys have a generator of their own. So more requests make a trace longer without changing its beginning. */
#include "sim/generate/generate.h"

#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/generate/balance.h"
#include "sim/stop.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_REDRAWS = 64, /* of keys that have lost their popularity */
    BLOCK = 32,        /* rows that are drawn together */
    RECENT = 64,       /* requests whose keys may be repeated */
};

static const int64_t NEVER_US = INT64_MAX;

struct generator {
    struct generate_params params; /* completed */
    gsl_rng *rng, *member_rng;     /* member_rng: of the elements of collections */
    struct ranks ranks;
    struct population population;
    struct arrivals arrivals;
    struct operation_mix mix;
    size_t prefix_bytes[GENERATE_NAMES];
    double mixed_in; /* the shares of requests that are not drawn by popularity */
    uint32_t scan_at, loop_at;
    uint32_t recent[RECENT], recent_at, recent_count;
    int64_t *born_us;   /* by key; with a half-life */
    int64_t *expire_us; /* by key, from when on it is not there; with a miss ratio */
    bool has_elements;  /* some operation has */
    struct generate_row rows[BLOCK], fill;
    bool has_fill; /* the next row */
    bool plain;    /* no row's draws depend on an earlier row's key */
};

/* ---- the plan for the target ---- */

static bool uses(const struct generate_params *params, const char *name)
{
    for (int i = 0; i < params->mix.count; i++)
        if (params->mix.shares[i].share > 0 && !strcmp(params->mix.shares[i].operation->name, name))
            return true;
    return false;
}

static struct generate_plan plan_of(const struct generator *generator)
{
    const struct generate_params *params = &generator->params;
    struct generate_plan plan = {.requests = params->requests,
                                 .keys = generator->population.places,
                                 .seconds = (double)params->requests / params->arrivals.rate_per_s,
                                 .has_ttls = !params->population.ttl_count && params->population.ttl_share > 0};

    plan.whole_numbers = uses(params, "incr") || uses(params, "decr");
    for (int i = 0; i < params->population.ttl_count; i++)
        plan.has_ttls |= params->population.ttls[i].ttl_s > 0 && params->population.ttls[i].share > 0;
    for (int i = 0; i < params->mix.count; i++)
        plan.has_other_operations |=
            params->mix.shares[i].share > 0 && params->mix.shares[i].operation->effect != EFFECT_NONE;
    return plan;
}

static int check_target(const struct generate_params *params, const struct generate_target *target,
                        const struct generate_plan *plan, struct error *error)
{
    if (target->reads_only && (plan->has_other_operations || plan->has_ttls) && !params->lossy)
        return error_set(error, ERROR_USAGE,
                         "cannot generate a trace: "
                         "%s has no writes, deletes or ttls, their shares must be 0",
                         target->name);
    for (int i = 0; i < params->mix.count; i++) {
        const struct operation *operation = params->mix.shares[i].operation;
        if ((target->memcached && !operation->verb) || (target->reads_only && *operation->infix))
            return error_set(error, ERROR_USAGE, "cannot generate a trace: %s has no %s: write it as monitor",
                             target->name, operation->name);
    }
    return 0;
}

/* ---- the generator ---- */

static int start(struct generator *generator, const struct generate_params *given, struct error *error)
{
    struct generate_params *params = &generator->params;
    const char *fault;

    *generator = (struct generator){.params = *given};
    fault = generate_complete(params);
    if (fault)
        return error_set(error, ERROR_USAGE, "cannot generate a trace: %s", fault);
    for (int i = 0; i < params->population.name_count; i++)
        generator->prefix_bytes[i] = strlen(params->population.names[i].prefix);
    for (int i = 0; i < params->mix.count; i++)
        generator->has_elements |= *params->mix.shares[i].operation->infix != '\0';
    population_init(&generator->population, &params->population,
                    params->new_key_share > 0 || params->one_hit_share > 0 || params->repeat_share > 0);
    generator->rng = gsl_rng_alloc(gsl_rng_mt19937);
    generator->member_rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (ranks_init(&generator->ranks, &params->popularity, params->keys) || !generator->rng || !generator->member_rng)
        return error_set(error, ERROR_INTERNAL, "out of memory");
    balance_sizes(&generator->population, params->balanced_sizes);
    balance_ttls(&generator->population, &params->popularity, params->balanced_ttls);
    gsl_rng_set(generator->rng, params->seed);
    gsl_rng_set(generator->member_rng, params->seed ^ 0x165667b1u);
    arrivals_init(&generator->arrivals, &params->arrivals, generator->rng, params->seed);
    operation_mix_init(&generator->mix, &params->mix);
    generator->mixed_in =
        params->scan_share + params->loop_share + params->new_key_share + params->one_hit_share + params->repeat_share;
    generator->plain =
        generator->ranks.alias && generator->mixed_in == 0 && params->drift == 0 && params->mix.miss_ratio < 0;
    if (params->half_life_us)
        generator->born_us = xcalloc(generator->population.places, sizeof *generator->born_us);
    if (params->mix.miss_ratio >= 0)
        generator->expire_us = xcalloc(generator->population.places, sizeof *generator->expire_us);
    return 0;
}

static void stop(struct generator *generator)
{
    ranks_release(&generator->ranks);
    population_release(&generator->population);
    arrivals_release(&generator->arrivals);
    if (generator->rng)
        gsl_rng_free(generator->rng);
    if (generator->member_rng)
        gsl_rng_free(generator->member_rng);
    free(generator->born_us);
    free(generator->expire_us);
}

/* ---- which key ---- */

static void drift(struct generator *generator)
{
    uint32_t *keys = generator->population.key_of_rank;
    size_t a = gsl_rng_uniform_int(generator->rng, generator->params.keys);
    size_t b = gsl_rng_uniform_int(generator->rng, generator->params.keys);
    uint32_t key;

    assert(keys);
    key = keys[a];
    keys[a] = keys[b];
    keys[b] = key;
}

static uint32_t draw_popular(struct generator *generator)
{
    assert(generator->population.key_of_rank);
    return generator->population.key_of_rank[ranks_draw(&generator->ranks, generator->rng)];
}

/* By popularity at this moment: a key is passed over as often as its popularity has fallen. */
static uint32_t draw_lasting(struct generator *generator, int64_t now_us)
{
    double half_life_us = (double)generator->params.half_life_us;
    uint32_t key = draw_popular(generator);

    for (int i = 0; generator->born_us && i < MOST_REDRAWS; i++) {
        double age_us = (double)(now_us - generator->born_us[key]);
        if (gsl_rng_uniform(generator->rng) < elementary_exp2(-age_us / half_life_us))
            break;
        key = draw_popular(generator);
    }
    return key;
}

/* One that never was before. */
static uint32_t begin_life(struct generator *generator, uint32_t key, int64_t now_us)
{
    if (generator->born_us)
        generator->born_us[key] = now_us;
    if (generator->expire_us)
        generator->expire_us[key] = 0;
    return key;
}

static uint32_t renew(struct generator *generator)
{
    uint32_t key = (uint32_t)gsl_rng_uniform_int(generator->rng, generator->params.keys);

    population_renew(&generator->population, key);
    return key;
}

static uint32_t step(uint32_t *at, uint32_t keys)
{
    uint32_t key = *at;

    *at = key + 1 < keys ? key + 1 : 0;
    return key;
}

static uint32_t draw_key(struct generator *generator, int64_t now_us)
{
    const struct generate_params *params = &generator->params;
    double draw = generator->mixed_in > 0 ? gsl_rng_uniform(generator->rng) : 1;

    if (draw >= generator->mixed_in)
        return draw_lasting(generator, now_us);
    if (draw < params->scan_share)
        return step(&generator->scan_at, params->keys);
    draw -= params->scan_share;
    if (draw < params->loop_share)
        return step(&generator->loop_at, params->loop_keys);
    draw -= params->loop_share;
    if (draw < params->new_key_share)
        return begin_life(generator, renew(generator), now_us);
    draw -= params->new_key_share;
    if (draw < params->repeat_share && generator->recent_count)
        return generator->recent[gsl_rng_uniform_int(generator->rng, generator->recent_count)];
    return begin_life(generator, population_pass(&generator->population), now_us);
}

/* ---- a request ---- */

static void remember(struct generator *generator, uint32_t key)
{
    generator->recent[generator->recent_at] = key;
    generator->recent_at = (generator->recent_at + 1) % RECENT;
    generator->recent_count += generator->recent_count < RECENT;
}

static bool is_there(const struct generator *generator, uint32_t key, int64_t now_us)
{
    return generator->expire_us && generator->expire_us[key] > now_us;
}

/* What the operation makes of the key, where the mix wants to know whether it is there. */
static void note_effect(struct generator *generator, const struct generate_row *row)
{
    int64_t *expire_us = &generator->expire_us[row->key];
    int64_t anew_us = row->ttl_s ? row->time_us + row->ttl_s * INT64_C(1000000) : NEVER_US;
    bool there = *expire_us > row->time_us;

    switch (row->operation->effect) {
    case EFFECT_NONE:
        break;
    case EFFECT_STORE:
        *expire_us = anew_us;
        break;
    case EFFECT_ADD:
        *expire_us = there ? *expire_us : anew_us;
        break;
    case EFFECT_CHANGE:
        *expire_us = there ? *expire_us : NEVER_US;
        break;
    case EFFECT_REPLACE:
    case EFFECT_RETIME:
        *expire_us = there ? anew_us : 0;
        break;
    case EFFECT_DELETE:
        *expire_us = 0;
        break;
    }
}

static void describe(struct generator *generator, struct generate_row *row)
{
    const struct population *population = &generator->population;
    const struct traits *traits = &population->traits[row->key];

    row->number = population_number(population, row->key);
    row->value_bytes = traits->value_bytes;
    row->ttl_s = traits->ttl_s;
    row->key_bytes = traits->key_bytes;
    row->prefix = generator->params.population.names[traits->name].prefix;
    row->prefix_bytes = generator->prefix_bytes[traits->name];
}

/* After a read of a key that is not there. */
static void plan_fill(struct generator *generator, const struct generate_row *row, bool there)
{
    const struct operation *fill;

    if (there || row->operation->effect != EFFECT_NONE)
        return;
    fill = operation_mix_fill(&generator->mix, generator->rng);
    generator->has_fill = fill != NULL;
    generator->fill = *row;
    generator->fill.operation = fill;
}

static void describe_element(struct generator *generator, struct generate_row *row)
{
    if (!generator->has_elements)
        return;
    row->member = (uint32_t)gsl_rng_uniform_int(generator->member_rng, generator->params.members);
    row->score = (uint32_t)gsl_rng_uniform_int(generator->member_rng, 1000000);
}

static void draw_row(struct generator *generator, struct generate_row *row)
{
    int64_t now_us = arrivals_next(&generator->arrivals);
    bool there;

    if (generator->has_fill) {
        generator->has_fill = false;
        *row = generator->fill;
        row->time_us = now_us;
    } else {
        if (generator->params.drift > 0 && gsl_rng_uniform(generator->rng) < generator->params.drift)
            drift(generator);
        row->time_us = now_us;
        row->key = draw_key(generator, now_us);
        if (generator->params.repeat_share > 0)
            remember(generator, row->key);
        there = is_there(generator, row->key, now_us);
        row->operation = operation_mix_draw(&generator->mix, there, generator->rng);
        describe(generator, row);
        describe_element(generator, row);
        if (generator->expire_us)
            plan_fill(generator, row, there);
    }
    if (generator->expire_us)
        note_effect(generator, row);
}

/* The same draws in the same order. Tables that do not fit into the processor's caches are looked up together: what all
 * rows need next is on its way while the first one waits. */
static void draw_plain_rows(struct generator *generator, int count)
{
    const struct population *population = &generator->population;
    struct ranks_draws draws;
    struct generate_row *rows = generator->rows;

    for (int i = 0; i < count; i++) {
        rows[i].time_us = arrivals_next(&generator->arrivals);
        ranks_draw_ahead(&generator->ranks, generator->rng, &draws, i);
        rows[i].operation = operation_mix_draw(&generator->mix, false, generator->rng);
    }
    for (int i = 0; i < count; i++) {
        rows[i].key = ranks_rank(&generator->ranks, &draws, i);
        __builtin_prefetch(&population->key_of_rank[rows[i].key]);
    }
    for (int i = 0; i < count; i++) {
        rows[i].key = population->key_of_rank[rows[i].key];
        __builtin_prefetch(&population->traits[rows[i].key]);
    }
    for (int i = 0; i < count; i++) {
        describe(generator, &rows[i]);
        describe_element(generator, &rows[i]);
    }
}

static void draw_rows(struct generator *generator, int count)
{
    if (generator->plain)
        draw_plain_rows(generator, count);
    else
        for (int i = 0; i < count; i++)
            draw_row(generator, &generator->rows[i]);
}

static int write_error(struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "cannot write the trace: %s", strerror(errno));
}

static int write_rows(struct generator *generator, const struct generate_target *target, void *state,
                      struct error *error)
{
    uint64_t left = generator->params.requests;

    for (int count; left; left -= (uint64_t)count) {
        if (stop_signal())
            return stop_error(error);
        count = left < BLOCK ? (int)left : BLOCK;
        draw_rows(generator, count);
        for (int i = 0; i < count; i++)
            if (target->put(state, &generator->rows[i]))
                return write_error(error);
    }
    return 0;
}

int generate_trace(const struct generate_params *params, const struct generate_target *target, FILE *out,
                   struct generate_summary *summary, struct error *error)
{
    struct generator *generator = xmalloc(sizeof *generator);
    void *state = xcalloc(1, target->state_size);
    int status = start(generator, params, error);

    if (!status) {
        struct generate_plan plan = plan_of(generator);
        status = check_target(&generator->params, target, &plan, error);
        if (!status) {
            status = target->begin(state, &plan, out, error);
            if (!status)
                status = write_rows(generator, target, state, error);
            if (target->end(state, status != 0))
                status = write_error(error);
        }
    }
    if (!status && summary)
        *summary = (struct generate_summary){operation_mix_reads(&generator->mix), generator->mix.misses};
    stop(generator);
    free(state);
    free(generator);
    return status;
}

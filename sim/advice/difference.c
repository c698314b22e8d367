/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/difference.h"

#include "sim/alloc.h"
#include "sim/shard_skew.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

static double lowest_hit_ratio(const struct result *result)
{
    double lowest = NAN;

    for (size_t i = 0; i < result->shard_count; i++)
        lowest = fmin(lowest, shard_hit_ratio(&result->shards[i])); /* NaN counts as nothing */
    return lowest;
}

#define MOST(name)                                                                                                     \
    static double most_##name(const struct result *result)                                                             \
    {                                                                                                                  \
        uint64_t most = 0;                                                                                             \
                                                                                                                       \
        for (size_t i = 0; i < result->shard_count; i++)                                                               \
            most = result->shards[i].name > most ? result->shards[i].name : most;                                      \
        return (double)most;                                                                                           \
    }
MOST(evicted_keys)
MOST(oom_rejections)
MOST(used_memory_peak)

#define RATIO(name)                                                                                                    \
    {                                                                                                                  \
#name, result_##name, .is_ratio = true                                                                         \
    }
#define MOST_OF_SHARDS(name)                                                                                           \
    {                                                                                                                  \
        "most_" #name "_of_a_shard", most_##name, .of_shards = true                                                    \
    }
#define COUNTER(counter_name, unit, description) {.name = #counter_name, .counter = COUNTER_##counter_name},

const struct measure measures[] = {
    RATIO(hit_ratio),
    RATIO(byte_hit_ratio),
    RATIO(oom_share),
    COUNTER_LIST(COUNTER) /* */
    {"lowest_hit_ratio_of_a_shard", lowest_hit_ratio, .is_ratio = true, .of_shards = true},
    MOST_OF_SHARDS(evicted_keys),
    MOST_OF_SHARDS(oom_rejections),
    MOST_OF_SHARDS(used_memory_peak),
};
const size_t measure_count = sizeof measures / sizeof *measures;

static double value_of(const struct measure *measure, const struct result *result)
{
    return measure->value ? measure->value(result) : (double)counter_get(&result->counters, measure->counter);
}

static enum verdict judge(const double *differences, struct estimate estimate)
{
    bool all_same = true, all_equal = true;

    if (!estimate.count || isnan(estimate.mean))
        return VERDICT_UNKNOWN;
    for (size_t i = 0; i < estimate.count; i++) {
        all_same &= differences[i] == 0;
        all_equal &= differences[i] == differences[0];
    }
    if (all_same)
        return VERDICT_SAME;
    if (estimate.count < 2)
        return VERDICT_UNKNOWN;
    return all_equal || fabs(estimate.mean) > estimate.half_width ? VERDICT_DIFFERS : VERDICT_NOISE;
}

struct compared compare_pair(const struct pair *pair, const struct measure *measure)
{
    double *a = xcalloc(3 * pair->seeds, sizeof *a), *b = a + pair->seeds, *differences = b + pair->seeds;
    struct compared compared;

    for (size_t i = 0; i < pair->seeds; i++) {
        a[i] = value_of(measure, pair->a[i]);
        b[i] = value_of(measure, pair->b[i]);
        for (size_t part = 0; part < pair->part_count; part++)
            b[i] -= value_of(measure, pair->parts[part * pair->seeds + i]) - a[i];
        differences[i] = b[i] - a[i];
    }
    compared.a = estimate_mean(a, pair->seeds).mean;
    compared.b = estimate_mean(b, pair->seeds).mean;
    compared.difference = estimate_mean(differences, pair->seeds);
    compared.verdict = judge(differences, compared.difference);
    free(a);
    return compared;
}

/* ---- partners ---- */

/* Which dimensions have to be the same. */
struct match {
    bool cluster, server, policy, maxmemory;
};

static bool has_one_server(const struct run *run)
{
    for (size_t i = 1; i < run->result_count; i++)
        if (strcmp(run->results[i].server, run->results[0].server) != 0)
            return false;
    return true;
}

static bool has_one_policy(const struct run *run)
{
    for (size_t i = 1; i < run->result_count; i++)
        if (strcmp(run->results[i].policy, run->results[0].policy) != 0)
            return false;
    return true;
}

static bool has_one_size(const struct run *run)
{
    for (size_t i = 1; i < run->result_count; i++)
        if (run->results[i].maxmemory != run->results[0].maxmemory)
            return false;
    return true;
}

static bool has_one_cluster(const struct run *run)
{
    for (size_t i = 1; i < run->result_count; i++)
        if (!result_same_cluster(&run->results[i], &run->results[0]))
            return false;
    return true;
}

static bool same_cell(const struct result *x, const struct result *y)
{
    return result_same_cluster(x, y) && !strcmp(x->server, y->server) && !strcmp(x->policy, y->policy) &&
           x->maxmemory == y->maxmemory;
}

static bool are_partners(const struct match *match, const struct result *a, const struct result *b)
{
    return (!match->cluster || result_same_cluster(a, b)) && (!match->server || !strcmp(a->server, b->server)) &&
           (!match->policy || !strcmp(a->policy, b->policy)) && (!match->maxmemory || a->maxmemory == b->maxmemory);
}

/* Whether it is the first seed of its cell. */
static bool begins_cell(const struct run *run, size_t place)
{
    return !place || !same_cell(&run->results[place - 1], &run->results[place]);
}

/* Adds a pair for the cell that begins at `first` of a; false: it has no partner. */
static bool add_pair(const struct run *a, const struct run *b, const struct match *match, size_t first,
                     struct pairs *pairs)
{
    struct pair pair = {.a = xcalloc(a->result_count, sizeof *pair.a), .b = xcalloc(a->result_count, sizeof *pair.b)};

    for (size_t i = first; i < a->result_count && (i == first || !begins_cell(a, i)); i++)
        for (size_t j = 0; j < b->result_count; j++)
            if (are_partners(match, &a->results[i], &b->results[j]) && a->results[i].seed == b->results[j].seed) {
                pair.a[pair.seeds] = &a->results[i];
                pair.b[pair.seeds++] = &b->results[j];
            }
    if (pair.seeds) {
        pairs->list[pairs->count++] = pair;
        return true;
    }
    free(pair.a);
    free(pair.b);
    return false;
}

static bool has_partner(const struct run *a, const struct match *match, const struct result *result)
{
    for (size_t i = 0; i < a->result_count; i++)
        if (are_partners(match, &a->results[i], result) && a->results[i].seed == result->seed)
            return true;
    return false;
}

/* "" where the run does not have it. */
static const char *setting_or_none(const struct run *run, const char *name)
{
    const char *value = run_setting(run, name);

    return value ? value : "";
}

static void add_changes(const struct run *a, const struct run *b, struct pairs *pairs)
{
    pairs->changes = xcalloc(a->setting_count + b->setting_count + 1, sizeof *pairs->changes);
    for (size_t i = 0; i < a->setting_count + b->setting_count; i++) {
        bool is_b = i >= a->setting_count;
        const char *name = is_b ? b->settings[i - a->setting_count].name : a->settings[i].name;
        const char *before = setting_or_none(a, name), *after = setting_or_none(b, name);

        if (setting_chooses_cells(name) || !strcmp(before, after) || (is_b && *before))
            continue;
        pairs->changes[pairs->change_count++] = (struct setting_change){name, before, after};
    }
}

int pairs_make(const struct run *a, const struct run *b, const char *a_name, const char *b_name, struct pairs *pairs,
               struct error *error)
{
    struct match match = {.cluster = !has_one_cluster(a) || !has_one_cluster(b),
                          .server = !has_one_server(a) || !has_one_server(b),
                          .policy = !has_one_policy(a) || !has_one_policy(b),
                          .maxmemory = !has_one_size(a) || !has_one_size(b)};
    char a_warmup[UNITS_TEXT], b_warmup[UNITS_TEXT];

    *pairs = (struct pairs){0};
    if (strcmp(a->trace_digest, b->trace_digest) != 0)
        return error_set(error, ERROR_INPUT,
                         "cannot compare %s and %s: they are of two traces, '%s' (%s) and '%s' (%s): replay one",
                         a_name, b_name, a->trace, a->trace_digest, b->trace, b->trace_digest);
    if (a->warmup_us != b->warmup_us)
        return error_set(error, ERROR_INPUT,
                         "cannot compare %s and %s: their totals leave out %s and %s of the trace's beginning: run one "
                         "again with the --warmup of the other, as a time",
                         a_name, b_name, print_duration(a_warmup, a->warmup_us),
                         print_duration(b_warmup, b->warmup_us));
    pairs->list = xcalloc(a->result_count + 1, sizeof *pairs->list);
    pairs->only_a = xcalloc(a->result_count + 1, sizeof *pairs->only_a);
    pairs->only_b = xcalloc(b->result_count + 1, sizeof *pairs->only_b);
    for (size_t i = 0; i < a->result_count; i++)
        if (begins_cell(a, i) && !add_pair(a, b, &match, i, pairs))
            pairs->only_a[pairs->only_a_count++] = &a->results[i];
    for (size_t i = 0; i < b->result_count; i++)
        if (begins_cell(b, i) && !has_partner(a, &match, &b->results[i]))
            pairs->only_b[pairs->only_b_count++] = &b->results[i];
    add_changes(a, b, pairs);
    if (pairs->count)
        return 0;
    return error_set(error, ERROR_INPUT,
                     "cannot compare %s and %s: no cell of one has the server, policy, maxmemory and seed of a cell of "
                     "the other",
                     a_name, b_name);
}

void pairs_release(struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        free(pairs->list[i].a);
        free(pairs->list[i].b);
        free(pairs->list[i].parts);
    }
    free(pairs->list);
    free(pairs->only_a);
    free(pairs->only_b);
    free(pairs->changes);
    *pairs = (struct pairs){0};
}

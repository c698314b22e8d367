/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/simulations.h"

#include "sim/alloc.h"
#include "sim/host_memory.h"
#include "sim/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_BYTES_PER_KEY = 128, HOST_BYTES_PER_CELL = 4 << 20 }; /* what a cell takes on this machine, about */

/* How sure a further seed is to meet a goal, too. Of a few seeds little is known of how far others are away, and being
 * surer than this would cost much memory; of two seeds as of three. */
static const double SURE_BY_MANY = 0.99, SURE_BY_FEW = 0.95;
enum { MANY_SEEDS = 5 };

void simulations_init(struct simulations *simulations, const struct size_request *request, struct sizing *sizing)
{
    const struct grid *grid = &request->grid;

    *simulations = (struct simulations){.request = request, .sizing = sizing, .plan = request->plan};
    simulations->line_count = grid->server_count * grid->policy_count;
    simulations->lines = xcalloc(simulations->line_count, sizeof *simulations->lines);
    for (size_t i = 0; i < simulations->line_count; i++) {
        simulations->lines[i].server = grid->servers[i / grid->policy_count];
        simulations->lines[i].policy = &grid->policies[i % grid->policy_count];
    }
}

void simulations_forget(struct simulations *simulations)
{
    for (size_t i = 0; i < simulations->line_count; i++) {
        for (size_t j = 0; j < simulations->lines[i].count; j++) {
            free(simulations->lines[i].simulated[j].values);
            free(simulations->lines[i].simulated[j].shard_facts);
        }
        simulations->lines[i].count = 0;
    }
}

void simulations_release(struct simulations *simulations)
{
    simulations_forget(simulations);
    for (size_t i = 0; i < simulations->line_count; i++)
        free(simulations->lines[i].simulated);
    free(simulations->lines);
    *simulations = (struct simulations){0};
}

/* ---- what was simulated ---- */

const struct simulated *simulated_find(const struct simulated_line *line, uint64_t size, uint64_t seed)
{
    for (size_t i = 0; i < line->count; i++)
        if (line->simulated[i].size == size && line->simulated[i].seed == seed)
            return &line->simulated[i];
    return NULL;
}

uint64_t simulated_seeds(const struct simulated_line *line, uint64_t size)
{
    uint64_t seeds = 0;

    while (simulated_find(line, size, seeds))
        seeds++;
    return seeds;
}

int64_t simulations_window_end(const struct simulations *simulations, size_t window)
{
    return window == simulations->windows && window ? simulations->sizing->run.duration_us
                                                    : (int64_t)window * simulations->window_us;
}

/* The last point of the curve before or at the time; NULL: there is none. */
static const struct sample *point_at(const struct curve *curve, int64_t time_us)
{
    const struct sample *last = NULL;

    for (size_t i = 0; i < curve->count && curve->samples[i].time_us <= time_us; i++)
        last = &curve->samples[i];
    return last;
}

/* Fills values of the windows from 1 on, by goal. */
static void measure_windows(const struct simulations *simulations, const struct result *result, double *values)
{
    const struct goals *goals = &simulations->request->goals;
    const struct sample nothing = {0};

    for (size_t w = 1; w <= simulations->windows; w++) {
        const struct sample *from = point_at(&result->curve, simulations_window_end(simulations, w - 1));
        const struct sample *to = w == simulations->windows
                                      ? result_last_sample(result)
                                      : point_at(&result->curve, simulations_window_end(simulations, w));

        for (size_t g = 0; g < goals->count; g++)
            values[w * goals->count + g] = goal_window_value(&goals->goals[g], w > 1 ? from : NULL, to ? to : &nothing);
    }
}

/* ---- clusters ---- */

/* The value that is further from the goal; NaN is none. */
static double worse_of(const struct goal *goal, double one, double other)
{
    if (isnan(one) || isnan(other))
        return isnan(one) ? other : one;
    return goal_lack(goal, other) > goal_lack(goal, one) ? other : one;
}

/* Of the shards of a cluster, before they are one: what headroom asks, and the worst ratios of windows. */
static void look_at_shards(void *owner, size_t place, const struct result *parts, uint32_t shards)
{
    struct simulations *simulations = owner;
    const struct goals *goals = &simulations->request->goals;
    size_t count = goals->count * (simulations->windows + 1);
    struct simulated_shards *kept = &simulations->shards[place];
    double *values = xcalloc(count, sizeof *values);

    kept->facts = xcalloc(shards, sizeof *kept->facts);
    kept->worst = xcalloc(count, sizeof *kept->worst);
    for (size_t i = 0; i < count; i++)
        kept->worst[i] = NAN;
    for (uint32_t shard = 0; shard < shards; shard++) {
        kept->facts[shard] = headroom_facts(&simulations->request->headroom, &parts[shard], simulations->fills);
        measure_windows(simulations, &parts[shard], values);
        for (size_t i = goals->count; i < count; i++)
            if (goals->goals[i % goals->count].measure == GOAL_HIT_RATIO)
                kept->worst[i] = worse_of(&goals->goals[i % goals->count], kept->worst[i], values[i]);
    }
    free(values);
}

/* Ratios of windows hold for each shard, too. */
static void take_shards(const struct simulations *simulations, size_t place, struct simulated *kept)
{
    const struct goals *goals = &simulations->request->goals;
    struct simulated_shards *shards = &simulations->shards[place];

    if (!shards->facts)
        return;
    kept->shard_facts = shards->facts;
    for (size_t i = goals->count; i < goals->count * (simulations->windows + 1); i++)
        kept->values[i] = worse_of(&goals->goals[i % goals->count], kept->values[i], shards->worst[i]);
    free(shards->worst);
    *shards = (struct simulated_shards){0};
}

static void release_shards(struct simulations *simulations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct simulated_shards *left = &simulations->shards[i]; /* by take_shards() */

        /* NOLINTBEGIN(clang-analyzer-unix.Malloc): what was taken is not here any more */
        free(left->facts);
        free(left->worst);
        /* NOLINTEND(clang-analyzer-unix.Malloc) */
    }
    free(simulations->shards);
    simulations->shards = NULL;
}

/* ---- what a cell did ---- */

static struct simulated *add(struct simulated_line *line)
{
    if (line->count == line->room) {
        line->room = line->room ? 2 * line->room : 32;
        line->simulated = xrealloc(line->simulated, line->room * sizeof *line->simulated);
    }
    return &line->simulated[line->count++];
}

/* Of a cluster, memory is what one shard needs at most, and what each has when it is empty: sizes are those of a shard, unless
 * they are divided. */
static struct counters counters_of(const struct simulations *simulations, const struct result *result)
{
    struct counters counters = result->counters;

    if (!result->shard_count || simulations->plan.sharding.divides_maxmemory)
        return counters;
    counters.used_memory_peak = 0;
    counters.baseline_memory /= result->shard_count;
    for (size_t i = 0; i < result->shard_count; i++)
        if (result->shards[i].used_memory_peak > counters.used_memory_peak)
            counters.used_memory_peak = result->shards[i].used_memory_peak;
    return counters;
}

static void keep(const struct simulations *simulations, struct simulated_line *line, uint64_t seed, size_t place,
                 const struct result *result)
{
    const struct goals *goals = &simulations->request->goals;
    struct simulated *kept = add(line);

    *kept = (struct simulated){
        .size = result->maxmemory,
        .seed = seed,
        .hit_ratio = result_hit_ratio(result),
        .counters = counters_of(simulations, result),
        .facts = headroom_facts(&simulations->request->headroom, result, simulations->fills),
        .values = xcalloc(goals->count * (simulations->windows + 1), sizeof *kept->values),
    };
    for (size_t i = 0; i < result->curve.count; i++)
        kept->keys = fmax(kept->keys, (double)result->curve.samples[i].keys);
    for (size_t g = 0; g < goals->count; g++)
        kept->values[g] = goal_value(&goals->goals[g], result, simulations->sizing->run.duration_us);
    measure_windows(simulations, result, kept->values);
    take_shards(simulations, place, kept);
}

void simulations_share(struct simulations *simulations, size_t one, size_t other)
{
    const struct simulated *from = simulated_find(&simulations->lines[one], 0, 0);
    size_t bytes = simulations->request->goals.count * (simulations->windows + 1) * sizeof *from->values;
    struct simulated *to;

    if (one == other || simulated_find(&simulations->lines[other], 0, 0))
        return;
    to = add(&simulations->lines[other]);
    *to = *from;
    to->values = xmalloc(bytes);
    memcpy(to->values, from->values, bytes);
    if (from->shard_facts) {
        size_t shards = simulations->plan.sharding.tables[0]->shard_count;

        to->shard_facts = xcalloc(shards, sizeof *to->shard_facts);
        memcpy(to->shard_facts, from->shard_facts, shards * sizeof *to->shard_facts);
    }
}

/* ---- what it says ---- */

/* What a further seed would not be worse than, almost surely: one-sided, by Student's t. Of one seed: its value. */
static double further_seed(const struct goal *goal, const double *values, uint64_t count)
{
    double mean = statistics_mean(values, count), away;
    bool wants_more = goal->compare == GOAL_EQUAL ? mean < goal->target : goal->compare <= GOAL_ABOVE;

    if (count < 2)
        return mean;
    away = students_t(count < MANY_SEEDS ? SURE_BY_FEW : SURE_BY_MANY, count > 3 ? count - 1 : 2) *
           statistics_deviation(values, count) * sqrt(1 + 1 / (double)count);
    return wants_more ? mean - away : mean + away;
}

struct sized_value simulated_value(const struct simulations *simulations, size_t line, const struct goal *goal,
                                   size_t number, size_t window, uint64_t size, uint64_t seeds)
{
    size_t place = window * simulations->request->goals.count + number;
    struct sized_value value = {.least = INFINITY, .most = -INFINITY};
    double *values = xmalloc(seeds * sizeof *values);
    struct estimate estimate;

    for (uint64_t s = 0; s < seeds; s++) {
        values[s] = simulated_find(&simulations->lines[line], size, s)->values[place];
        value.least = fmin(value.least, values[s]);
        value.most = fmax(value.most, values[s]);
        value.seeds_met += goal_meets(goal, values[s]) || (window && isnan(values[s]));
    }
    estimate = estimate_mean(values, seeds);
    value.mean = estimate.mean;
    value.half_width = estimate.half_width;
    value.further = further_seed(goal, values, seeds);
    value.meets_with_more = value.seeds_met == seeds && (isnan(value.mean) || goal_meets(goal, value.further));
    if (isnan(value.mean))
        value.least = value.most = NAN;
    free(values);
    return value;
}

/* ---- replaying ---- */

void simulated_cells_add(const struct simulations *simulations, struct simulated_cells *cells, size_t line,
                         uint64_t size, uint64_t seed)
{
    const struct grid *grid = &simulations->request->grid;
    const struct named_policy *policy = simulations->lines[line].policy;

    if (simulated_find(&simulations->lines[line], size, seed))
        return;
    for (size_t i = 0; i < cells->count; i++)
        if (cells->places[i].line == line && cells->places[i].seed == seed && cells->configs[i].maxmemory == size)
            return;
    if (cells->count == cells->room) {
        cells->room = cells->room ? 2 * cells->room : 64;
        cells->configs = xrealloc(cells->configs, cells->room * sizeof *cells->configs);
        cells->places = xrealloc(cells->places, cells->room * sizeof *cells->places);
    }
    cells->configs[cells->count] = (struct cell_config){
        .server = simulations->lines[line].server,
        .policy = policy->policy,
        .parameters = policy->parameters,
        .policy_label = policy->label,
        .policy_path = policy->path,
        .admission = grid->admission,
        .admission_parameters = grid->admission_parameters,
        .maxmemory = size,
        .seed = grid->first_seed + seed,
    };
    cells->places[cells->count++] = (struct simulated_place){line, seed};
}

/* How many cells this machine has room for in one reading. Their results do not depend on that. */
static size_t most_at_once(const struct simulations *simulations)
{
    uint64_t bytes = host_memory_most(simulations->plan.trace.memory_limit) / 2;
    uint64_t cells = bytes / (simulations->sizing->run.key_count * HOST_BYTES_PER_KEY + HOST_BYTES_PER_CELL);

    return cells < (uint64_t)simulations->plan.workers ? (size_t)simulations->plan.workers : (size_t)cells;
}

/* Takes from a run all but its results. */
static void take_run(struct sizing *sizing, struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        result_release(&run->results[i]);
    run->result_count = 0;
    run->version = sizing->run.version;
    run->command = sizing->run.command;
    sizing->run = *run;
    *run = (struct run){0};
}

/* One reading of the trace, for some of the cells. */
static int read_once(struct simulations *simulations, const struct simulated_cells *cells, size_t first, size_t count,
                     struct error *error)
{
    struct sizing *sizing = simulations->sizing;
    struct run run = {0};
    int status;

    simulations->plan.cells = cells->configs + first;
    simulations->plan.cell_count = count;
    if (simulations->request->tell && sizing->readings)
        simulations->request->tell(simulations->request->tell_owner, sizing->readings + 1, count);
    simulations->shards = xcalloc(count, sizeof *simulations->shards);
    simulations->plan.sharding.look = look_at_shards;
    simulations->plan.sharding.look_owner = simulations;
    simulations->reading = &run;
    status = replay_run(&simulations->plan, &run, error);
    simulations->reading = NULL;
    if (!status) {
        if (!sizing->readings)
            sizing->run.duration_us = run.duration_us;
        simulations->fills = !strcmp(run.on_miss, "fill");
        for (size_t i = 0; i < count; i++)
            keep(simulations, &simulations->lines[cells->places[first + i].line], cells->places[first + i].seed, i,
                 &run.results[i]);
        sizing->simulations += count;
        if (!sizing->readings++)
            take_run(sizing, &run);
    }
    release_shards(simulations, count);
    run_release(&run);
    return status;
}

int simulations_run(struct simulations *simulations, struct simulated_cells *cells, struct error *error)
{
    int status = 0;

    for (size_t done = 0; done < cells->count && !status;) {
        size_t most = most_at_once(simulations), left = cells->count - done;
        size_t count = left < most ? left : most;

        status = read_once(simulations, cells, done, count, error);
        done += count;
    }
    free(cells->configs);
    free(cells->places);
    *cells = (struct simulated_cells){0};
    return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/size.h"

#include "sim/advice/found.h"
#include "sim/advice/hints.h"
#include "sim/advice/search.h"
#include "sim/alloc.h"
#include "sim/input/keys.h"
#include "sim/redis_policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double NEAR_BEST = 0.001; /* of an impossible goal: so near to the best value is as good */

/* A search, for the whole trace or for a window of it. */
struct seek {
    size_t line, window; /* 0: the whole */
    struct goals goals;
    struct size_search search;
};

struct maker {
    struct simulations simulations;
    const struct size_request *request;
    struct sizing *sizing;
    uint64_t seeds;
    struct seek *seeks;
    size_t seek_count;
    struct key_sample sample;
    int sample_status; /* of what it was asked while the trace was read */
    struct error sample_error;
    struct write_load *loads; /* by shard; of a server one; owned */
    size_t load_count;
    struct error *error;
};

static const struct simulated_line *line_of(const struct maker *maker, size_t number)
{
    return &maker->simulations.lines[number];
}

/* ---- the searches ---- */

/* Hands the search every size that was simulated. */
static void feed(const struct maker *maker, struct seek *seek)
{
    const struct simulated_line *line = line_of(maker, seek->line);

    for (size_t i = 0; i < line->count; i++) {
        uint64_t size = line->simulated[i].size, seeds = simulated_seeds(line, size);
        struct size_trial trial = {.size = size, .meets = true};

        if (line->simulated[i].seed || !size)
            continue;
        trial.seeds = seeds < seek->search.seeds ? seeds : seek->search.seeds;
        for (size_t g = 0; g < seek->goals.count; g++) {
            const struct goal *goal = &seek->goals.goals[g];
            struct sized_value value =
                simulated_value(&maker->simulations, seek->line, goal, g, seek->window, size, trial.seeds);

            trial.lacks[g] = goal_lack(goal, value.further);
            trial.meets &= value.meets_with_more;
            trial.misses |= value.seeds_met < trial.seeds;
        }
        size_search_found(&seek->search, &trial);
    }
}

/* Lets all searches ask, simulates, and hands them what came out, until none asks any more. */
static int run_searches(struct maker *maker)
{
    for (bool asks = true; asks;) {
        struct simulated_cells cells = {0};
        struct size_wanted wanted[SIZES_WANTED];

        asks = false;
        for (size_t i = 0; i < maker->seek_count; i++) {
            struct seek *seek = &maker->seeks[i];
            size_t count = size_search_next(&seek->search, wanted);

            asks |= count > 0;
            for (size_t j = 0; j < count; j++)
                for (uint64_t seed = 0; seed < wanted[j].seeds; seed++)
                    simulated_cells_add(&maker->simulations, &cells, seek->line, wanted[j].size, seed);
        }
        if (simulations_run(&maker->simulations, &cells, maker->error))
            return -1;
        for (size_t i = 0; i < maker->seek_count; i++)
            feed(maker, &maker->seeks[i]);
    }
    return 0;
}

static void add_seek(struct maker *maker, size_t line, size_t window, const struct goals *goals, uint64_t hint)
{
    const struct simulated *unlimited = simulated_find(line_of(maker, line), 0, 0);
    struct ladder ladder = {maker->request->precision, maker->sizing->unit_sizes};
    uint64_t peak = unlimited->counters.used_memory_peak, empty = unlimited->counters.baseline_memory;
    struct seek seek = {
        .line = line,
        .window = window,
        .goals = *goals,
        .search = {.ladder = ladder,
                   .least = ladder_up_to(&ladder, (peak / 4096 > empty ? peak / 4096 : empty) + 1),
                   .most = ladder_up_to(&ladder, peak + peak / 50 + 1),
                   .hint = hint,
                   .seeds = window ? 1 : maker->seeds,
                   .goals = goals->count,
                   .is_quick = window > 0},
    };

    feed(maker, &seek);
    maker->seeks = xrealloc(maker->seeks, (maker->seek_count + 1) * sizeof *maker->seeks);
    maker->seeks[maker->seek_count++] = seek;
}

static void release_seeks(struct maker *maker)
{
    for (size_t i = 0; i < maker->seek_count; i++)
        size_search_release(&maker->seeks[i].search);
    free(maker->seeks);
    maker->seeks = NULL;
    maker->seek_count = 0;
}

/* ---- what is told ---- */

static void tell_window(const struct maker *maker, const struct seek *seek, struct sized_line *line)
{
    const struct size_trial *answer = size_search_answer(&seek->search);

    line->windows[line->window_count++] = (struct sized_window){
        .from_us = simulations_window_end(&maker->simulations, seek->window - 1),
        .to_us = simulations_window_end(&maker->simulations, seek->window),
        .found = answer,
        .maxmemory = answer ? answer->size : 0,
    };
}

static void tell_answer(const struct seek *seek, struct sized_line *line)
{
    const struct size_search *search = &seek->search;
    const struct size_trial *answer = size_search_answer(search), *again = size_search_misses_again(search);

    line->found = answer;
    line->maxmemory = answer ? answer->size : 0;
    line->misses_again = answer && again ? again->size : 0;
    line->least_tried = search->count ? search->trials[0].size : 0;
    line->most_tried = search->count ? search->trials[search->count - 1].size : 0;
}

static void tell_lines(struct maker *maker)
{
    struct sizing *sizing = maker->sizing;

    sizing->line_count = maker->simulations.line_count;
    sizing->lines = xcalloc(sizing->line_count, sizeof *sizing->lines);
    for (size_t i = 0; i < sizing->line_count; i++) {
        const struct named_policy *policy = line_of(maker, i)->policy;

        sizing->lines[i].server = xstrdup(line_of(maker, i)->server->name);
        sizing->lines[i].policy = xstrdup(policy->label ? policy->label : policy->policy->name);
        sizing->lines[i].can_be_set = line_of(maker, i)->server->profile && policy->policy->redis;
        sizing->lines[i].windows = xcalloc(maker->simulations.windows + 1, sizeof *sizing->lines[i].windows);
    }
    for (size_t i = 0; i < maker->seek_count; i++)
        if (maker->seeks[i].window)
            tell_window(maker, &maker->seeks[i], &sizing->lines[maker->seeks[i].line]);
        else
            tell_answer(&maker->seeks[i], &sizing->lines[maker->seeks[i].line]);
}

/* ---- impossible goals ---- */

/* The value of the line's first seed that comes nearest to the goal, or meets it; NaN: nothing can be measured. */
static double best_value(const struct simulated_line *line, const struct goal *goal, size_t number)
{
    double best = NAN;

    for (size_t i = 0; i < line->count; i++) {
        double value = line->simulated[i].values[number];

        if (isnan(best) ||
            (!goal_meets(goal, best) && (goal_meets(goal, value) || goal_lack(goal, value) < goal_lack(goal, best))))
            best = value;
    }
    return best;
}

/* Goals that no size of the line meets get a target that one comes near to. False: there is none, or nothing of it can
 * be measured. */
static bool relax(const struct maker *maker, size_t number, struct goals *goals)
{
    bool changed = false;

    *goals = maker->request->goals;
    for (size_t g = 0; g < goals->count; g++) {
        struct goal *goal = &goals->goals[g];
        double best = best_value(line_of(maker, number), goal, g);
        bool wants_more = goal->compare == GOAL_EQUAL ? best < goal->target : goal->compare <= GOAL_ABOVE;

        if (isnan(best))
            return false;
        if (goal_meets(goal, best))
            continue;
        goal->target = best + (wants_more ? -NEAR_BEST : NEAR_BEST) * fabs(best);
        goal->compare = wants_more ? GOAL_AT_LEAST : GOAL_AT_MOST;
        changed = true;
    }
    return changed;
}

/* For each line without an answer: where the best that can be had begins. */
static int search_best(struct maker *maker)
{
    int status;

    release_seeks(maker);
    for (size_t i = 0; i < maker->sizing->line_count; i++) {
        struct goals goals;

        if (!maker->sizing->lines[i].found && relax(maker, i, &goals))
            add_seek(maker, i, 0, &goals, 0);
    }
    status = run_searches(maker);
    for (size_t i = 0; i < maker->seek_count && !status; i++) {
        const struct size_trial *answer = size_search_answer(&maker->seeks[i].search);

        maker->sizing->lines[maker->seeks[i].line].maxmemory = answer ? answer->size : 0;
    }
    return status;
}

/* ---- from the request to the answer ---- */

/* Whether two lines are alike without a limit: Redis's own policies evict nothing then, and what keys weigh does not
 * depend on them but for integers that are not shared. */
static bool are_twins(const struct maker *maker, size_t a, size_t b)
{
    const struct simulated_line *one = line_of(maker, a), *other = line_of(maker, b);
    const struct redis_policy *first = one->policy->policy->redis, *second = other->policy->policy->redis;

    return a == b || (one->server == other->server && one->server->profile && first && second &&
                      first->private_integers == second->private_integers && !maker->request->plan.scenario &&
                      !maker->request->grid.admission);
}

static size_t twin_of(const struct maker *maker, size_t line)
{
    size_t twin = 0;

    while (!are_twins(maker, twin, line))
        twin++;
    return twin;
}

/* The first reading. Policies that are alike without a limit share one simulation. */
static int read_unlimited(struct maker *maker)
{
    struct simulated_cells cells = {0};

    for (size_t i = 0; i < maker->simulations.line_count; i++)
        if (twin_of(maker, i) == i)
            simulated_cells_add(&maker->simulations, &cells, i, 0, 0);
    return simulations_run(&maker->simulations, &cells, maker->error);
}

/* Once it is known how long the trace is. With windows the first reading is made again, now with curves that have a
 * point at each window's end. */
static int settle_windows(struct maker *maker)
{
    const struct size_request *request = maker->request;
    struct simulations *simulations = &maker->simulations;
    int64_t duration_us = maker->sizing->run.duration_us, parts = (int64_t)request->windows, window_us;

    if (!parts && !request->window_us)
        return 0;
    window_us = request->window_us ? request->window_us : (duration_us + parts - 1) / parts;
    if (window_us < 1)
        window_us = 1;
    simulations->window_us = simulations->plan.options.interval_us = window_us;
    simulations->windows = duration_us > window_us ? (size_t)((duration_us + window_us - 1) / window_us) : 1;
    if (simulations->windows > SIZE_WINDOWS)
        return error_set(maker->error, ERROR_USAGE,
                         "--split makes %zu parts of the trace, more than %d: make them longer", simulations->windows,
                         SIZE_WINDOWS);
    simulations_forget(simulations);
    return read_unlimited(maker);
}

static uint64_t seeds_for(uint64_t commands)
{
    return commands <= 1000000 ? 10 : commands <= 10000000 ? 5 : 3;
}

static void see_writes(void *owner, const struct batch *batch)
{
    struct maker *maker = owner;

    const struct sharding_plan *sharding = &maker->request->plan.sharding;

    if (!sharding->table_count) {
        write_load_see(maker->loads, batch);
        return;
    }
    for (uint32_t row = 0; row < batch->count; row++)
        if (batch->id[row] != NO_KEY)
            write_load_see_row(
                &maker->loads[sharding->tables[0]->shard_of[key_slot_of(batch->keys->cluster, batch->id[row])]], batch,
                row);
}

static void see_all(void *owner, const struct batch *batch)
{
    struct maker *maker = owner;

    see_writes(owner, batch);
    key_sample_see(&maker->sample, batch);
    if (maker->request->tell_first && key_sample_is_due(&maker->sample))
        maker->sample_status =
            hints_so_far(&maker->simulations, &maker->sample, maker->simulations.reading, &maker->sample_error);
}

/* The first reading, from which a sample is kept; what the sample says goes to `hints`, by line. */
static int read_first(struct maker *maker, uint64_t *hints)
{
    struct simulations *simulations = &maker->simulations;
    const struct sharding_plan *sharding = &maker->request->plan.sharding;
    bool samples = hints_are_possible(maker->request);
    int status;

    key_sample_open(&maker->sample);
    maker->load_count = sharding->table_count ? sharding->tables[0]->shard_count : 1;
    maker->loads = xcalloc(maker->load_count, sizeof *maker->loads);
    for (size_t i = 0; i < maker->load_count; i++)
        write_load_open(&maker->loads[i]);
    simulations->plan.watch = samples ? see_all : see_writes;
    simulations->plan.watch_owner = maker;
    status = read_unlimited(maker);
    simulations->plan.watch = NULL;
    if (!status && maker->sample_status) {
        *maker->error = maker->sample_error;
        status = -1;
    }
    if (!status && samples && maker->sizing->run.commands >= HINTS_FROM &&
        key_sample_close(&maker->sample, maker->sizing->run.duration_us)) {
        for (size_t i = 0; i < simulations->line_count; i++)
            simulations_share(simulations, twin_of(maker, i), i);
        status = hints_find(simulations, &maker->sample, hints, maker->error);
    }
    key_sample_release(&maker->sample);
    return status;
}

static int make(struct maker *maker, uint64_t *hints)
{
    struct simulations *simulations = &maker->simulations;

    found_goals(simulations);
    if (read_first(maker, hints) || settle_windows(maker))
        return -1;
    for (size_t i = 0; i < simulations->line_count; i++)
        simulations_share(simulations, twin_of(maker, i), i);
    maker->seeds = maker->request->grid.seeds ? maker->request->grid.seeds : seeds_for(maker->sizing->run.commands);
    for (size_t i = 0; i < simulations->line_count; i++)
        for (size_t w = 0; w <= simulations->windows; w++)
            add_seek(maker, i, w, &maker->request->goals, w ? 0 : hints[i]);
    if (run_searches(maker))
        return -1;
    tell_lines(maker);
    if (search_best(maker))
        return -1;
    maker->sizing->seeds = maker->seeds;
    found_tell(simulations, maker->loads);
    return 0;
}

int size_make(const struct size_request *request, struct sizing *sizing, struct error *error)
{
    struct maker maker = {.request = request, .sizing = sizing, .error = error};
    uint64_t *hints;
    int status;

    if (!trace_is_rereadable(request->plan.trace.path))
        return error_set(error, ERROR_USAGE, "the trace is read several times: give a file");
    sizing->precision = request->precision;
    sizing->unit_sizes = request->plan.options.unit_sizes;
    simulations_init(&maker.simulations, request, sizing);
    hints = xcalloc(maker.simulations.line_count + 1, sizeof *hints);
    status = make(&maker, hints);
    free(hints);
    release_seeks(&maker);
    for (size_t i = 0; i < maker.load_count; i++)
        write_load_release(&maker.loads[i]);
    free(maker.loads);
    simulations_release(&maker.simulations);
    return status;
}

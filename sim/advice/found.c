/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/found.h"

#include "sim/alloc.h"
#include "sim/engine/sharding.h"
#include "sim/warnings.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static void add_point(const struct simulations *simulations, struct sized_line *line, size_t number, uint64_t size)
{
    const struct goals *goals = &simulations->request->goals;
    const struct simulated_line *from = &simulations->lines[number];
    struct sized_point *point;

    line->points = xrealloc(line->points, (line->point_count + 1) * sizeof *line->points);
    point = &line->points[line->point_count++];
    *point = (struct sized_point){.maxmemory = size, .seeds = simulated_seeds(from, size), .meets = true};
    point->values = xcalloc(goals->count, sizeof *point->values);
    point->value_count = goals->count;
    for (size_t g = 0; g < goals->count; g++) {
        point->values[g] = simulated_value(simulations, number, &goals->goals[g], g, 0, size, point->seeds);
        point->meets &= point->values[g].meets_with_more;
    }
    for (uint64_t s = 0; s < point->seeds; s++) {
        const struct simulated *one = simulated_find(from, size, s);
        bool all = true;

        for (size_t g = 0; g < goals->count; g++)
            all &= goal_meets(&goals->goals[g], one->values[g]);
        point->seeds_met += all;
        point->hit_ratio += one->hit_ratio / (double)point->seeds;
        point->used_memory = fmax(point->used_memory, (double)one->counters.used_memory_peak);
        point->keys = fmax(point->keys, one->keys);
    }
}

static int by_size(const void *a, const void *b)
{
    const struct sized_point *x = a, *y = b;
    uint64_t one = x->maxmemory - 1, other = y->maxmemory - 1; /* no limit comes last */

    return (one > other) - (one < other);
}

static void tell_points(const struct simulations *simulations, struct sized_line *line, size_t number)
{
    const struct simulated_line *from = &simulations->lines[number];

    for (size_t i = 0; i < from->count; i++)
        if (!from->simulated[i].seed)
            add_point(simulations, line, number, from->simulated[i].size);
    qsort(line->points, line->point_count, sizeof *line->points, by_size);
}

/* By how much the hit ratio changes with 100 MB, between two points; NaN where one is missing. */
static double slope(const struct sized_point *low, const struct sized_point *high)
{
    if (!low || !high)
        return NAN;
    return (high->hit_ratio - low->hit_ratio) / ((double)high->maxmemory - (double)low->maxmemory) * (100 << 20);
}

/* The slopes to the next sizes that lie at least 2.5 % below and above. */
static void tell_slopes(struct sized_line *line)
{
    const struct sized_point *answer = sized_point(line, line->maxmemory), *below = NULL, *above = NULL;

    line->gain_per_100mb = line->loss_per_100mb = NAN;
    if (!line->maxmemory)
        return;
    for (size_t i = 0; i < line->point_count; i++) {
        const struct sized_point *point = &line->points[i];

        if (point->maxmemory && (double)point->maxmemory <= 0.975 * (double)line->maxmemory)
            below = point;
        if (!above && (double)point->maxmemory >= 1.025 * (double)line->maxmemory)
            above = point;
    }
    line->gain_per_100mb = slope(answer, above);
    line->loss_per_100mb = slope(below, answer);
}

static uint64_t most_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void take_most(struct headroom_facts *most, const struct headroom_facts *one)
{
    most->used_memory_peak = most_of(most->used_memory_peak, one->used_memory_peak);
    most->table_bytes = most_of(most->table_bytes, one->table_bytes);
    most->above_used = most_of(most->above_used, one->above_used);
    most->removals = most_of(most->removals, one->removals);
}

/* Of a cluster, that of the shard which needs the most; the line's is the machine of each shard. */
static void tell_shards(const struct simulations *simulations, size_t number, const struct write_load *loads)
{
    const struct size_request *request = simulations->request;
    const struct slot_table *table = request->plan.sharding.tables[0];
    struct sized_line *line = &simulations->sizing->lines[number];
    const struct simulated_line *from = &simulations->lines[number];

    for (uint32_t shard = 0; shard < table->shard_count && line->found; shard++) {
        struct headroom_facts facts = {0};
        struct sized_line part = {.found = true,
                                  .maxmemory = sharding_maxmemory(&request->plan.sharding, table, line->maxmemory)};

        for (uint64_t s = 0; s < simulated_seeds(from, line->maxmemory); s++)
            take_most(&facts, &simulated_find(from, line->maxmemory, s)->shard_facts[shard]);
        headroom_tell(&request->headroom, &loads[shard], &facts, from->server, &request->plan.options, &part);
        if (part.needed_memory <= line->needed_memory) {
            headroom_release(&part);
            continue;
        }
        headroom_release(line);
        free(line->headroom_shard);
        line->headroom_shard = xstrdup(table->names[shard]);
        line->headroom = part.headroom;
        line->headroom_count = part.headroom_count;
        line->needed_memory = part.needed_memory;
    }
}

/* By the worst of the seeds at the answer. */
static void tell_headroom(const struct simulations *simulations, size_t number, const struct write_load *loads)
{
    const struct size_request *request = simulations->request;
    struct sized_line *line = &simulations->sizing->lines[number];
    const struct simulated_line *from = &simulations->lines[number];
    const struct slot_table *table = request->plan.sharding.table_count ? request->plan.sharding.tables[0] : NULL;
    uint64_t maxmemory = line->maxmemory;
    struct headroom_facts facts = {0};

    if (table) {
        tell_shards(simulations, number, loads);
        maxmemory = sharding_maxmemory(&request->plan.sharding, table, maxmemory);
        line->shard_maxmemory = line->found ? maxmemory : 0;
    } else {
        for (uint64_t s = 0; s < simulated_seeds(from, line->maxmemory); s++)
            take_most(&facts, &simulated_find(from, line->maxmemory, s)->facts);
        headroom_tell(&request->headroom, loads, &facts, from->server, &request->plan.options, line);
    }
    instance_choose(request->rule, request->price, maxmemory, table ? table->shard_count : 1, line);
}

void found_goals(const struct simulations *simulations)
{
    const struct goals *goals = &simulations->request->goals;

    simulations->sizing->goals = xcalloc(goals->count, sizeof *simulations->sizing->goals);
    simulations->sizing->goal_count = goals->count;
    for (size_t g = 0; g < goals->count; g++)
        simulations->sizing->goals[g] = (struct sized_goal){.text = xstrdup(goals->goals[g].text),
                                                            .name = xstrdup(goals->goals[g].name),
                                                            .target = goals->goals[g].target};
}

/* What must be known of the answers: warnings depend on what happened at those sizes, not at others that were tried. */
static void tell_warnings(const struct simulations *simulations)
{
    struct sizing *sizing = simulations->sizing;
    struct run *run = &sizing->run;
    size_t *line_of_result = NULL;

    for (size_t i = 0; i < sizing->line_count; i++) {
        const struct simulated_line *from = &simulations->lines[i];
        uint64_t size = sizing->lines[i].maxmemory, seeds = simulated_seeds(from, size);

        run->results = xrealloc(run->results, (run->result_count + seeds + 1) * sizeof *run->results);
        line_of_result = xrealloc(line_of_result, (run->result_count + seeds + 1) * sizeof *line_of_result);
        for (uint64_t s = 0; s < seeds; s++) {
            line_of_result[run->result_count] = i;
            run->results[run->result_count++] = (struct result){
                .server = sizing->lines[i].server,
                .policy = sizing->lines[i].policy,
                .maxmemory = size,
                .unit_sizes = sizing->unit_sizes,
                .sizes_alone = !from->server->profile,
                .counters = simulated_find(from, size, s)->counters,
            };
        }
    }
    warnings_find(run);
    assert(line_of_result || !run->result_count);
    for (size_t r = 0; r < run->result_count; r++) {
        sizing->lines[line_of_result[r]].memory_is_least |= run->results[r].memory_is_least;
        sizing->lines[line_of_result[r]].oom_is_least |= run->results[r].oom_is_least;
    }
    sizing->warnings = run->warnings;
    sizing->warning_count = run->warning_count;
    run->warnings = NULL;
    run->warning_count = 0;
    free(run->results); /* the texts are the lines' */
    run->results = NULL;
    run->result_count = 0;
    free(line_of_result);
}

void found_tell(const struct simulations *simulations, const struct write_load *loads)
{
    struct sizing *sizing = simulations->sizing;

    for (size_t i = 0; i < sizing->line_count; i++) {
        tell_points(simulations, &sizing->lines[i], i);
        tell_slopes(&sizing->lines[i]);
        tell_headroom(simulations, i, loads);
    }
    tell_warnings(simulations);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/refine.h"

#include "sim/advice/steep.h"
#include "sim/alloc.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each result is of: places in the grid. */
struct place {
    size_t server, policy;
    const struct result *result;
};

static size_t server_of(const struct grid *grid, const struct result *result)
{
    size_t i = 0;

    while (strcmp(grid->servers[i]->name, result->server) != 0)
        i++;
    return i;
}

static size_t policy_of(const struct grid *grid, const struct result *result)
{
    size_t i = 0;

    while (strcmp(grid->policies[i].label ? grid->policies[i].label : grid->policies[i].policy->name, result->policy) !=
           0)
        i++;
    return i;
}

/* No limit is the largest. */
static uint64_t size_rank(uint64_t maxmemory)
{
    return maxmemory - 1;
}

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    uint64_t left = size_rank(x->result->maxmemory), right = size_rank(y->result->maxmemory);

    if (x->server != y->server)
        return x->server < y->server ? -1 : 1;
    if (left != right)
        return left < right ? -1 : 1;
    if (x->policy != y->policy)
        return x->policy < y->policy ? -1 : 1;
    return (x->result->seed > y->result->seed) - (x->result->seed < y->result->seed);
}

/* By server, size, policy and seed; to be freed. */
static struct place *places_of(const struct grid *grid, const struct run *run)
{
    struct place *places = xcalloc(run->result_count, sizeof *places);

    for (size_t i = 0; i < run->result_count; i++)
        places[i] =
            (struct place){server_of(grid, &run->results[i]), policy_of(grid, &run->results[i]), &run->results[i]};
    qsort(places, run->result_count, sizeof *places, by_place);
    return places;
}

static void sort_results(const struct grid *grid, struct run *run)
{
    struct place *places = places_of(grid, run);
    struct result *results = xcalloc(run->result_count, sizeof *results);

    for (size_t i = 0; i < run->result_count; i++)
        results[i] = *places[i].result;
    free(run->results);
    run->results = results;
    free(places);
}

/* ---- the gaps ---- */

/* The mean over the seeds, which are adjacent. */
static double mean_of(const struct place *places, size_t seeds, double (*value)(const struct result *))
{
    double sum = 0;

    for (size_t i = 0; i < seeds; i++)
        sum += value(places[i].result);
    return sum / (double)seeds;
}

/* By how much the curves of a server change from the size at `first` to the one behind it. NaN: nothing was read, nor written. */
static double step_of(const struct grid *grid, const struct place *first)
{
    const struct place *next = first + grid->policy_count * grid->seeds;
    double step = NAN;

    for (size_t i = 0; i < grid->policy_count * grid->seeds; i += grid->seeds) {
        step = fmax(step, fabs(mean_of(first + i, grid->seeds, result_hit_ratio) -
                               mean_of(next + i, grid->seeds, result_hit_ratio)));
        step = fmax(step, fabs(mean_of(first + i, grid->seeds, result_oom_share) -
                               mean_of(next + i, grid->seeds, result_oom_share)));
    }
    return step;
}

/* The gaps of servers that have the same sizes: those of the first of them, each as steep as in any. */
static size_t gaps_of_group(const struct grid *grid, const struct place *places, size_t sizes, size_t servers,
                            size_t group, struct steep_gap *gaps)
{
    size_t block = grid->policy_count * grid->seeds, limited = 0, count;
    uint64_t *limits = xcalloc(sizes, sizeof *limits);
    double *steps = xcalloc(sizes, sizeof *steps);

    for (; limited < sizes && places[limited * block].result->maxmemory; limited++)
        limits[limited] = places[limited * block].result->maxmemory;
    for (size_t i = 0; i + 1 < limited; i++)
        for (size_t s = 0; s < servers; s++)
            steps[i] = fmax(steps[i], step_of(grid, places + (s * sizes + i) * block));
    count = steep_gaps(limits, steps, limited, places->result->unit_sizes, group, gaps);
    free(limits);
    free(steps);
    return count;
}

/* How many sizes the server of places[first] has. */
static size_t sizes_of(const struct grid *grid, const struct place *places, size_t first, size_t count)
{
    size_t end = first;

    while (end < count && places[end].server == places[first].server)
        end++;
    return (end - first) / (grid->policy_count * grid->seeds);
}

/* All steep gaps, the steepest first; at most as many as there are results. How many. */
static size_t find_gaps(const struct refine_request *request, const struct run *run, struct steep_gap *gaps)
{
    const struct grid *grid = request->grid;
    struct place *places = places_of(grid, run);
    size_t found = 0, block = grid->policy_count * grid->seeds;

    for (size_t first = 0, sizes; first < run->result_count; first += sizes * block) {
        sizes = sizes_of(grid, places, first, run->result_count);
        found += gaps_of_group(grid, places + first, sizes, request->apart ? 1 : grid->server_count,
                               places[first].server, gaps + found);
        if (!request->apart)
            break;
    }
    free(places);
    steep_sort(gaps, found);
    return found;
}

/* ---- the simulations ---- */

static struct cell_config *cells_of(const struct refine_request *request, const struct steep_gap *gaps, size_t count,
                                    size_t *cell_count)
{
    const struct grid *grid = request->grid;
    struct cell_config *cells = NULL;

    *cell_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct grid one = *grid;
        struct cell_config *of_one;

        one.sizes = &gaps[i].size;
        one.size_count = 1;
        if (request->apart) {
            one.servers = &grid->servers[gaps[i].group];
            one.server_count = 1;
        }
        of_one = grid_cells(&one);
        cells = xrealloc(cells, (*cell_count + grid_count(&one)) * sizeof *cells);
        memcpy(cells + *cell_count, of_one, grid_count(&one) * sizeof *cells);
        *cell_count += grid_count(&one);
        free(of_one);
    }
    return cells;
}

/* Moves the results of one to the other. */
static void take_results(struct run *run, struct run *more)
{
    run->results = xrealloc(run->results, (run->result_count + more->result_count) * sizeof *run->results);
    memcpy(run->results + run->result_count, more->results, more->result_count * sizeof *run->results);
    run->result_count += more->result_count;
    more->result_count = 0;
}

static int add(const struct refine_request *request, const struct steep_gap *gaps, size_t count, struct run *run,
               struct error *error)
{
    struct replay_plan plan = *request->plan;
    struct run more = {0};
    struct cell_config *cells = cells_of(request, gaps, count, &plan.cell_count);
    int status;

    plan.cells = cells;
    plan.replay_seconds = NULL;
    status = replay_run(&plan, &more, error);
    if (!status && strcmp(run->trace_digest, more.trace_digest) != 0)
        status = error_set(error, ERROR_INPUT, "%s has changed since it was read first: run it again", run->trace);
    if (!status)
        take_results(run, &more);
    run_release(&more);
    free(cells);
    return status;
}

uint64_t refine_cost(const struct refine_request *request)
{
    const struct grid *grid = request->grid;

    return grid->policy_count * grid->seeds * (request->apart ? 1 : grid->server_count);
}

int refine_run(const struct refine_request *request, struct run *run, uint64_t *added, struct error *error)
{
    uint64_t cost = refine_cost(request), left; /* sizes */
    int status = 0;

    assert(cost > 0);
    left = request->budget / cost;
    *added = 0;
    while (left && !status) {
        struct steep_gap *gaps = xcalloc(run->result_count, sizeof *gaps);
        size_t count = find_gaps(request, run, gaps);

        count = count < steep_at_once(left) ? count : (size_t)steep_at_once(left);
        if (count)
            status = add(request, gaps, count, run, error);
        *added += status ? 0 : count * cost;
        left = count ? left - count : 0;
        free(gaps);
    }
    sort_results(request->grid, run);
    return status;
}

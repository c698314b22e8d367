/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/server_curves.h"

#include "sim/advice/ladder.h"
#include "sim/advice/steep.h"
#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/statistics.h"
#include "sim/warnings.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LEAST_SHARE = 0.01; /* of the data: room for less of them is not looked at */

static int replay(const struct server_curves_request *request, const struct grid *grid, struct run *run,
                  struct error *error)
{
    struct replay_plan plan = request->plan;
    struct cell_config *cells = grid_cells(grid);
    int status;

    plan.cells = cells;
    plan.cell_count = grid_count(grid);
    status = replay_run(&plan, run, error);
    free(cells);
    return status;
}

/* ---- the sizes ---- */

/* From a hundredth of the data to all of them, each share so many times the one before; easily typed. Returns how many. */
static size_t divide(uint64_t empty, uint64_t peak, uint32_t points, uint64_t *sizes)
{
    const struct ladder ladder = {.precision = 0.01};
    uint64_t all = ladder_up_to(&ladder, peak + peak / 50 + 1);
    size_t count = 0;

    for (uint32_t i = 0; i < points; i++) {
        double share = points == 1 ? 1 : elementary_pow(LEAST_SHARE, 1 - (double)i / (double)(points - 1));
        uint64_t size = ladder_up_to(&ladder, empty + (uint64_t)ceil((double)(all - empty) * share));

        size = size < all ? size : all;
        if (!count || size > sizes[count - 1])
            sizes[count++] = size;
    }
    return count;
}

static int choose_sizes(const struct server_curves_request *request, uint64_t *sizes, size_t *count,
                        struct error *error)
{
    const uint64_t no_limit = 0;
    struct grid grid = request->grid;
    struct run run = {0};
    uint64_t empty = UINT64_MAX, peak = 0;
    int status;

    if (!trace_is_rereadable(request->plan.trace.path))
        return error_set(error, ERROR_USAGE, "%s is read once only: say which sizes, by --maxmemory",
                         trace_shown(request->plan.trace.path));
    grid.sizes = &no_limit;
    grid.size_count = grid.policy_count = grid.seeds = 1; /* without a limit nothing is evicted */
    status = replay(request, &grid, &run, error);
    for (size_t i = 0; !status && i < run.result_count; i++) {
        const struct counters *counters = &run.results[i].counters;

        empty = counters->baseline_memory < empty ? counters->baseline_memory : empty;
        peak = counters->used_memory_peak > peak ? counters->used_memory_peak : peak;
    }
    if (!status)
        *count = divide(empty, peak, request->points, sizes);
    run_release(&run);
    return status;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

/* ---- the curves ---- */

/* The results of one point: so many seeds, which are adjacent. */
static struct mrc_point point_of(const struct result *results, size_t seeds)
{
    struct mrc_point point = {.size = results->maxmemory};
    double *ratios = xcalloc(seeds, sizeof *ratios), refused = 0;
    struct estimate estimate;

    for (size_t i = 0; i < seeds; i++) {
        ratios[i] = (double)results[i].counters.misses / (double)results[i].counters.reads;
        refused += (double)results[i].counters.oom_rejections / (double)seeds;
    }
    estimate = estimate_mean(ratios, seeds);
    free(ratios);
    point.miss_ratio = estimate.mean;
    point.low = fmax(0, estimate.mean - estimate.half_width);
    point.high = fmin(1, estimate.mean + estimate.half_width);
    if (isnan(estimate.half_width))
        point.low = point.high = NAN;
    point.oom_rejections = refused;
    return point;
}

static void fill_curves(const struct grid *grid, const struct run *run, struct mrc *mrc)
{
    mrc->curve_count = grid->server_count * grid->policy_count;
    mrc->curves = xcalloc(mrc->curve_count, sizeof *mrc->curves);
    for (size_t s = 0; s < grid->server_count; s++)
        for (size_t p = 0; p < grid->policy_count; p++) {
            struct mrc_curve *curve = &mrc->curves[s * grid->policy_count + p];

            curve->policy = xstrdup(grid->policies[p].label);
            curve->method = xstrdup("simulated");
            curve->server = xstrdup(grid->servers[s]->name);
            curve->count = grid->size_count;
            curve->points = xcalloc(curve->count, sizeof *curve->points);
            for (size_t i = 0; i < curve->count; i++)
                curve->points[i] = point_of(
                    &run->results[((s * grid->size_count + i) * grid->policy_count + p) * grid->seeds], grid->seeds);
        }
}

/* ---- where a curve is steep ---- */

/* The steep gaps that have a size in their middle, the steepest first; returns how many. */
static size_t find_gaps(const struct mrc *mrc, struct steep_gap *gaps)
{
    size_t sizes = mrc->curves->count, count;
    uint64_t *size = xcalloc(sizes, sizeof *size);
    double *steps = xcalloc(sizes, sizeof *steps);

    for (size_t i = 0; i < sizes; i++) {
        size[i] = mrc->curves->points[i].size;
        for (size_t c = 0; c < mrc->curve_count && i + 1 < sizes; c++)
            steps[i] =
                fmax(steps[i], fabs(mrc->curves[c].points[i].miss_ratio - mrc->curves[c].points[i + 1].miss_ratio));
    }
    count = steep_gaps(size, steps, sizes, false, 0, gaps);
    steep_sort(gaps, count);
    free(size);
    free(steps);
    return count;
}

static void insert_point(struct mrc_curve *curve, struct mrc_point point)
{
    size_t place = curve->count;

    curve->points = xrealloc(curve->points, (curve->count + 1) * sizeof *curve->points);
    for (; place && curve->points[place - 1].size > point.size; place--)
        curve->points[place] = curve->points[place - 1];
    curve->points[place] = point;
    curve->count++;
}

/* One more reading, with these sizes alone: cells share nothing, so a point is what it would be among others. */
static int add_sizes(const struct server_curves_request *request, const uint64_t *sizes, size_t count, struct mrc *mrc,
                     struct error *error)
{
    struct grid grid = request->grid;
    struct run run = {0};
    int status;

    grid.sizes = sizes;
    grid.size_count = count;
    status = replay(request, &grid, &run, error);
    for (size_t c = 0; c < mrc->curve_count && !status; c++)
        for (size_t i = 0; i < count; i++) {
            size_t server = c / grid.policy_count, policy = c % grid.policy_count;

            insert_point(
                &mrc->curves[c],
                point_of(&run.results[((server * count + i) * grid.policy_count + policy) * grid.seeds], grid.seeds));
        }
    run_release(&run);
    return status;
}

static int refine(const struct server_curves_request *request, struct mrc *mrc, struct error *error)
{
    uint64_t cost = mrc->curve_count * request->grid.seeds, left; /* sizes */
    int status = 0;

    assert(cost > 0);
    left = request->budget / cost;
    while (left && !status) {
        struct steep_gap *gaps = xcalloc(mrc->curves->count, sizeof *gaps);
        uint64_t *sizes = xcalloc(mrc->curves->count, sizeof *sizes), most = steep_at_once(left);
        size_t count = find_gaps(mrc, gaps);

        count = count < most ? count : (size_t)most;
        for (size_t i = 0; i < count; i++)
            sizes[i] = gaps[i].size;
        qsort(sizes, count, sizeof *sizes, by_size);
        if (count)
            status = add_sizes(request, sizes, count, mrc, error);
        left = count ? left - count : 0;
        free(gaps);
        free(sizes);
    }
    return status;
}

static void fill(const struct grid *grid, struct run *run, struct mrc *mrc)
{
    mrc->trace = xstrdup(run->trace);
    mrc->format = xstrdup(run->format);
    mrc->intake = run->intake;
    mrc->start_unix_us = run->start_assumed ? run->start_unix_us : 0;
    mrc->requests = run->commands;
    mrc->keys = run->key_count;
    mrc->reads = run->results->counters.reads;
    mrc->of_servers = true;
    if (asprintf(&mrc->on_miss, "%s (%s)", run->on_miss, run->on_miss_reason) < 0)
        abort();
    if (run->scenario)
        mrc->scenario = xstrdup(run->scenario);
    mrc->rate = 1;
    mrc->salts = (uint32_t)grid->seeds;
    fill_curves(grid, run, mrc);
    warnings_find(run);
    mrc->warnings = run->warnings;
    mrc->warning_count = run->warning_count;
    run->warnings = NULL;
    run->warning_count = 0;
}

int server_curves_make(const struct server_curves_request *request, struct mrc *mrc, struct error *error)
{
    struct grid grid = request->grid;
    struct run run = {0};
    uint64_t *sizes = xcalloc(grid.size_count + request->points, sizeof *sizes);
    int status = 0;

    if (request->budget && !trace_is_rereadable(request->plan.trace.path))
        status = error_set(error, ERROR_USAGE, "--budget reads the trace several times: %s is read once only",
                           trace_shown(request->plan.trace.path));
    if (status) {
        free(sizes);
        run_release(&run);
        return status;
    }
    if (grid.size_count) {
        memcpy(sizes, grid.sizes, grid.size_count * sizeof *sizes);
        qsort(sizes, grid.size_count, sizeof *sizes, by_size);
    } else {
        status = choose_sizes(request, sizes, &grid.size_count, error);
    }
    grid.sizes = sizes;
    if (!status)
        status = replay(request, &grid, &run, error);
    if (!status && !run.results->counters.reads)
        status = error_set(error, ERROR_INPUT, "%s: nothing is read: there is no miss ratio", run.trace);
    if (!status)
        fill(&grid, &run, mrc);
    if (!status)
        status = refine(request, mrc, error);
    run_release(&run);
    free(sizes);
    return status;
}

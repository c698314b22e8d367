/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/grid.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static size_t seeds_of(const struct run *run)
{
    return run->seed_count ? run->seed_count : 1;
}

size_t grid_cell_count(const struct run *run)
{
    assert(run->result_count % seeds_of(run) == 0);
    return run->result_count / seeds_of(run);
}

struct cell grid_cell(const struct run *run, size_t index)
{
    return (struct cell){.results = run->results + index * seeds_of(run), .count = seeds_of(run)};
}

static bool same_group(const struct result *a, const struct result *b)
{
    return a->maxmemory == b->maxmemory && strcmp(a->server, b->server) == 0;
}

size_t grid_group_end(const struct run *run, size_t first)
{
    size_t end = first + 1;

    while (end < grid_cell_count(run) && same_group(grid_cell(run, first).results, grid_cell(run, end).results))
        end++;
    return end;
}

bool grid_has_servers(const struct run *run)
{
    for (size_t i = 1; i < run->result_count; i++)
        if (strcmp(run->results[0].server, run->results[i].server) != 0)
            return true;
    return false;
}

struct estimate cell_counter(struct cell cell, int counter)
{
    double *values = xmalloc(cell.count * sizeof *values);
    struct estimate estimate;

    for (size_t i = 0; i < cell.count; i++)
        values[i] = (double)counter_get(&cell.results[i].counters, counter);
    estimate = estimate_mean(values, cell.count);
    free(values);
    return estimate;
}

struct estimate cell_ratio(struct cell cell, double (*ratio)(const struct result *result))
{
    double *values = xmalloc(cell.count * sizeof *values);
    struct estimate estimate;

    for (size_t i = 0; i < cell.count; i++)
        values[i] = ratio(&cell.results[i]);
    estimate = estimate_mean(values, cell.count);
    free(values);
    return estimate;
}

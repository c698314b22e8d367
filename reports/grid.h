/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid: the results of a run as the rows and groups that people compare.
 *
 * A cell is one (server, maxmemory, policy): its results differ in the seed only, and are adjacent
 * in run->results. A group is the cells that share server and maxmemory: only their policies
 * differ, so these are the ones to compare with each other.
 *
 *     results   [s1 s2 s3][s1 s2 s3][s1 s2 s3][s1 s2 s3]      3 seeds
 *     cells      lru       lfu       lru       lfu
 *     groups    '------ 1mb -------''------ 2mb -------'
 *
 * Everything here is a view: nothing is owned, nothing outlives the run. */
#ifndef REPORTS_GRID_H
#define REPORTS_GRID_H

#include "sim/result.h"
#include "sim/statistics.h"

#include <stdbool.h>
#include <stddef.h>

struct cell {
    const struct result *results; /* the first seed's: server, policy and maxmemory are here */
    size_t count;                 /* of seeds, at least 1 */
};

size_t grid_cell_count(const struct run *run);
struct cell grid_cell(const struct run *run, size_t index);

/* The index after the last cell of the group that begins with cell `first`. */
size_t grid_group_end(const struct run *run, size_t first);

bool grid_has_servers(const struct run *run); /* more than one */

/* Over the seeds of a cell. `counter` is a COUNTER_ of sim/result.h. */
struct estimate cell_counter(struct cell cell, int counter);
struct estimate cell_ratio(struct cell cell, double (*ratio)(const struct result *result));

#endif

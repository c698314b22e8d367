/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid: the results of a run as the rows and groups that people compare.
 *
 * A cell is one (server or cluster, maxmemory, policy): its results differ in the seed only, and are adjacent
 * in run->results. A group is the cells that share server and maxmemory: only their policies
 * differ, so these are the ones to compare with each other.
 *
 *     results   [s1 s2 s3][s1 s2 s3][s1 s2 s3][s1 s2]         3 seeds, one is missing
 *     cells      lru       lfu       lru       lfu
 *     groups    '------ 1mb -------''----- 2mb ----'
 *
 * A run that was merged from parts may lack cells, and seeds of cells: groups are as long as they are.
 *
 * Cells are views of the run: they do not outlive it. */
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

struct cell_list {
    struct cell *cells; /* in the order of the results */
    size_t count;
};

struct cell_list cell_list_make(const struct run *run);
void cell_list_release(struct cell_list *list);

/* The index after the last cell of the group that begins with cell `first`. */
size_t cell_list_group_end(const struct cell_list *list, size_t first);

bool cell_list_has_servers(const struct cell_list *list); /* more than one, or clusters beside them */

/* "redis-7.0.15", "redis-7.0.15, 3 shards". */
enum { CELL_SERVER_TEXT = 96 };
void cell_server_print(const struct result *result, char *text, size_t bytes);

/* Whether memory is never short in the cell: nothing was evicted, and no write refused. */
bool cell_is_ample(struct cell cell);

/* Whether every cell has the seeds that the first one has. */
bool cell_list_has_even_seeds(const struct cell_list *list);

/* The cells by what tells them apart. */
struct cell_table {
    char **servers; /* and clusters of them, as cell_server_print has it; in the order of their first appearance */
    const char **policies;
    uint64_t *sizes; /* of maxmemory, increasing; then 0, no limit, if there is one */
    size_t server_count, policy_count, size_count;
    const struct cell **cells;
};

struct cell_table cell_table_make(const struct cell_list *list); /* which must stay */
void cell_table_release(struct cell_table *table);

/* NULL: the run lacks it. */
const struct cell *cell_table_at(const struct cell_table *table, size_t server, size_t size, size_t policy);

/* Over the seeds of a cell. `counter` is a COUNTER_ of sim/result.h. */
struct estimate cell_counter(struct cell cell, int counter);
struct estimate cell_ratio(struct cell cell, double (*ratio)(const struct result *result));

/* Over those of its seeds in which the moment comes (a place in moment_fields): in seconds since the trace's start, and in how many
 * it does: count, 0 with a mean of NaN. */
struct estimate cell_moment(struct cell cell, int field);

/* How many samples the curves of all its seeds have. */
size_t cell_samples(struct cell cell);

#endif

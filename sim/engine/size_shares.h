/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size_shares: sizes that are shares of what a trace's data take (run --maxmemory 10%,25%..100%:x2).
 *
 *     0                   empty server                     used_memory without a limit, at its highest
 *     |-------------------|---------|----------------------|
 *                         0 %       25 %                   100 %
 *
 * What the server takes when it is empty is not shared out: 0 % of the data still needs a server. The most is found by one more
 * reading, in which each server holds all that comes. In a cluster it is the shard's that takes the most, or all
 * together where maxmemory is the cluster's. Sizes are rounded up, by a thousandth at most, so that they can be typed. */
#ifndef SIM_ENGINE_SIZE_SHARES_H
#define SIM_ENGINE_SIZE_SHARES_H

#include "sim/engine/grid.h"
#include "sim/engine/replay.h"

struct size_shares {
    const double *shares; /* above 0; 1 is 100 % */
    size_t count;
    const struct policy *noeviction; /* which the first reading is with */
};

/* "25%", "12.5%": above 0 and up to 1000. */
bool size_share_scan(const char *text, double *share);
/* "10%..80%:x2" (each twice the one before), "10..50%:+10%": writes up to `most` of them, both ends included, and returns how many
 * there are, which may be more. 0: it is no such range. */
size_t size_share_range_scan(const char *text, double *shares, size_t most);

/* What is 100 % for each of the grid's servers, in their order: reads the trace once, by the plan, whose cells are none yet. To
 * be released and freed. -1 also where the trace cannot be read twice. */
int size_shares_read(const struct size_shares *shares, const struct grid *grid, const struct replay_plan *plan,
                     struct whole_size **sizes, size_t *count, struct error *error);

/* The cells of the grid, with these shares behind its sizes: those of each server are of its own whole. To be freed. */
struct cell_config *size_shares_cells(const struct size_shares *shares, const struct grid *grid,
                                      const struct whole_size *whole, size_t *count);

#endif

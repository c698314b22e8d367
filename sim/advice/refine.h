/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refine: a grid that was replayed gets more sizes where the hit ratio, or the share of writes refused, changes steeply from one
 * maxmemory to the next (steep.h), until a budget of simulations is spent, no gap is steep, or nothing that can be typed lies between.
 *
 * Servers share the sizes that they have in common; where each has its own, as shares of what the data take there, each gets its
 * own. Cells share nothing, so a result is what it would have been, had its size been asked for. */
#ifndef SIM_ADVICE_REFINE_H
#define SIM_ADVICE_REFINE_H

#include "sim/engine/grid.h"
#include "sim/engine/replay.h"

#include <stdbool.h>
#include <stdint.h>

struct refine_request {
    const struct replay_plan *plan; /* that has replayed the run, whose cells do not matter */
    const struct grid *grid;        /* whose sizes do not matter */
    bool apart;                     /* each server has sizes of its own */
    uint64_t budget;                /* simulations: a size costs one for each server, policy and seed */
};

/* How many simulations a size costs. */
uint64_t refine_cost(const struct refine_request *request);

/* Adds to the run's results, which are then in the order of servers, increasing maxmemory (no limit last), policies and seeds;
 * *added: how many simulations. 0; or -1 as replay_run, and when the trace has changed meanwhile. The trace can be read again. */
int refine_run(const struct refine_request *request, struct run *run, uint64_t *added, struct error *error);

#endif

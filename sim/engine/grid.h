/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid: servers x maxmemory x policies x seeds, as the cells that a sweep replays. */
#ifndef SIM_ENGINE_GRID_H
#define SIM_ENGINE_GRID_H

#include "sim/model.h"

#include <stddef.h>
#include <stdint.h>

struct grid {
    const struct server *const *servers;
    size_t server_count;
    const uint64_t *sizes; /* maxmemory, bytes; 0: no limit */
    size_t size_count;
    const struct named_policy *policies;
    size_t policy_count;
    uint64_t first_seed, seeds;         /* so many, one after the other */
    const struct admission *admission;  /* in front of every policy; NULL: none */
    const double *admission_parameters; /* NULL: the initial ones */
};

size_t grid_count(const struct grid *grid);

/* grid_count() cells, server-major, then maxmemory, policy and seed; to be freed. They point to what the grid points
 * to. Their options are NULL: those of the replay (replay.h). */
struct cell_config *grid_cells(const struct grid *grid);

#endif

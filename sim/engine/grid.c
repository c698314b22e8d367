/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/grid.h"

#include "sim/alloc.h"

size_t grid_count(const struct grid *grid)
{
    return grid->server_count * grid->size_count * grid->policy_count * grid->seeds;
}

struct cell_config *grid_cells(const struct grid *grid)
{
    struct cell_config *cells = xcalloc(grid_count(grid), sizeof *cells), *cell = cells;

    for (size_t s = 0; s < grid->server_count; s++)
        for (size_t m = 0; m < grid->size_count; m++)
            for (size_t p = 0; p < grid->policy_count; p++)
                for (uint64_t n = 0; n < grid->seeds; n++)
                    *cell++ = (struct cell_config){
                        .server = grid->servers[s],
                        .policy = grid->policies[p].policy,
                        .parameters = grid->policies[p].parameters,
                        .policy_label = grid->policies[p].label,
                        .policy_path = grid->policies[p].path,
                        .admission = grid->admission,
                        .admission_parameters = grid->admission_parameters,
                        .maxmemory = grid->sizes[m],
                        .seed = grid->first_seed + n,
                    };
    return cells;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* work_units: a grid cut into pieces. The cells of one piece are replayed in one reading of the trace; the pieces one
 * after the other, or each on a machine of its own.
 *
 *     cells   [ 0 1 2 3 | 4 5 6 7 | 8 9 ]      in the order of the grid, so that pieces put side by side are the grid
 *
 * A cell's result depends on nothing but the trace and its own configuration, so how a grid is cut changes no number. */
#ifndef SIM_ENGINE_WORK_UNITS_H
#define SIM_ENGINE_WORK_UNITS_H

#include "sim/engine/cell_memory.h"
#include "sim/engine/replay.h"

#include <stddef.h>
#include <stdint.h>

struct work_unit {
    size_t first, count; /* cells of the grid */
    uint64_t bytes;      /* of this host's memory, by forecast */
};

/* What a unit may have at most; 0: all. */
struct work_limits {
    uint64_t cells;
    uint64_t bytes; /* of this host's memory, for the cells and for reading */
    /* So many cells in a row are in one unit whatever the limits say, and one of them is in memory at a time; 0: each is alone. */
    uint64_t together;
    uint64_t changed; /* so many more cells are replayed beside each, and take as much */
};

/* What a reading tells that replays nothing. */
struct work_trace {
    uint64_t requests, keys;
    uint64_t bytes;  /* as run.trace_bytes, */
    char digest[33]; /* and its trace_digest */
};

/* Reads the plan's trace to its end; of a selection, the keys are those that it takes. 0, or -1: also if it cannot be read a second time, or a signal asked to stop. */
int work_measure(const struct replay_plan *plan, struct work_trace *trace, struct error *error);

/* Bytes of this host's memory that reading the trace takes, as of work_cell_bytes(). */
uint64_t work_reading_bytes(uint64_t keys);

/* Cuts the cells into as few units as the limits allow, each of cells in a row; *units is to be freed. `keys` matters
 * if bytes are limited. -1 with a usage error: a single cell takes more. */
int work_units_cut(const struct cell_config *cells, size_t count, uint64_t keys, const struct work_limits *limits,
                   struct work_unit **units, size_t *unit_count, struct error *error);

#endif

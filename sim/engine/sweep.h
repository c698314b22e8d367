/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep: one decode of the trace, many cells.
 *
 * The trace is read in rounds of a few batches. All cells consume a round before the next is handed
 * out, each on whichever worker takes it; meanwhile the calling thread reads the next round. A cell
 * depends on nothing but its configuration and the batches, so the results do not depend on the number of
 * workers. */
#ifndef SIM_ENGINE_SWEEP_H
#define SIM_ENGINE_SWEEP_H

#include "sim/input/reader.h"
#include "sim/error.h"
#include "sim/model.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>

/* Called between rounds with the number of commands read so far; returns false to stop the run. */
typedef bool sweep_progress_fn(void *owner, uint64_t commands);

/* Replays the rest of the trace through `count` cells on `workers` threads (>= 1) and fills results[i] for
 * cells[i], and replay_seconds[i] (NULL: not asked) with the CPU time that it took on this host. 0; or -1 on a bad
 * trace, a bad cell, a policy whose answer cannot be (ERROR_LAW: of the first such cell in the first round that has
 * one), or a stop (ERROR_INTERRUPTED): then results are empty. */
int sweep_run(struct reader *reader, const struct cell_config *cells, size_t count, int workers,
              sweep_progress_fn *progress, void *owner, struct result *results, double *replay_seconds,
              struct error *error);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain: shows what happens in one cell, as it happens: why a key was evicted, and what a command did.
 *
 * The cell replays the trace as it would in a sweep, but one command at a time. In front of its policy stands one that
 * listens and passes everything on (hooks.h), and the model's state is read before and after (model.h). The same code
 * runs as in a sweep, and the result is the same. Other cells pay nothing for it.
 *
 *     before the command   serverCron, a scenario: keys expire, memory is freed     moments without a command
 *     the command          hit, miss, refused ...                                   MOMENT_COMMAND
 *     within it            keys come, change and go; for each eviction the gate,    the others
 *                          the candidates, the victim, bytes before and after
 *
 * A moment is told when its command is over; what the command did is not known earlier. */
#ifndef SIM_EXPLAIN_EXPLAIN_H
#define SIM_EXPLAIN_EXPLAIN_H

#include "sim/error.h"
#include "sim/explain/moment.h"
#include "sim/input/reader.h"
#include "sim/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is explained. */
const struct cell_config *explain_cell(const struct explain *explain);
/* The name of a moment's key: *length bytes, not terminated. */
const char *explain_name(const struct explain *explain, uint32_t id, size_t *length, uint32_t *db);
/* candidate_count of them, the victim first. */
const struct moment_candidate *explain_candidates(const struct explain *explain, const struct moment *moment);

typedef bool explain_progress_fn(void *owner, uint64_t commands); /* as sweep_progress_fn */

/* Replays the rest of the trace through one cell, telling what was asked for, and fills the result; not the result
 * of EXPLAIN_COMMAND, which ends soon after that command. The reader keeps the names of keys. The cell's options
 * are copied. 0; or -1 as sweep_run, and when there is no such key or command in the trace. */
int explain_run(struct reader *reader, const struct cell_config *cell, const struct explain_request *request,
                explain_progress_fn *progress, void *owner, struct result *result, struct error *error);

#endif

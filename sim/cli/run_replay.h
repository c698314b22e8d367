/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_replay: from the options of evsim run to results: for run, and for plan, unit and merge, which do the same work in pieces
 * (run_units.h, engine/work_units.h).
 *
 *     run_request_open ─▶ sizes that are shares ─▶ cells ─▶ units ─▶ the warm-up ─▶ a replay of each */
#ifndef SIM_CLI_RUN_REPLAY_H
#define SIM_CLI_RUN_REPLAY_H

#include "sim/cli/run_options.h"

/* Parses and settles everything. argv's operand is the trace. 0, or -1 with an error; set.help: nothing was settled. The
 * request and the set are to be released either way. */
int run_request_open(struct run_request *request, struct option_set *set, const struct catalog *catalog, int argc,
                     char **argv, struct error *error);

/* What sizes that are shares come to, unless it is known already: one more reading. Before anybody asks for cells. 0 or -1. */
int run_request_find_sizes(struct run_request *request, struct error *error);

/* The grid's cells, to be freed. */
struct cell_config *run_request_cells(struct run_request *request, size_t *count);
/* How many results a cell has: one with each table of slots, with each change. */
size_t run_request_layers(const struct run_request *request);

/* Reads the trace without replaying it; of --sample, with the keys of a part. */
int run_request_measure(struct run_request *request, struct work_trace *trace, struct error *error);

/* What the warm-up comes to in the whole grid, which the units are, unless it is known already. 0 or -1. */
int run_request_find_warmup(struct run_request *request, const struct work_unit *units, size_t count,
                            struct error *error);

/* Replays a unit of the cells, and fills the run with results, settings and warnings; `what` stands in front of the line of
 * progress, or NULL. 0 or -1. */
int run_replay_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    const char *what, struct run *run, struct error *error);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_replay: from the options of evsim run to its results: for run, and for plan, unit and merge, which do the same
 * work in pieces (engine/work_units.h).
 *
 *     run_replay      ─▶ all cells at a time                                   ─▶ struct run
 *                     ─▶ unit after unit, each kept in the folder of --output  ─▶ merged (sim/merge.h)
 *     run_replay_unit ─▶ one unit                                              ─▶ struct run */
#ifndef SIM_CLI_RUN_REPLAY_H
#define SIM_CLI_RUN_REPLAY_H

#include "sim/cli/run_options.h"

/* Parses and settles everything. argv's operand is the trace. 0, or -1 with an error; set.help: nothing was settled. The
 * request and the set are to be released either way. */
int run_request_open(struct run_request *request, struct option_set *set, const struct catalog *catalog, int argc,
                     char **argv, struct error *error);

/* The grid's cells, to be freed. */
struct cell_config *run_request_cells(struct run_request *request, size_t *count);

/* Reads the trace without replaying it. */
int run_request_measure(struct run_request *request, struct work_trace *trace, struct error *error);

/* Replays all cells, or a unit of them, and fills the run with results, settings and warnings. 0 or -1. */
int run_replay(struct run_request *request, const struct option_set *set, struct run *run, struct error *error);
int run_replay_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    struct run *run, struct error *error);

/* -1 with a usage error: something is asked for that cannot be done in pieces. */
int run_check_units(const struct run_request *request, struct error *error);

/* Where a unit's run is kept, and of which trace it must be. */
struct unit_place {
    const char *directory; /* NULL: it is not kept */
    const char *name;
    const char *digest; /* the trace's, as work_trace has it; NULL: of whatever lies under its name */
    const char *plan;   /* the file that says so */
};

/* A unit's run: the one that this very command has left at that place, if the trace has not changed since; or else
 * replayed, and then kept there. 0, or -1: also if the trace is another one, and then nothing is kept. */
int run_get_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                 const struct unit_place *place, struct run *run, bool *is_kept, struct error *error);

/* Whether a run is of this request and has that unit's cells. */
bool run_is_of_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    const struct run *run);

/* Removes what run_replay kept of units, once all of it is in the folder otherwise. NULL: nothing was kept. 0, or -1: some
 * of it is still there. */
int run_units_forget(const char *directory, struct error *error);

#endif

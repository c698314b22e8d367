/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_units: a run in pieces, and what is kept of it.
 *
 *     run_replay ─▶ the cells that an earlier call of the same command has left in the folder of --output
 *                ─▶ all others, in passes over the trace; a cell's results are kept there as it ends
 *                ─▶ one struct run (run_join, sim/merge.h)
 *     run_get_unit ─▶ one unit of a plan
 *
 * A cell's file lies there until the results are complete: cells-000004-000004.results. It is used again if the command and its
 * settings are the same, and none of the files that they name has changed since, nor the program. */
#ifndef SIM_CLI_RUN_UNITS_H
#define SIM_CLI_RUN_UNITS_H

#include "sim/cli/run_replay.h"

/* Replays all cells, in passes if that is asked for or some may be lost otherwise, and fills the run with results, settings and
 * warnings. 0 or -1. */
int run_replay(struct run_request *request, const struct option_set *set, struct run *run, struct error *error);

/* Of those that run_replay has kept: they are removed, once all of it is in the folder otherwise. NULL: nothing was kept. 0, or -1:
 * some of it is still there. */
int run_units_forget(const char *directory, struct error *error);

/* After the results could not be written as a whole: removes what was kept if the folder has the run nevertheless, and only figures,
 * say, are missing. Of the error nothing changes. */
void run_units_forget_written(struct run_request *request, const struct option_set *set);

/* How the grid may be cut: as the request limits it, and as its options allow. */
struct work_limits run_unit_limits(const struct run_request *request);

/* -1 with a usage error: something is asked for that cannot be done in pieces. */
int run_check_units(const struct run_request *request, struct error *error);

/* Where a unit's run is kept, and of which trace it must be. */
struct unit_place {
    const char *directory;
    const char *name;
    const char *digest; /* the trace's, as work_trace has it */
    const char *plan;   /* the file that says so */
};

/* A unit's run: the one that this very command has left at that place, if the trace has not changed since; or else
 * replayed, and then kept there. 0, or -1: also if the trace is another one, and then nothing is kept. */
int run_get_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                 const struct unit_place *place, struct run *run, bool *is_kept, struct error *error);

/* Whether a run is of this request and has that unit's cells. */
bool run_is_of_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    const struct run *run);

#endif

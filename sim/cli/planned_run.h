/* SPDX-License-Identifier: GPL-3.0-or-later */
/* planned_run: the evsim run that a plan is of, opened from its arguments. */
#ifndef SIM_CLI_PLANNED_RUN_H
#define SIM_CLI_PLANNED_RUN_H

#include "sim/cli/plan_file.h"
#include "sim/cli/run_units.h"

struct planned_run {
    struct run_request *request;
    struct option_set set;
    char **arguments; /* in the order that options_parse leaves them in; the plan owns their texts */
};

/* 0; or -1 with an error: also if the arguments make other cells than the plan's now, for names by pattern may mean others.
 * To be released either way, before the plan. */
int planned_run_open(struct planned_run *planned, const struct plan_file *plan, const struct catalog *catalog,
                     struct error *error);
void planned_run_release(struct planned_run *planned);

#endif

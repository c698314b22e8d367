/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_budget: --budget of evsim run: simulations that are added to the grid where a curve over maxmemory is steep. */
#ifndef SIM_CLI_RUN_BUDGET_H
#define SIM_CLI_RUN_BUDGET_H

#include "sim/cli/run_options.h"
#include "sim/engine/grid.h"

/* -1 with a usage error: the budget does not go with what else is asked for. */
int run_budget_check(const struct run_request *request, struct error *error);

/* Adds to a run that the plan has replayed, and notes how much; the plan's progress ends. 0, or -1 as refine_run. */
int run_budget_spend(const struct run_request *request, const struct grid *grid, const struct replay_plan *plan,
                     struct run *run, struct error *error);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_settings: what was asked for, as a run keeps it. For every subcommand that has the options of evsim run. */
#ifndef SIM_CLI_RUN_SETTINGS_H
#define SIM_CLI_RUN_SETTINGS_H

#include "sim/cli/run_options.h"

/* Records every option with the value in force, and what was read from the files that options name. */
void run_settings_record(struct run_request *request, const struct option_set *set, struct run *run);

#endif

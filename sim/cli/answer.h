/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer: how a subcommand that replays a trace to answer a question gives its answer: doctor, size, inspect. */
#ifndef SIM_CLI_ANSWER_H
#define SIM_CLI_ANSWER_H

#include "sim/cli/run_options.h"
#include "sim/outcome.h"
#include "sim/warnings.h"

#include <stddef.h>

/* Records the settings in the outcome's run, notes the warnings, prints the outcome, and writes it where --output says, noting that
 * `what` is there. 0 or -1. */
int answer_give(struct run_request *request, const struct option_set *set, const struct outcome *outcome,
                struct run *run, const struct warning *warnings, size_t warning_count, const char *what,
                struct error *error);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cli: what the subcommands share.
 *
 * main hands every subcommand the catalog: the registries, which only main may include. A
 * subcommand parses its arguments by its tables of options (options.h), does its work and returns 0,
 * or -1 with the error set; main prints the error and chooses the exit status. */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include "sim/admission.h"
#include "sim/cli/options.h"
#include "sim/error.h"
#include "sim/format.h"
#include "sim/policy.h"
#include "sim/report.h"
#include "sim/result.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct catalog {
    const char *version;
    const struct policy *const *policies;
    size_t policy_count;
    const struct admission *const *admissions;
    size_t admission_count;
    const struct format *const *formats;
    size_t format_count;
    format_choose_fn *choose_format;
    scenario_command_fn *parse_command; /* of a scenario */
    /* Prints the table of any kind of outcome, or its JSON, on standard output. */
    int (*print)(const struct outcome *outcome, bool json, struct error *error);
    /* Writes every report of its kind into the directory, which is made if it is not there. */
    int (*write_reports)(const struct outcome *outcome, const char *directory, struct error *error);
};

struct subcommand {
    const char *name, *summary;
    const struct option_group *options; /* which its run() parses */
    size_t option_groups;
    int (*run)(const struct catalog *catalog, int argc, char **argv, struct error *error);
};

#endif

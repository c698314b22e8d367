/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cli: what a subcommand is.
 *
 * It is handed the catalog, parses its arguments by its tables of options (options.h), does its work and returns 0,
 * or -1 with the error set; main prints the error and chooses the exit status. */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include "sim/cli/catalog.h"
#include "sim/cli/options.h"
#include "sim/error.h"

#include <stddef.h>

struct subcommand {
    const char *name, *summary;
    const struct option_group *options; /* which its run() parses */
    size_t option_groups;
    int (*run)(const struct catalog *catalog, int argc, char **argv, struct error *error);
};

#endif

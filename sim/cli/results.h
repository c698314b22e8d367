/* SPDX-License-Identifier: GPL-3.0-or-later */
/* results: writes an outcome where the user wants it; for every subcommand that has one. */
#ifndef SIM_CLI_RESULTS_H
#define SIM_CLI_RESULTS_H

#include "sim/cli/catalog.h"
#include "sim/cli/option_groups.h"

/* Before the work begins: whether the outcome can be printed as asked for, and the directory may be written; makes notes
 * silent under --quiet. 0, or -1 with a usage error. */
int results_check(const struct catalog *catalog, const struct output_request *request, enum outcome_kind kind,
                  struct error *error);
/* --json, or --print json. */
bool results_are_json(const struct output_request *request);
/* How wide lines of text may be: as the user wants, as the terminal is; 0: as long as they are. */
int results_columns(const struct output_request *request);

/* Prints the outcome's table on standard output, as wide as its terminal is and the user wants, or its JSON. 0 or -1. */
int results_print(const struct catalog *catalog, const struct output_request *request, const struct outcome *outcome,
                  struct error *error);

/* Writes every report of the outcome where --output says, if it does, and notes that they are there: `what` of
 * "results and figures"; and the database of --sqlite. A signal ends it between two files, and gnuplot. 0 or -1. */
int results_write(const struct catalog *catalog, const struct output_request *request, const struct outcome *outcome,
                  const char *what, struct error *error);

/* Writes the outcome in a form for other tools (catalog.h) to the path, or to standard output: "-". 0 or -1. */
int results_export(const struct catalog *catalog, const char *form, const char *path, const struct outcome *outcome,
                   struct error *error);

#endif

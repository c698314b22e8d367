/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help: what -h and --help print of a subcommand, made of its row and of its options'.
 *
 * -h is a screen of 24 lines by 80 columns: what it does, its examples, and those options whose rows have a `brief`.
 * --help is whole. */
#ifndef SIM_CLI_HELP_H
#define SIM_CLI_HELP_H

#include "sim/cli/cli.h"

#include <stdio.h>

/* Which of the two, the set says; no help is asked for: nothing is printed. */
void help_print(const struct subcommand *self, const struct catalog *catalog, const struct option_set *set, FILE *out);

/* The options alone: the groups with their headings, one option per line, or more lines where the help is long. */
void help_options(const struct option_set *set, FILE *out);

/* The examples, each with what it shows, in two columns. */
void help_examples(const struct cli_example *examples, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cli: what the subcommands share.
 *
 * main hands every subcommand the catalog: the registries, which only main may include. A
 * subcommand parses its own arguments from a table of struct option, does its work and returns 0,
 * or -1 with the error set; main prints the error and chooses the exit status. */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include "sim/admission.h"
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
    int (*run)(const struct catalog *catalog, int argc, char **argv, struct error *error);
};

/* ---- options (options.c) ---- */

/* One option of a subcommand. Defaults shown by --help come from here, so they cannot drift. */
struct option {
    const char *name;     /* without the dashes */
    char letter;          /* '\0': none */
    const char *argument; /* "SIZE[,SIZE...]"; NULL: a switch, set() gets "yes" */
    const char *initial;  /* applied first, shown as the default; NULL: none */
    const char *help;
    int (*set)(void *target, const char *value, struct error *error);
};

struct option_set {
    const struct option *options;
    size_t count;
    /* Asked for names that are not in the table; false when it does not know them either. */
    bool (*other)(void *target, const char *name, const char *value, struct error *error);
    const char *(*other_name)(size_t i); /* what it does know, for guesses */
    size_t other_count;
    void *target;
};

/* Applies the defaults, then the arguments; operands are moved to the front of argv and *operands
 * counts them. -1 with a usage error: an unknown option is answered with its nearest neighbour. */
int options_parse(const struct option_set *set, int argc, char **argv, int *operands, struct error *error);
/* For --help: one option per line, or more lines where the help is long. */
void options_print(const struct option_set *set, FILE *out);
/* One such line, of an option that is not in the table; initial may be NULL. */
void options_print_line(FILE *out, const char *left, const char *help, const char *initial);

/* The command line, quoted for a shell, without the options that change nothing in the results. To be freed. */
char *quote_command(const char *subcommand, int argc, char **argv);

/* The name of the list that `wrong` was probably meant to be; NULL when none is near. */
const char *nearest_name(const char *wrong, const char *(*name)(const void *list, size_t i), const void *list,
                         size_t count);

/* "a, b, c" for an error message: the names of the catalog's policies, formats or servers. */
void join_names(char *text, size_t bytes, const char *(*name)(const void *list, size_t i), const void *list,
                size_t count);

extern const struct subcommand subcommand_run, subcommand_mrc, subcommand_gen, subcommand_policies,
    subcommand_check_policy, subcommand_servers;

#endif

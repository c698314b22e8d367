/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cli: what a subcommand is.
 *
 * It is handed its own row and the catalog, parses its arguments by its tables of options (options.h), does its work and
 * returns 0, or -1 with the error set; main prints the error and chooses the exit status. What is told of it, on a
 * screen (-h) or as a whole (--help), is in its row and in its options' (help.h). */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include "sim/cli/catalog.h"
#include "sim/cli/options.h"
#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A command line that works as it stands, where the files it names are; laws_options runs each. */
struct cli_example {
    const char *line; /* "evsim run trace.csv.zst -m 1gb"; a pipe may follow */
    const char *what; /* it shows, in a few words */
};

struct subcommand {
    const char *name, *summary;
    const char *usage; /* "evsim run TRACE [options]"; several lines: separated by line feeds */
    const char *about; /* what it does: a paragraph, which is broken where it is printed; NULL: the summary */
    const struct cli_example *examples; /* at most three, the most common first; ends with a line that is NULL */
    void (*more)(const struct catalog *catalog, FILE *out); /* what --help says behind the options; NULL: nothing */
    const struct option_group *options;                     /* which its run() parses */
    size_t option_groups;
    bool prints_words; /* all that it prints is text, unless --json is given: it may be broken as the terminal needs */
    enum option_values operands;      /* what its arguments name, beside options */
    const char *const *operand_words; /* or which words they are; ends with NULL; NULL: none */
    bool about_program;               /* not about traces: evsim -h, which is a screen, leaves it out */
    int (*run)(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
               struct error *error);
};

/* The subcommand of that name. NULL, with an error that says which one may have been meant. */
const struct subcommand *subcommand_find(const struct catalog *catalog, const char *name, struct error *error);

#endif

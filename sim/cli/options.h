/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options: the options of a subcommand, as data.
 *
 *     row (option.h)       ─▶ -h, --help, defaults, parsing, messages, and the settings that results carry
 *     group                ─▶ rows that belong together, and where their struct lies in the subcommand's
 *     set                  ─▶ the groups of one subcommand, its struct, and what was found on the command line
 *
 * A row says what kind of value the option takes and which member of the struct holds it, so that an option needs
 * its row and nothing else: no setter, no line of help, no line of run.json. Groups that several subcommands take
 * (option_groups.h) are written once.
 *
 * Every option is echoed among the settings of the results, with the value in force, unless its row says by `role`
 * that no result depends on it. getopt_long does not parse here: it takes abbreviations, so that a name that
 * becomes ambiguous with the next version would break scripts, and it cannot tell the name that was probably meant. */
#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

#include "sim/cli/option.h"

#include <stdbool.h>
#include <stddef.h>

struct option_group {
    const char *heading; /* in --help; NULL: none */
    const struct option *options;
    size_t count;
    size_t offset; /* of the group's struct in the subcommand's */
};

struct option_set {
    const struct option_group *groups;
    size_t group_count;
    void *target; /* the subcommand's struct, zeroed */
    /* Filled by options_parse. */
    const char *subcommand; /* for messages */
    int operands;
    enum { HELP_NONE, HELP_SCREEN, HELP_WHOLE } help; /* -h, --help: every set has both */
    char *command; /* the command line, quoted for a shell, without the options of the host */
    char **joined; /* lists that were given in several pieces */
    size_t joined_count;
};

/* Applies the defaults, then the arguments; operands are moved to the front of argv and counted. -1 with a usage
 * error: an unknown option is answered with its nearest neighbour. Lists that are given several times are joined, and what
 * may be repeated is; any other option that is given twice is an error, even if both say the same. To be released either
 * way, once what the struct says is no longer needed. */
int options_parse(struct option_set *set, const char *subcommand, int argc, char **argv, struct error *error);
void options_release(struct option_set *set);
/* Hands the items of every list that was given to its row. -1 with "--maxmemory: ..." */
int options_fill_lists(const struct option_set *set, struct error *error);

/* -h and --help. */
extern const struct option options_help;

/* Tells name and value of every option on which results depend, defaults included. A duration is told as
 * "interval-us", in microseconds; a size in bytes. */
void options_echo(const struct option_set *set, void (*tell)(void *owner, const char *name, const char *value),
                  void *owner);

#endif

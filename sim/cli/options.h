/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options: the options of a subcommand, as data.
 *
 *     row (struct option)  ─▶ --help, defaults, parsing, messages, and the settings that results carry
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

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
    OPTION_SWITCH,   /* bool: no value */
    OPTION_TEXT,     /* const char *, valid as long as argv; NULL: not given */
    OPTION_CHOICE,   /* an enum or int: which of the words, in any case */
    OPTION_NUMBER,   /* an unsigned whole number, of 4 or 8 bytes */
    OPTION_REAL,     /* double */
    OPTION_SIZE,     /* bytes, of 4 or 8 bytes: 512mb, as redis.conf has them */
    OPTION_DURATION, /* int64_t, microseconds: 90, 1.5h, 200ms */
    OPTION_LIST,     /* const char *: "a,b,c", whose items options_fill_lists() hands to add() */
    OPTION_CUSTOM,   /* whatever set() and print() make of it */
};

enum option_role {
    OPTION_OF_RESULTS, /* results depend on it: it is among their settings */
    OPTION_OF_OUTPUT,  /* what is printed and written; part of the command in run.json, not of the settings */
    OPTION_OF_HOST,    /* how this machine does the work: part of neither */
};

struct option {
    const char *name;  /* without the dashes */
    const char *alias; /* another name for the same, as redis.conf has it; NULL: none */
    char letter;       /* '\0': none */
    enum option_kind kind;
    enum option_role role;
    const char *argument; /* "SIZE[,SIZE...]"; NULL: nothing for a switch, its words for a choice */
    const char *initial;  /* applied first, and shown as the default; NULL: the member stays zero */
    const char *shown;    /* as the default, where nothing is applied; NULL: nothing is */
    const char *help;
    size_t offset, bytes; /* of the member in the group's struct: OPTION_IN */

    /* Bounds, both included. most: 0 is no bound. */
    uint64_t least, most;     /* NUMBER; SIZE, in bytes; DURATION, in microseconds. CHOICE: least is the first word's */
    double lowest, highest;   /* REAL */
    bool above_lowest;        /* REAL: the lowest itself is out of bounds */
    const char *zero;         /* NUMBER, REAL: a word that stands for 0, which may be out of bounds: "auto" */
    const char *const *words; /* CHOICE: ends with NULL */

    /* TEXT: whether the value makes sense; NULL: any does. */
    int (*check)(const char *value, struct error *error);
    /* LIST: takes one item, which is not empty. `group` is the group's struct, as below. */
    int (*add)(void *group, const char *item, struct error *error);
    /* CUSTOM. print: the value in force as text, to be freed; only of options that results depend on. */
    int (*set)(void *group, const struct option *option, const char *value, struct error *error);
    char *(*print)(const void *group, const struct option *option);
};

/* The place of a member: {.name = "seed", ..., OPTION_IN(struct user, seed)} */
#define OPTION_IN(type, member) .offset = offsetof(type, member), .bytes = sizeof(((type *)NULL)->member)

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
    int operands;
    bool help;     /* --help was given: every set has it */
    char *command; /* the command line, quoted for a shell, without the options of the host; to be freed */
};

/* Applies the defaults, then the arguments; operands are moved to the front of argv and counted. -1 with a usage
 * error: an unknown option is answered with its nearest neighbour. */
int options_parse(struct option_set *set, const char *subcommand, int argc, char **argv, struct error *error);
/* Hands the items of every list that was given to its row. -1 with "--maxmemory: ..." */
int options_fill_lists(const struct option_set *set, struct error *error);

/* For --help: the groups with their headings, one option per line, or more lines where the help is long. */
void options_print(const struct option_set *set, FILE *out);

/* Tells name and value of every option on which results depend, defaults included. A duration is told as
 * "interval-us", in microseconds; a size in bytes. */
void options_echo(const struct option_set *set, void (*tell)(void *owner, const char *name, const char *value),
                  void *owner);

#endif

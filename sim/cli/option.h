/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option: a row of an option table. options.h says what becomes of it. */
#ifndef SIM_CLI_OPTION_H
#define SIM_CLI_OPTION_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* What the value, or an operand, names: completion offers it (completion_words.h). */
enum option_values {
    VALUES_FREE, /* nothing that there is a list of */
    VALUES_FILES,
    VALUES_FOLDERS,
    VALUES_POLICIES,   /* and files: shared objects */
    VALUES_SERVERS,    /* builds, and lines of them */
    VALUES_FORMATS,    /* of traces */
    VALUES_ADMISSIONS, /* rules */
    VALUES_PRESETS,    /* of gen */
    VALUES_WRITERS,    /* what convert writes */
    VALUES_TARGETS,    /* what gen writes */
    VALUES_COMMANDS,   /* of Redis */
    VALUES_RULES,      /* of providers, for machines */
    VALUES_FIGURES,    /* of any subcommand */
    VALUES_SUBCOMMANDS,
    VALUES_KINDS /* how many there are */
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
    const char *brief;    /* the same in half a line, for -h; NULL: -h is silent about it */
    bool joins;           /* TEXT: a list; given again, it goes on, as a LIST does */
    bool repeats;         /* CUSTOM: set() takes one more each time. Any other option is given once */
    size_t offset, bytes; /* of the member in the group's struct: OPTION_IN */

    /* Bounds, both included. most: 0 is no bound. */
    uint64_t least, most;     /* NUMBER; SIZE, in bytes; DURATION, in microseconds. CHOICE: least is the first word's */
    double lowest, highest;   /* REAL */
    bool above_lowest;        /* REAL: the lowest itself is out of bounds */
    const char *zero;         /* NUMBER, REAL: a word that stands for 0, which may be out of bounds: "auto" */
    const char *const *words; /* CHOICE: the values; of other kinds some, for completion. Ends with NULL */
    enum option_values values; /* what others there are; a value with "[,": as `argument` has it, several */

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

#endif

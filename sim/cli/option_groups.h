/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option_groups: the options that several subcommands take, each written once.
 *
 * A subcommand puts the group's struct into its own, and a row into its table of groups:
 *
 *     struct user { struct trace_request trace; struct output_request output; ... };
 *     {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, trace)} */
#ifndef SIM_CLI_OPTION_GROUPS_H
#define SIM_CLI_OPTION_GROUPS_H

#include "sim/cli/options.h"
#include "sim/config_file.h"
#include "sim/figure_wishes.h"
#include "sim/input/trace.h"

/* A group's rows and how many they are, of an array that is in sight. */
#define OPTIONS_OF(rows) .options = rows, .count = sizeof(rows) / sizeof *(rows)

/* How the trace is to be read: struct trace_request, but for its path. */
enum { TRACE_OPTIONS = 10 };
extern const struct option trace_options[TRACE_OPTIONS];
/* What is there before it, of subcommands whose servers hold values: of the same struct. */
enum { PRELOAD_OPTIONS = 1 };
extern const struct option preload_options[PRELOAD_OPTIONS];

/* The trace: one file, or several that are one trace, in this order. -1 with a usage error that shows `usage`. */
int trace_request_operand(struct trace_request *request, const struct option_set *set, char **argv, const char *usage,
                          struct error *error);

/* Where the results go. */
struct output_request {
    const char *directory; /* NULL: standard output alone */
    enum print_form { FORM_AUTO, FORM_TABLE, FORM_JSON, FORM_CSV, FORM_MARKDOWN } form;
    bool json;
    bool csv_safe; /* no field of CSV is a formula */
    bool quiet;    /* no notes, no progress */
    enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
    bool wide;                /* the table in full, though a terminal is narrower */
    const char *columns_of;   /* the table's, or the CSV's, by name; NULL: as they are */
    const char *const *goals; /* further columns of the table, up to NULL; NULL: none */
    uint32_t columns;         /* of the terminal that shows it; 0: as many as there are */
    bool strict;              /* a warning is an error: see note_warnings */
    const char *sqlite;       /* the path of a database; NULL: none */
    struct figure_wishes figures;
};
enum { OUTPUT_OPTIONS = 15 };
extern const struct option output_options[OUTPUT_OPTIONS];

/* Of subcommands that print no results in forms: notes alone. The same row is among output_options. */
struct quiet_request {
    bool quiet;
};
enum { QUIET_OPTIONS = 1 };
extern const struct option quiet_options[QUIET_OPTIONS];
/* From now on notes, and progress, are not said, if they are not wanted. */
void quiet_request_settle(const struct quiet_request *request);

/* How much of this machine's memory the trace may make evsim ask for: of struct trace_request. Of subcommands that have no other use for
 * the name. */
enum { MEMORY_OPTIONS = 1 };
extern const struct option memory_options[MEMORY_OPTIONS];

/* Worker threads. */
struct jobs_request {
    uint32_t jobs; /* 0: as many as the machine has cores */
};
enum { JOBS_OPTIONS = 1 };
extern const struct option jobs_options[JOBS_OPTIONS];
/* As many as asked for, or as there are cores. */
int jobs_workers(const struct jobs_request *request);

/* Redis's own options under their own names. The command line beats the file, whichever came first. */
struct redis_request {
    const char *path;                 /* of a redis.conf; NULL: none */
    const char *given[REDIS_OPTIONS]; /* by the command line, as text; NULL: not given */
    bool is_clamped[REDIS_OPTIONS];   /* given, but the server works with another value */
    struct redis_config given_config; /* where given */
    struct redis_conf_file file;      /* what the file says besides */
    struct redis_config in_force;     /* once it is settled */
};
enum { CONFIG_OPTIONS = 1 };
extern const struct option config_options[CONFIG_OPTIONS]; /* --config; of subcommands that take a maxmemory */
extern const struct option redis_request_options[REDIS_OPTIONS];

/* Reads the file, if one was given, and puts the command line on top. 0 or -1; to be released either way. */
int redis_request_settle(struct redis_request *request, uint64_t memory_limit, struct error *error);
/* Prints a note for each option that does not work as given: the model does not have it, or the server works with
 * another value. */
void redis_request_note(const struct redis_request *request);
void redis_request_release(struct redis_request *request);

#endif

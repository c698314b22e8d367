/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intake: what was assumed, skipped or not understood while a trace was read. It goes into the report. */
#ifndef SIM_INPUT_INTAKE_H
#define SIM_INPUT_INTAKE_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct format_options;
struct source;

enum { UNKNOWN_COMMANDS = 32, UNKNOWN_NAME = 24, IGNORED_COLUMNS = 32, IGNORED_NAME = 48 };
enum { UNTIMED_SPACING_US = 1000 }; /* between rows without a time */

/* What was assumed, skipped or not understood while reading: it goes into the report. */
struct intake {
    uint64_t rows;             /* lines or records read, the skipped ones included */
    uint64_t skipped;          /* rows left out under lenient */
    char first_skipped[256];   /* why the first one was: "x.csv:17: bad number '1o'" */
    uint64_t unknown_commands; /* commands that the model does not execute */
    struct {
        char name[UNKNOWN_NAME];
        uint64_t count;
    } unknown[UNKNOWN_COMMANDS]; /* by name; last slot: "(others)" */
    uint64_t renamed_commands;   /* memcached verbs without a Redis twin (prepend, cas, ...) */
    bool key_names_assumed;      /* numeric ids: a key's name is its decimal digits */
    uint64_t untimed;            /* records without a time: they are UNTIMED_SPACING_US apart */
    char time_unit[8];        /* of times, where nobody said it: "s", "ms", "us", "ns", "dates"; "": none was assumed */
    char ttl_unit[8];         /* likewise of ttls: "s" */
    char delimiter[12];       /* of columns, likewise: "semicolon", ... */
    bool header_assumed;      /* the first row is a header: it has a name where a number should be */
    bool blanks_trimmed;      /* blanks follow the delimiters in the header: those around columns mean nothing */
    uint32_t ignored_columns; /* columns of a CSV file that have no role */
    char ignored_column[IGNORED_COLUMNS][IGNORED_NAME]; /* the first of them: names, or numbers from 1 */
};

/* The message for a bad row: fails (-1) with "name:line: text", or under lenient counts it and returns 0. */
int intake_bad_row(struct intake *intake, const struct format_options *options, const struct source *source,
                   uint64_t line, struct error *error, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Notes a column without a role. */
void intake_ignored_column(struct intake *intake, const char *name, size_t length);
/* Counts a command that the model does not execute. */
void intake_unknown(struct intake *intake, const char *name, size_t length);

#endif

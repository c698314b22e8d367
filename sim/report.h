/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: the contract of an output. One kind of output, one file in reports/, one registry line.
 *
 * A report is a pure function of an outcome, of the kind that it takes: it computes no simulation, reads no
 * clock and no environment, and writes the same bytes for the same outcome. reports/writer.c opens the files: all are
 * written beside the older ones, which they replace when all are complete (output_stage.h), so that an interrupted run changes
 * nothing. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include "sim/error.h"
#include "sim/outcome.h"

#include <stdbool.h>
#include <stdio.h>

struct article_table;

/* How an outcome is printed on standard output. Of each kind one report is what the terminal shows, which may be Markdown, too; one
 * shows it as JSON, and one as CSV. */
enum report_print { PRINT_NEVER, PRINT_TABLE, PRINT_JSON, PRINT_CSV, PRINT_MARKDOWN };

enum { REPORT_UNDRAWN = 1 };

struct report {
    const char *name;    /* "summary.csv": also the file's name in the output directory */
    const char *summary; /* one line for the README */
    const char *
        table; /* what its rows are called in a database (reports/sqlite.c): of CSV and of JSON objects. NULL: not there */
    enum outcome_kind takes;
    enum report_print print;
    bool is_index;     /* of a kind's files the one that is there when all are (output_stage.h): each kind has one */
    bool has_markdown; /* of a table: it heeds outcome->markdown */
    /* Of what is read: the titles of its table, up to NULL, or its tables (reports/article.h), up to NULL: it heeds outcome->chosen.
     * Both NULL: no columns are to choose, and `whole` says why not. */
    const char *const *columns;
    const struct article_table *const *tables;
    const char *whole;
    /* Exactly one of the two. write: one file, to `out`. write_files: several, in `directory`. 0 or -1; of figures also
     * REPORT_UNDRAWN, with an error: gnuplot did not draw them all, but every other file is complete. */
    int (*write)(const struct outcome *outcome, FILE *out, struct error *error);
    int (*write_files)(const struct outcome *outcome, const char *directory, struct error *error);
    const char *(*figure)(size_t index); /* the names of the figures that it draws, up to NULL; NULL: it draws none */
};

/* A form for other tools, written when somebody asks for it: reports/export.h. */
struct export_form {
    const char *name;    /* "sqlite": of the option --sqlite, too */
    const char *summary; /* one line for the README */
    bool takes[OUTCOME_KINDS];
    int (*write)(const struct outcome *outcome, FILE *out, struct error *error);
};

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outcome: what a subcommand found, of one kind: plain data that goes to the reports, and to a file and back.
 *
 * A new kind is a line here, one in the union, its row in outcome.c, and reports that say that they take it (report.h):
 * the catalog, the file of results and evsim report need no change. */
#ifndef SIM_OUTCOME_H
#define SIM_OUTCOME_H

#include "sim/error.h"
#include "sim/fields.h"

#include <stdbool.h>
#include <stddef.h>

struct run;
struct mrc;
struct diagnosis;
struct sizing;
struct comparison;
struct portrait;
struct figure_wishes;
struct column_choice;

enum outcome_kind {
    OUTCOME_RUN,        /* a grid of results (result.h) */
    OUTCOME_MRC,        /* miss-ratio curves (mrc/mrc.h) */
    OUTCOME_SIZING,     /* the memory that goals need (advice/sizing.h) */
    OUTCOME_DIAGNOSIS,  /* what evsim doctor found (advice/diagnosis.h) */
    OUTCOME_COMPARISON, /* what is different in other runs (advice/comparison.h) */
    OUTCOME_PORTRAIT,   /* what evsim inspect found (inspect/portrait.h) */
    OUTCOME_KINDS
};

struct outcome {
    enum outcome_kind kind;
    union {
        const struct run *run;
        const struct mrc *mrc;
        const struct sizing *sizing;
        const struct diagnosis *diagnosis;
        const struct comparison *comparison;
        const struct portrait *portrait;
        const void *data; /* whichever it is */
    };
    int columns;                         /* of the terminal that shows its text; 0: lines are as long as they are */
    bool markdown;                       /* the table is to be Markdown */
    const struct figure_wishes *figures; /* which, and how they look; NULL: all, as they are */
    const struct column_choice *chosen;  /* columns of the table, or of the CSV, in this order; NULL: as it is */
    bool bold;                           /* what is best in a table is to be bold, on a terminal that can */
};

struct outcome_type {
    const char *name;            /* "run": its file is run.results */
    const char *summary;         /* "results of evsim run" */
    const struct layout *layout; /* of the data */
    const char *rows;            /* the ARRAY of it that is long: the file has a line for each element */
    /* Whether what was read from a file makes sense to the reports; -1 with what does not. */
    int (*check)(const void *data, struct error *error);
    /* Makes one of `count` of them, which are left empty; `names` say where each is from, for messages. NULL: they
     * cannot be merged. 0; or -1 with what differs: the parts and `merged` are to be released either way. */
    int (*merge)(void *parts, const char *const *names, size_t count, void *merged, struct error *error);
};
extern const struct outcome_type outcome_types[OUTCOME_KINDS];

/* What must be known before it is believed: the field "warnings" of kinds that have one. */
struct warning;
const struct warning *outcome_warnings(const struct outcome *outcome, size_t *count);

/* Frees an outcome that was read: the data and what they own. */
void outcome_free(struct outcome *outcome);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* writer: an outcome's reports, into a directory or onto a stream.
 *
 * Numbers are written in the C locale, whatever the program's. Errors name the file, see sim/output.h. */
#ifndef REPORTS_WRITER_H
#define REPORTS_WRITER_H

#include "sim/report.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes every report of the outcome's kind into the directory, which is made if it is not there. Existing files are
 * replaced, all together, when all are complete; where gnuplot fails, the pictures alone are missing. 0 or -1. */
int reports_write(const struct outcome *outcome, const char *directory, struct error *error);

/* The names of the figures that reports of the kind draw, in no special order, each once; NULL after the last. */
const char *reports_figure_name(enum outcome_kind kind, size_t index);
/* The report that prints the kind that way. NULL: there is none. */
const struct report *reports_printed(enum outcome_kind kind, enum report_print print);
/* Prints the outcome in one of the ways that its kind can, on an open stream; `name` is for messages. The stream is
 * flushed and stays open. 0 or -1. */
int reports_print(const struct outcome *outcome, enum report_print print, FILE *out, const char *name,
                  struct error *error);

/* One report, likewise. The outcome is of the kind that it takes. The directory must exist; a report that writes
 * several files cannot be printed. 0, -1, or what the report returns (REPORT_UNDRAWN). */
int report_write(const struct report *report, const struct outcome *outcome, const char *directory,
                 struct error *error);
int report_print(const struct report *report, const struct outcome *outcome, FILE *out, const char *name,
                 struct error *error);

/* What a report that writes one file would write, in the locale that is in force: a text of so many bytes, to be freed. NULL with an error. */
char *report_text(const struct report *report, const struct outcome *outcome, size_t *bytes, struct error *error);

#endif

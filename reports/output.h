/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output: files that are whole or not there.
 *
 * A file is written under a temporary name in its directory and renamed when complete. An older
 * file of the same name stays until that moment. Numbers are written in the C locale, whatever the
 * program's. Errors name the file: "out/summary.csv: cannot write: No space left on device". */
#ifndef REPORTS_OUTPUT_H
#define REPORTS_OUTPUT_H

#include "sim/report.h"

#include <stdio.h>

/* Makes `path` a directory, and its parents, unless they are there. 0 or -1. */
int output_make_directory(const char *path, struct error *error);

/* Whether output_make_directory would probably succeed, found out without making anything: before a
 * long run rather than after it. 0 or -1. */
int output_check_directory(const char *path, struct error *error);

/* Writes the report into the directory, which must exist. An existing file is replaced. 0 or -1. */
int output_report(const struct report *report, const struct run *run, const char *directory, struct error *error);

/* Writes the report to an open stream, for standard output; `name` is for messages. The stream is
 * flushed and stays open. A bug: a report that writes several files. 0 or -1. */
int output_stream(const struct report *report, const struct run *run, FILE *out, const char *name, struct error *error);

/* For reports that write several files: one of them, between open and close. */
struct output {
    FILE *file;
    char *path;      /* owned: of the complete file */
    char *temporary; /* owned: where it is written until then */
};

int output_open(struct output *output, const char *directory, const char *name, struct error *error);

/* Completes the file, or removes what there is of it: when it cannot be written, or when an error
 * is already set. Releases the output in any case. 0 or -1. */
int output_close(struct output *output, struct error *error);

/* "directory/name", and the temporary name beside it. The caller frees. */
char *output_path(const char *directory, const char *name);
char *output_temporary(const char *directory, const char *name);

#endif

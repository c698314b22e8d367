/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output: files that are whole or not there.
 *
 * A file is written under a temporary name in its directory and renamed when complete. An older
 * file of the same name stays until that moment. The temporary name is always made anew: what lies there is
 * removed first, and a symbolic link is never followed, so that nothing outside the directory is
 * written to. Errors name the file: "out/summary.csv: cannot write: No space left on device". */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include "sim/error.h"

#include <stdio.h>

/* Makes `path` a directory, and its parents, unless they are there. 0 or -1. */
int output_make_directory(const char *path, struct error *error);

/* Whether output_make_directory would probably succeed, found out without making anything: before a
 * long run rather than after it. 0 or -1. */
int output_check_directory(const char *path, struct error *error);

/* Whether a file of that path could probably be written: its directory is there, and it is none itself. Likewise. */
int output_check_file(const char *path, struct error *error);

/* One file, between open and close. */
struct output {
    FILE *file;
    char *path;                    /* owned: of the complete file */
    char *temporary;               /* owned: where it is written until then */
    struct unfinished *unfinished; /* the temporary name, as what ends the program suddenly knows it */
};

/* "directory/name", in a directory that must exist; or a path as the user gave it. An existing file is replaced by
 * output_close. 0 or -1. */
int output_open(struct output *output, const char *directory, const char *name, struct error *error);
int output_open_path(struct output *output, const char *path, struct error *error);

/* Completes the file, or removes what there is of it: when it cannot be written, or when an error
 * is already set. Releases the output in any case. 0 or -1. */
int output_close(struct output *output, struct error *error);

/* Flushes and looks at the stream, for stdio keeps quiet about a failed write until asked; `name` is for messages.
 * 0 or -1. */
int output_flush(FILE *out, const char *name, struct error *error);

/* "directory/name", and the temporary name beside it. The caller frees. */
char *output_path(const char *directory, const char *name);
char *output_temporary(const char *directory, const char *name);

/* A descriptor below 3 that is closed is opened, so that no file of ours takes its number and gets what is printed. What is printed
 * or read there fails, as it would have. Before anything is opened. */
void standard_streams_open(void);
/* From now on the program does not end when nobody reads what it prints: there are files to be written. */
void stdout_outlives_readers(void);
/* At the end: whether all that was printed has arrived. If nobody reads it any more the program ends by SIGPIPE now, status 141 for a shell, as
 * all filters do; else -1 (ERROR_OUTPUT). */
int stdout_finish(struct error *error);

#endif

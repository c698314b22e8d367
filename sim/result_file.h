/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result_file: an outcome in a file, whole and to the bit, and back: run.results, mrc.results.
 *
 * The file is lines of JSON: it can be read by eye, by jq, and by whatever reads JSON.
 *
 *     {"check":"0123456789abcdef","evsim":{"format":1,"kind":"run","fields":"...","version":"1.2"}}
 *     {"check":"...","run":{...}}              everything but the rows, by the layout of struct run
 *     {"check":"...","result":{...}}           one line per row: a result with its counters and its curve
 *     {"check":"...","end":{"rows":28}}
 *
 * A check is XXH3-64 of the rest of its line, seeded with the check of the line before (0 for the first): a byte that
 * changed, a line that is missing, doubled or from another file is found where it is. The last line tells a whole file
 * from one that was cut off. The structs' own lists of fields (fields.h) are all there is to know about the contents:
 * writer and reader follow them, and "fields" is their digest. The first line is made like this in every format to
 * come, so that a program can say that it is too old.
 *
 * A file has any part of a grid, one cell or all. A directory may have several, NAME.results each, as they were
 * finished: to read it is to merge them (merge.h). Whoever writes cells as they end writes a file for each, through
 * sim/output.h, with names that sort in the order of the grid. */
#ifndef SIM_RESULT_FILE_H
#define SIM_RESULT_FILE_H

#include "sim/error.h"
#include "sim/outcome.h"

#include <stddef.h>
#include <stdio.h>

/* Goes up when a field is added to, removed from or changed in any of the layouts, or the lines change: a test says
 * when. */
enum { RESULT_FILE_FORMAT = 3 };

/* How the names of such files end. */
#define RESULT_FILE_SUFFIX ".results"

/* Writes the outcome to the stream. Failed writes are found by whoever closes it. */
void result_file_write(const struct outcome *outcome, FILE *out);

/* Reads one file. 0, and the outcome is to be freed by outcome_free; or -1 (ERROR_INPUT) with file, line and cause, for
 * a file that is cut off, damaged, of another format, or not one at all. */
int result_file_read(const char *path, struct outcome *outcome, struct error *error);

/* Reads files, and directories with all files in them, and merges what they have. 0 or -1, likewise. */
int result_files_read(const char *const *paths, size_t count, struct outcome *outcome, struct error *error);

#endif

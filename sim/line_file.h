/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_file: a text file, line by line or as a whole, in as much of this machine's memory as may be asked for: redis.conf, scenarios,
 * plans, results, tables of slots, sizes, costs and instances. (Traces are read through sim/input/source.h.)
 *
 *     struct line_file file;
 *     if (!line_file_open(&file, path, limit))            errno says why not
 *         while ((status = line_file_next(&file, error)) > 0)
 *             use(file.text, file.number);
 *     if (!status && file.reason)                         it could not be read to its end: an errno
 *     line_file_close(&file);
 */
#ifndef SIM_LINE_FILE_H
#define SIM_LINE_FILE_H

#include "sim/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct line_file {
    const char *path; /* the caller's */
    FILE *in;
    uint64_t memory_limit; /* as of host_memory_ask() */
    char *text;            /* the line, with its line feed if it has one; a 0 is behind it */
    size_t bytes, room;
    int number; /* of the line, from 1; 0: it is read as a whole */
    int reason; /* errno of a read that failed; 0: none has */
};

/* 0, or -1: errno says why. Then it need not be closed. */
int line_file_open(struct line_file *file, const char *path, uint64_t memory_limit);

/* Reads the next line. 1; 0 at the end, and when reading fails; -1 with an error of input: the line takes more memory than may be
 * asked for. */
int line_file_next(struct line_file *file, struct error *error);

/* Reads all that follows as one text, with its zeros. As line_file_next(); 0: there is nothing. */
int line_file_rest(struct line_file *file, struct error *error);

/* Whether so many bytes may be taken for what the line says. `what` is a sentence's subject ("its list of events"). 0, or -1 with an
 * error that names file and line. */
int line_file_may_take(const struct line_file *file, uint64_t bytes, const char *what, struct error *error);

void line_file_close(struct line_file *file);

#endif

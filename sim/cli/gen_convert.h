/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen_convert: what the generator writes as text becomes any kind of file that evsim convert writes: the same bytes as
 * evsim gen ... | evsim convert - OUT, without the second program.
 *
 *     a thread: generator ─▶ text ─▶ pipe ─▶ format ─▶ reader ─▶ writer ─▶ file */
#ifndef SIM_CLI_GEN_CONVERT_H
#define SIM_CLI_GEN_CONVERT_H

#include "sim/cli/catalog.h"

#include <stdio.h>

/* Where it goes. */
struct gen_converted {
    const struct catalog *catalog;
    const struct trace_writer *writer;
    const char *format; /* of the text */
    FILE *out;
    const char *target; /* what messages call it */
    const char *file;   /* by its name of meanwhile; NULL: it is a pipe */
};

/* Writes a trace as text. 0, or -1. In a thread of its own. */
typedef int gen_write_fn(void *owner, FILE *out, struct error *error);

/* Both 0, or -1; what was written, and what the kind cannot hold, is said on standard error. */
int gen_convert(const struct gen_converted *converted, gen_write_fn *write, void *owner, struct error *error);
/* The same of text that is there already, in a file. */
int gen_convert_file(const struct gen_converted *converted, const char *path, struct error *error);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_open_trace: a format at work on a source, without the engine.
 *
 *     struct trace trace;
 *     trace_open(&trace, "x.csv.zst", NULL, &options, &error)     which format: detected
 *     while ((count = trace_read(&trace, records, room, &error)) > 0) ...
 *     trace.intake                                                what was left out
 *     trace_close(&trace)                                         also after a failed open */
#ifndef TESTS_SUPPORT_OPEN_TRACE_H
#define TESTS_SUPPORT_OPEN_TRACE_H

#include "sim/format.h"

/* Owns its source and the format's state. The state points into the struct: it must not move. */
struct trace {
    struct source *source;
    const struct format *format;
    void *state;
    struct format_options options;
    struct intake intake;
};

/* format_name is NULL to detect the format; with options->columns it is csv then. 0, or -1. */
int trace_open(struct trace *trace, const char *path, const char *format_name, const struct format_options *options,
               struct error *error);
/* As the format's read(): how many records, 0 at the end, -1 on error. */
int trace_read(struct trace *trace, struct record *records, int room, struct error *error);
void trace_close(struct trace *trace);

#endif

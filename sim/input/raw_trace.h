/* SPDX-License-Identifier: GPL-3.0-or-later */
/* raw_trace: a format at work on a source, record by record, without the reader: nothing is checked, completed or given
 * an id.
 *
 *     struct raw_trace trace;
 *     raw_trace_open(&trace, "x.csv.zst", format_choose, NULL, &options, &error)     which format: detected
 *     while ((count = raw_trace_read(&trace, records, room, &error)) > 0) ...
 *     trace.intake                                                what was left out
 *     raw_trace_close(&trace)                                     also after a failed open */
#ifndef SIM_INPUT_RAW_TRACE_H
#define SIM_INPUT_RAW_TRACE_H

#include "sim/format.h"

/* Owns its source and the format's state. The state points into the struct: it must not move. */
struct raw_trace {
    struct source *source;
    const struct format *format;
    void *state;
    struct format_options options;
    struct intake intake;
};

/* format_name is NULL to detect the format; with options->columns it is csv then. 0, or -1. */
int raw_trace_open(struct raw_trace *trace, const char *path, format_choose_fn *choose, const char *format_name,
                   const struct format_options *options, struct error *error);
/* As the format's read(): how many records, 0 at the end, -1 on error. */
int raw_trace_read(struct raw_trace *trace, struct record *records, int room, struct error *error);
void raw_trace_close(struct raw_trace *trace);

#endif

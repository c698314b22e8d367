/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/raw_trace.h"

#include "sim/alloc.h"
#include "sim/input/files.h"

#include <stdlib.h>

int raw_trace_open(struct raw_trace *trace, const char *path, format_choose_fn *choose, const char *format_name,
                   const struct format_options *options, struct error *error)
{
    *trace = (struct raw_trace){.options = *options};
    trace->source = source_open(path, error);
    if (!trace->source)
        return -1;
    trace->format = choose(trace->source, format_name, options->columns, &trace->intake, error);
    if (!trace->format)
        return -1;
    trace->state = xcalloc(1, trace->format->state_size);
    return trace->format->open(trace->state, trace->source, &trace->options, &trace->intake, error);
}

int raw_trace_read(struct raw_trace *trace, struct record *records, int room, struct error *error)
{
    bool begun;

    return files_read(trace->format, trace->state, trace->source, &trace->options, &trace->intake, records, room,
                      &begun, error);
}

void raw_trace_close(struct raw_trace *trace)
{
    if (trace->state && trace->format->close)
        trace->format->close(trace->state);
    free(trace->state);
    source_close(trace->source);
    *trace = (struct raw_trace){0};
}

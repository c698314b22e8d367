/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/trace.h"

#include "sim/alloc.h"
#include "traces/registry.h"

#include <stdlib.h>
#include <string.h>

static const struct format *choose_format(struct trace *trace, const char *name,
                                          struct error *error)
{
    const char *columns = trace->options.columns;

    if (!name && !columns)
        return format_detect(trace->source, error);
    const struct format *format = format_find(name ? name : "csv", error);
    if (format && columns && strcmp(format->name, "csv")) {
        error_set(error, ERROR_USAGE, "--columns is for csv, format %s has its own", format->name);
        return NULL;
    }
    return format;
}

int trace_open(struct trace *trace, const char *path, const char *format_name,
               const struct format_options *options, struct error *error)
{
    *trace = (struct trace){.options = *options};
    trace->source = source_open(path, error);
    if (!trace->source)
        return -1;
    trace->format = choose_format(trace, format_name, error);
    if (!trace->format)
        return -1;
    trace->state = xcalloc(1, trace->format->state_size);
    return trace->format->open(trace->state, trace->source, &trace->options, &trace->intake, error);
}

int trace_read(struct trace *trace, struct record *records, int room, struct error *error)
{
    return trace->format->read(trace->state, records, room, error);
}

void trace_close(struct trace *trace)
{
    if (trace->state && trace->format->close)
        trace->format->close(trace->state);
    free(trace->state);
    source_close(trace->source);
    *trace = (struct trace){0};
}

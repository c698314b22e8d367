/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/trace.h"

int trace_open(struct trace *trace, format_choose_fn *choose, const struct trace_request *request,
               struct intake *intake, struct error *error)
{
    *trace = (struct trace){.source = source_open(request->path, error)};
    if (trace->source)
        trace->format = choose(trace->source, request->format, request->options.columns, error);
    if (trace->format)
        trace->reader = reader_open(trace->source, trace->format, &request->options, intake, error);
    if (trace->reader)
        return 0;
    trace_close(trace);
    return -1;
}

void trace_close(struct trace *trace)
{
    reader_close(trace->reader);
    source_close(trace->source);
    *trace = (struct trace){0};
}

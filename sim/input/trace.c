/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/trace.h"

#include "sim/alloc.h"

#include <string.h>
#include <sys/stat.h>

int trace_open(struct trace *trace, format_choose_fn *choose, const struct trace_request *request,
               struct intake *intake, struct error *error)
{
    *trace = (struct trace){.source = source_open_files(request->paths ? request->paths : &request->path,
                                                        request->paths ? request->path_count : 1, request->memory_limit,
                                                        error)};
    if (trace->source)
        trace->format = choose(trace->source, request->format, request->options.columns, intake, error);
    if (trace->format)
        trace->reader = reader_open(trace->source, trace->format, &request->options, intake, error);
    if (trace->reader) {
        trace->format = reader_format(trace->reader);
        reader_grow(trace->reader, &request->forecast);
        if (request->preload)
            reader_preload(trace->reader, request->preload, choose);
        return 0;
    }
    trace_close(trace);
    return -1;
}

void trace_close(struct trace *trace)
{
    reader_close(trace->reader);
    source_close(trace->source);
    *trace = (struct trace){0};
}

char *trace_request_name(const struct trace_request *request)
{
    size_t bytes = strlen(request->path) + 1;

    for (size_t i = 1; request->paths && i < request->path_count; i++)
        bytes += strlen(request->paths[i]) + 1;
    char *name = xcalloc(bytes, 1);
    strcpy(name, request->path);
    for (size_t i = 1; request->paths && i < request->path_count; i++)
        strcat(strcat(name, " "), request->paths[i]);
    return name;
}

/* A missing file counts as readable again: opening it reports the error. */
bool trace_is_rereadable(const char *path)
{
    struct stat status;

    return strcmp(path, "-") && (stat(path, &status) || S_ISREG(status.st_mode));
}

int trace_look_ahead(struct trace *trace, const struct intake *intake, struct reader_mix *mix, struct error *error)
{
    const char *name = source_name(trace->source);

    if (reader_look_ahead(trace->reader, mix, error))
        return -1;
    if (mix->rows)
        return 0;
    if (intake->skipped)
        return error_set(error, ERROR_INPUT, "%s: no row could be used, the first: %s", name, intake->first_skipped);
    if (intake->unknown_commands)
        return error_set(error, ERROR_INPUT, "%s: no row has a command that is modeled, the first: '%s'", name,
                         intake->unknown[0].name);
    return error_set(error, ERROR_INPUT, "%s: the trace is empty", name);
}

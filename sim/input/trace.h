/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace: the user's trace, opened: source, format and reader. */
#ifndef SIM_INPUT_TRACE_H
#define SIM_INPUT_TRACE_H

#include "sim/format.h"
#include "sim/input/forecast.h"
#include "sim/input/reader.h"

/* Which trace, and how the user wants it to be read. */
struct trace_request {
    const char *path;         /* "-": standard input */
    const char *const *paths; /* several files, of which path is the first; NULL: it is the only one */
    size_t path_count;
    const char *format;  /* NULL: to be recognized */
    const char *preload; /* an RDB file, whose keys are there before the first request; NULL: none */
    struct format_options options;
    uint64_t memory_limit; /* bytes of this machine's memory that the trace may make evsim ask for; 0: what there is */
    struct forecast forecast; /* zeroed: the trace as it is */
};

struct trace {
    struct source *source;
    const struct format *format;
    struct reader *reader;
};

/* Opens the trace as the request says; the intake must outlive it. 0, or -1: closing is then fine, and not needed. */
int trace_open(struct trace *trace, format_choose_fn *choose, const struct trace_request *request,
               struct intake *intake, struct error *error);
void trace_close(struct trace *trace);

/* The request's files, as a command line would name them: to be freed. */
char *trace_request_name(const struct trace_request *request);

/* Whether it can be opened a second time: standard input and pipes cannot. */
bool trace_is_rereadable(const char *path);

/* What the first requests look like, as reader_look_ahead() has it. 0; or -1, also when there is none: the error says
 * whether the trace is empty or no row of it could be used. */
int trace_look_ahead(struct trace *trace, const struct intake *intake, struct reader_mix *mix, struct error *error);

#endif

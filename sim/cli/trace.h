/* trace: the user's trace, opened: source, format and reader. */
#ifndef SIM_CLI_TRACE_H
#define SIM_CLI_TRACE_H

#include "sim/cli/cli.h"
#include "sim/engine/reader.h"

struct trace {
    struct source *source;
    const struct format *format;
    struct reader *reader;
};

/* Opens the trace at `path` as --format (NULL: found by looking) and the options say; the intake must outlive it. 0, or
 * -1: closing is then fine, and not needed. */
int trace_open(struct trace *trace, const struct catalog *catalog, const char *path, const char *format,
               const struct format_options *options, struct intake *intake, struct error *error);
void trace_close(struct trace *trace);

#endif

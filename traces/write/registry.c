/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/write/registry.h"

#define WRITER_LIST(X)                                                                                                 \
    X(evt)                                                                                                             \
    X(twitter)                                                                                                         \
    X(csv)                                                                                                             \
    X(oracle_general)                                                                                                  \
    X(lcs)                                                                                                             \
    X(txt)                                                                                                             \
    X(resp)                                                                                                            \
    X(sqlite)

#define X(name) extern const struct trace_writer writer_##name;
WRITER_LIST(X)
#undef X

const struct trace_writer *const trace_writers[] = {
#define X(name) &writer_##name,
    WRITER_LIST(X)
#undef X
};

const size_t trace_writer_count = sizeof trace_writers / sizeof *trace_writers;

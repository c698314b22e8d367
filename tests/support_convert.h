/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_convert: what evsim convert would write, in memory. */
#ifndef TESTS_SUPPORT_CONVERT_H
#define TESTS_SUPPORT_CONVERT_H

#include "sim/trace_writer.h"
#include "tests/support_trace.h"

#include <stddef.h>

struct converted {
    char *bytes; /* owned */
    size_t count;
    uint64_t written, left_out;
    struct omissions omissions;
    struct error error;
};

/* Nothing is packed unless `packs`. */
struct converted *convert_file(struct how how, const char *path, const char *writer, bool packs);
struct converted *convert_bytes(struct how how, const void *bytes, size_t count, const char *writer, bool packs);
void converted_free(struct converted *converted);

#endif

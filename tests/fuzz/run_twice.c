/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/run_twice.h"

#include "sim/engine/sweep.h"
#include "sim/input/trace.h"
#include "tests/fuzz/bytes.h"
#include "traces/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int run_twice(char *text, size_t bytes, const char *format, const struct cell_config *cell, struct result results[2],
              struct error *error)
{
    const struct cell_config cells[2] = {*cell, *cell};
    char path[BYTES_PATH];
    int fd = bytes_as_file((const uint8_t *)text, bytes, path);
    struct trace_request request = {.path = path, .format = format};
    struct intake intake = {0};
    struct trace trace;
    int status = trace_open(&trace, format_choose, &request, &intake, error);

    if (!status) {
        status = sweep_run(trace.reader, cells, 2, 1, NULL, NULL, results, NULL, error);
        trace_close(&trace);
    }
    if (!status && memcmp(&results[0].counters, &results[1].counters, sizeof results[0].counters) != 0) {
        fprintf(stderr, "%s, %s: two runs that are the same end otherwise\n", cell->server->name, cell->policy->name);
        abort();
    }
    close(fd);
    free(text);
    return status;
}

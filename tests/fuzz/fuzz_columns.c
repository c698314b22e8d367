/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_columns: the first line of the input is any text for --columns, and the rest a CSV trace. */
#include "sim/alloc.h"
#include "sim/input/trace.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"
#include "traces/registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_MOST = 200000 }; /* as in fuzz_formats */

int fuzz_columns(const uint8_t *bytes, size_t count)
{
    const uint8_t *end = memchr(bytes, '\n', count);
    size_t first = end ? (size_t)(end - bytes) : count, rest = end ? first + 1 : count;
    char *columns = bytes_as_text(bytes, first), path[BYTES_PATH];
    int fd = bytes_as_file(bytes + rest, count - rest, path);
    struct trace_request request = {.path = path, .format = "csv", .options = {.columns = columns}};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct intake intake = {0};
    struct error error = {0};
    struct trace trace;
    int status = trace_open(&trace, format_choose, &request, &intake, &error);

    for (uint32_t rows = 0; !status && rows < ROWS_MOST && reader_next(trace.reader, batch, &error) > 0;)
        rows += batch->count;
    if (status < 0 && !error.text[0])
        abort();
    trace_close(&trace);
    free(batch);
    free(columns);
    close(fd);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_formats: any bytes as a trace of the format that EVSIM_FUZZ_FORMAT names, without it of whichever they are taken for, strict and
 * lenient, read to its end or its first error. tests/fuzz.sh runs it for each format.
 *
 * A row may stand for millions of requests, so reading stops behind ROWS_MOST of them: what comes then is more of the same.
 *
 * These must hold: an error's text is never empty, time never runs backwards, and an id is below the number of keys. */
#include "sim/alloc.h"
#include "sim/input/trace.h"
#include "sim/policy.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"
#include "traces/registry.h"

#include <stdlib.h>
#include <unistd.h>

enum { ROWS_MOST = 200000 };

static void check_batch(const struct batch *batch, int64_t *last_us)
{
    for (uint32_t row = 0; row < batch->count; row++) {
        if (batch->time_us[row] < *last_us || (batch->id[row] != NO_KEY && batch->id[row] >= batch->key_count))
            abort();
        *last_us = batch->time_us[row];
    }
}

static void read_to_the_end(const struct trace_request *request, struct batch *batch)
{
    struct intake intake = {0};
    struct error error = {0};
    struct trace trace;
    int64_t last_us = 0;
    uint32_t rows = 0;
    int status = trace_open(&trace, format_choose, request, &intake, &error);

    while (!status && rows < ROWS_MOST && (status = reader_next(trace.reader, batch, &error)) > 0) {
        check_batch(batch, &last_us);
        rows += batch->count;
        status = 0;
    }
    if (status < 0 && !error.text[0])
        abort();
    trace_close(&trace);
}

int fuzz_formats(const uint8_t *bytes, size_t count)
{
    char path[BYTES_PATH];
    int fd = bytes_as_file(bytes, count, path);
    struct batch *batch = xcalloc(1, sizeof *batch);

    for (int lenient = 0; lenient < 2; lenient++) {
        struct trace_request request = {.path = path, .format = getenv("EVSIM_FUZZ_FORMAT")};

        request.options.lenient = lenient;
        read_to_the_end(&request, batch);
    }
    batch_release(batch);
    free(batch);
    close(fd);
    return 0;
}

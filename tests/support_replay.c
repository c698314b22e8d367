/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_replay.h"

#include "sim/input/future.h"
#include "sim/input/reader.h"
#include "sim/engine/sweep.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct opened {
    struct source *source;
    struct reader *reader;
    struct intake intake;
};

static void close_trace(struct opened *opened)
{
    reader_close(opened->reader);
    source_close(opened->source);
}

/* False when nobody reads it. */
static bool open_trace(struct opened *opened, const char *path, struct error *error)
{
    struct format_options options = {.lenient = false};
    const struct format *format;

    *opened = (struct opened){.source = source_open(path, error)};
    if (!opened->source)
        fail_msg("%s", error->text);
    format = format_detect(opened->source, NULL, error);
    if (!format) {
        close_trace(opened);
        return false;
    }
    opened->reader = reader_open(opened->source, format, &options, &opened->intake, error);
    if (!opened->reader)
        fail_msg("%s", error->text);
    return true;
}

bool replay_trace(const char *path, const struct cell_config *cells, size_t count, struct result *results)
{
    struct error error = {0};
    struct opened opened;
    struct future future;

    if (!open_trace(&opened, path, &error))
        return false;
    if (future_read(&future, opened.reader, cells->options, &error))
        fail_msg("%s", error.text);
    close_trace(&opened);
    open_trace(&opened, path, &error);
    future_tell(&future, opened.reader);
    if (sweep_run(opened.reader, cells, count, 2, NULL, NULL, results, NULL, &error))
        fail_msg("%s", error.text);
    close_trace(&opened);
    future_release(&future);
    for (size_t i = 0; i < count; i++) {
        struct counters counters = results[i].counters; /* all that is asked for */

        result_release(&results[i]);
        results[i].counters = counters;
    }
    return true;
}

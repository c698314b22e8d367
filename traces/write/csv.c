/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv: writes a table of text with a header (rows.h says which) that every program reads, evsim among them. A trace that was csv,
 * or an .evt of it, is written as it was, to the byte, with its own columns. */
#include "traces/write/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct csv_writer {
    FILE *out;
    const char *path;
    const struct trace_about *about;
    bool keeps_text, begun;
    struct line line;
};

static int failed(const struct csv_writer *writer, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", writer->path, strerror(errno));
}

static int open_csv(void *state, FILE *out, const char *path, const struct trace_about *about,
                    const struct writer_options *options, struct error *error)
{
    struct csv_writer *writer = state;

    (void)options;
    (void)error;
    *writer = (struct csv_writer){.out = out, .path = path, .about = about};
    writer->keeps_text = about->keeps_text && !strcmp(about->format->name, "csv");
    return 0;
}

static int write_csv(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct csv_writer *writer = state;
    const struct record_origin *origin = row->record->origin;

    if (writer->keeps_text && origin && origin->text) {
        line_bytes(&writer->line, origin->text, origin->text_bytes);
    } else {
        if (!writer->begun)
            line_text(&writer->line, CSV_HEADER);
        if (!row_csv(&writer->line, row, omissions)) {
            writer->line.bytes = 0;
            return 0;
        }
    }
    writer->begun = true;
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : 1;
}

static int close_csv(void *state, struct omissions *omissions, struct error *error)
{
    struct csv_writer *writer = state;

    (void)omissions;
    if (writer->keeps_text && writer->about->text_behind_bytes)
        line_bytes(&writer->line, writer->about->text_behind, writer->about->text_behind_bytes);
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : 0;
}

static void release_csv(void *state)
{
    free(((struct csv_writer *)state)->line.text);
}

extern const struct trace_writer writer_csv;
const struct trace_writer writer_csv = {
    .name = "csv",
    .summary = "a table with a header: time, key, sizes, command, ttl, database, tenant",
    .suffixes = ".csv",
    .state_size = sizeof(struct csv_writer),
    .open = open_csv,
    .write = write_csv,
    .close = close_csv,
    .release = release_csv,
};

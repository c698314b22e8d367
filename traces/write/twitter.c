/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twitter: writes the text that Twitter published its traces as (traces/twitter.c). A trace that was such a text, or an .evt of
 * it, is written as it was, to the byte. */
#include "traces/write/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct twitter_writer {
    FILE *out;
    const char *path;
    const struct trace_about *about;
    bool keeps_text;
    struct line line;
};

static int failed(const struct twitter_writer *writer, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", writer->path, strerror(errno));
}

static int open_twitter(void *state, FILE *out, const char *path, const struct trace_about *about,
                        const struct writer_options *options, struct error *error)
{
    struct twitter_writer *writer = state;

    (void)options;
    (void)error;
    *writer = (struct twitter_writer){.out = out, .path = path, .about = about};
    writer->keeps_text = about->keeps_text && !strcmp(about->format->name, "twitter");
    return 0;
}

static int write_twitter(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct twitter_writer *writer = state;
    const struct record_origin *origin = row->record->origin;

    if (writer->keeps_text && origin && origin->text)
        line_bytes(&writer->line, origin->text, origin->text_bytes);
    else if (!row_twitter(&writer->line, row, omissions))
        return 0;
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : 1;
}

static int close_twitter(void *state, struct omissions *omissions, struct error *error)
{
    struct twitter_writer *writer = state;

    (void)omissions;
    if (writer->keeps_text && writer->about->text_behind_bytes)
        line_bytes(&writer->line, writer->about->text_behind, writer->about->text_behind_bytes);
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : 0;
}

static void release_twitter(void *state)
{
    free(((struct twitter_writer *)state)->line.text);
}

extern const struct trace_writer writer_twitter;
const struct trace_writer writer_twitter = {
    .name = "twitter",
    .summary = "Twitter's CSV: time, key, sizes, client, memcached's verb, ttl",
    .suffixes = ".csv",
    .state_size = sizeof(struct twitter_writer),
    .open = open_twitter,
    .write = write_twitter,
    .close = close_twitter,
    .release = release_twitter,
};

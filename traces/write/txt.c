/* SPDX-License-Identifier: GPL-3.0-or-later */
/* txt: writes the key of each request, a line each, as libCacheSim's txt and other simulators read it. Nothing else. */
#include "traces/write/rows.h"

#include "sim/policy.h"

#include <errno.h>
#include <stdlib.h>

struct txt_writer {
    FILE *out;
    const char *path;
    struct line line;
};

static int failed(const struct txt_writer *writer, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", writer->path, strerror(errno));
}

static int open_txt(void *state, FILE *out, const char *path, const struct trace_about *about,
                    const struct writer_options *options, struct error *error)
{
    (void)about;
    (void)options;
    (void)error;
    *(struct txt_writer *)state = (struct txt_writer){.out = out, .path = path};
    return 0;
}

/* A line is one word. */
static bool is_plain(const char *key, uint32_t bytes)
{
    bool plain = bytes > 0;

    for (uint32_t i = 0; i < bytes; i++)
        plain &= (unsigned char)key[i] > ' ' && key[i] != '"';
    return plain;
}

static int write_txt(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct txt_writer *writer = state;
    const struct record *record = row->record;

    if (row->id == NO_KEY) {
        omissions_add(omissions, "commands without a key", 1);
        return 0;
    }
    if (record->key && !is_plain(record->key, record->key_bytes)) {
        omissions_add(omissions, "commands on keys that are empty, or have blanks, quotes or ends of lines", 1);
        return 0;
    }
    if (!(record->flags & REQUEST_UNTIMED))
        omissions_add(omissions, "times", 1);
    if (record->value_len != VALUE_UNKNOWN)
        omissions_add(omissions, "sizes", 1);
    if (record->op != OP_GET)
        omissions_add(omissions, "what a request does: it is a read", 1);
    if (record->flags & REQUEST_TTL)
        omissions_add(omissions, "ttls", 1);
    if (record->db)
        omissions_add(omissions, "databases", 1);
    row_key(&writer->line, record);
    line_char(&writer->line, '\n');
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : 1;
}

static int close_txt(void *state, struct omissions *omissions, struct error *error)
{
    (void)state;
    (void)omissions;
    (void)error;
    return 0;
}

static void release_txt(void *state)
{
    free(((struct txt_writer *)state)->line.text);
}

extern const struct trace_writer writer_txt;
const struct trace_writer writer_txt = {
    .name = "txt",
    .summary = "the keys alone, one a line",
    .suffixes = ".txt",
    .state_size = sizeof(struct txt_writer),
    .open = open_txt,
    .write = write_txt,
    .close = close_txt,
    .release = release_txt,
};

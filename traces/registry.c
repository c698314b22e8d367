/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/registry.h"

#include "traces/text/header.h"
#include "traces/text/pieces.h"

#include <stdio.h>
#include <string.h>

#define FORMAT_LIST(X)                                                                                                 \
    X(evt)                                                                                                             \
    X(twitter)                                                                                                         \
    X(csv)                                                                                                             \
    X(pcap)                                                                                                            \
    X(oracle_general)                                                                                                  \
    X(monitor)                                                                                                         \
    X(arc)                                                                                                             \
    X(lirs)                                                                                                            \
    X(msr)                                                                                                             \
    X(oracle_general_op_ns)                                                                                            \
    X(lcs)                                                                                                             \
    X(vscsi)                                                                                                           \
    X(systor17)                                                                                                        \
    X(alibaba_block)                                                                                                   \
    X(tencent_block)                                                                                                   \
    X(spc)                                                                                                             \
    X(k5cloud)                                                                                                         \
    X(snia_enterprise)                                                                                                 \
    X(thesios)                                                                                                         \
    X(meta_block)                                                                                                      \
    X(ibm_object)                                                                                                      \
    X(tencent_photo)                                                                                                   \
    X(webcachesim)                                                                                                     \
    X(wikibench)                                                                                                       \
    X(wikimedia)                                                                                                       \
    X(prefix_cache)                                                                                                    \
    X(txt)                                                                                                             \
    X(jsonl)                                                                                                           \
    X(rdb)                                                                                                             \
    X(resp)

#define X(name) extern const struct format format_##name;
FORMAT_LIST(X)
#undef X

const struct format *const formats[] = {
#define X(name) &format_##name,
    FORMAT_LIST(X)
#undef X
};

const size_t format_count = sizeof formats / sizeof *formats;

enum { HEAD_BYTES = 64 << 10, FORMAT_NAMES = 800 };

/* Lists the names: "twitter, csv, ..." */
static void list_names(char *text, size_t size)
{
    size_t length = 0;

    *text = '\0';
    for (size_t i = 0; i < format_count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", formats[i]->name);
}

const struct format *format_find(const char *name, struct error *error)
{
    char names[FORMAT_NAMES];

    for (size_t i = 0; i < format_count; i++)
        if (!strcmp(formats[i]->name, name))
            return formats[i];
    list_names(names, sizeof names);
    error_set(error, ERROR_USAGE, "unknown format '%s': it is one of %s", name, names);
    return NULL;
}

const struct format *format_detect(struct source *source, struct error *error)
{
    const struct format *best = NULL;
    enum format_sureness surest = FORMAT_NO;
    size_t bytes;
    const char *head = source_peek(source, HEAD_BYTES, &bytes, error);

    if (!head)
        return NULL;
    if (bytes == 0) {
        error_set(error, ERROR_INPUT, "%s: the trace is empty", source_name(source));
        return NULL;
    }
    for (size_t i = 0; i < format_count; i++) {
        enum format_sureness sure = formats[i]->detect(head, bytes < HEAD_BYTES ? bytes : HEAD_BYTES);
        if (sure > surest) {
            surest = sure;
            best = formats[i];
        }
    }
    if (best && best->loads && source_has_more_files(source))
        best = &format_resp; /* the base of an append-only file: the others decide */
    if (!best) {
        char header[HEADER_LIST];
        const char *columns = header_list(header, head, bytes < HEAD_BYTES ? bytes : HEAD_BYTES);

        error_set(error, ERROR_INPUT,
                  "%s: not recognized as a trace of any format (evsim run --help lists them): name it with --format, "
                  "or the columns of a CSV file with --columns%s%s",
                  source_name(source), columns ? ": its first line has " : "", columns ? columns : "");
    }
    return best;
}

/* Whether the trace begins as JSON lines do. 0, or -1. */
static int begins_with_brace(struct source *source, bool *is_json, struct error *error)
{
    size_t bytes;
    const char *head = source_peek(source, HEAD_BYTES, &bytes, error);

    if (!head)
        return -1;
    const char *line = pieces_without_mark(head, head + bytes);
    *is_json = line < head + bytes && *line == '{';
    return 0;
}

const struct format *format_choose(struct source *source, const char *name, const char *columns, struct error *error)
{
    const struct format *format;
    bool is_json = false;

    if (!name && !columns)
        return format_detect(source, error);
    if (!name && begins_with_brace(source, &is_json, error))
        return NULL;
    format = format_find(name ? name : is_json ? "jsonl" : "csv", error);
    if (format && columns && strcmp(format->name, "csv") && strcmp(format->name, "jsonl")) {
        error_set(error, ERROR_USAGE, "--columns is for csv and jsonl, format %s has its own", format->name);
        return NULL;
    }
    return format;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/registry.h"

#include "traces/foreign.h"
#include "traces/text/header.h"
#include "traces/text/pieces.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
    X(twr)                                                                                                             \
    X(twr_ns)                                                                                                          \
    X(oracle_sys_twr_ns)                                                                                               \
    X(oracle_sim_twr_ns)                                                                                               \
    X(standard_bin_iqibh)                                                                                              \
    X(cf1)                                                                                                             \
    X(oracle_cf1)                                                                                                      \
    X(akamai)                                                                                                          \
    X(oracle_akamai)                                                                                                   \
    X(wiki16u)                                                                                                         \
    X(oracle_wiki16u)                                                                                                  \
    X(wiki19u)                                                                                                         \
    X(oracle_wiki19u)                                                                                                  \
    X(wiki19t)                                                                                                         \
    X(standard_bin_iii)                                                                                                \
    X(standard_bin_iqq)                                                                                                \
    X(valpin)                                                                                                          \
    X(corda)                                                                                                           \
    X(cache2k)                                                                                                         \
    X(cloud_physics)                                                                                                   \
    X(vscsi)                                                                                                           \
    X(vscsi_csv)                                                                                                       \
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

enum { HEAD_BYTES = 64 << 10, FORMAT_NAMES = 1200 };

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

/* Whether the word is one of those of the list, in any case. */
static bool is_listed(const char *word, size_t bytes, const char *list)
{
    for (const char *at = list; at && *at; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == bytes && !strncasecmp(at, word, bytes))
            return true;
    return false;
}

/* The format that the file's name says, by the last word between its dots that does: "cluster1.twr.zst". NULL: none. */
static const struct format *format_named(const char *path)
{
    const struct format *named = NULL;
    const char *slash = strrchr(path, '/'), *word = slash ? slash + 1 : path;

    for (size_t bytes; *word; word += bytes, word += *word == '.') {
        bytes = strcspn(word, ".");
        for (size_t i = 0; i < format_count; i++)
            if (is_listed(word, bytes, formats[i]->file_names))
                named = formats[i];
    }
    return named;
}

/* Looks at the file's name, where the first bytes say `best`. */
static const struct format *consider_name(struct source *source, const char *head, size_t bytes,
                                          const struct format *best, enum format_sureness surest, struct intake *intake)
{
    const struct format *named = format_named(source_name(source));
    bool decides = named && (surest < FORMAT_CERTAIN || (best && named->looks_like == best)) &&
                   named->detect(head, bytes) != FORMAT_NO;

    if (intake && named && (decides || best) && (named != best || surest == FORMAT_BY_NAME)) {
        snprintf(intake->named_format, sizeof intake->named_format, "%s", named->name);
        intake->name_decided = decides;
    }
    return decides ? named : surest > FORMAT_BY_NAME ? best : NULL;
}

/* The error says what the file is, or else what it would take to read it. */
static void not_recognized(const char *name, const char *head, size_t bytes, struct error *error)
{
    const struct foreign *foreign = foreign_file(head, bytes);
    char header[HEADER_LIST], guess[HEADER_GUESS];
    const char *columns = header_list(header, head, bytes), *guessed = header_guess(guess, head, bytes);

    if (foreign)
        error_set(error, ERROR_INPUT, "%s: this is %s: %s", name, foreign->what, foreign->remedy);
    else
        error_set(error, ERROR_INPUT,
                  "%s: not recognized as a trace of any format (evsim run --help lists them): name it with --format, "
                  "or the columns of a CSV file with --columns%s%s%s%s",
                  name, guessed ? ", perhaps " : "", guessed ? guessed : "", columns ? ": its first line has " : "",
                  columns ? columns : "");
}

const struct format *format_detect(struct source *source, struct intake *intake, struct error *error)
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
    bytes = bytes < HEAD_BYTES ? bytes : HEAD_BYTES;
    for (size_t i = 0; i < format_count; i++) {
        enum format_sureness sure = formats[i]->detect(head, bytes);
        if (sure > surest) {
            surest = sure;
            best = formats[i];
        }
    }
    if (foreign_beginning(head, bytes)) {
        not_recognized(source_name(source), head, bytes, error);
        return NULL;
    }
    best = consider_name(source, head, bytes, best, surest, intake);
    if (best && best->loads && source_has_more_files(source))
        best = &format_resp; /* the base of an append-only file: the others decide */
    if (!best) {
        not_recognized(source_name(source), head, bytes, error);
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

const struct format *format_choose(struct source *source, const char *name, const char *columns, struct intake *intake,
                                   struct error *error)
{
    const struct format *format;
    bool is_json = false;

    if (!name && !columns)
        return format_detect(source, intake, error);
    if (!name && begins_with_brace(source, &is_json, error))
        return NULL;
    format = format_find(name ? name : is_json ? "jsonl" : "csv", error);
    if (format && columns && strcmp(format->name, "csv") && strcmp(format->name, "jsonl")) {
        error_set(error, ERROR_USAGE, "--columns is for csv and jsonl, format %s has its own", format->name);
        return NULL;
    }
    return format;
}

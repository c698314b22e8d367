/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/capture/requests.h"

#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/digits.h"
#include "sim/words.h"

#include <stdlib.h>
#include <string.h>

enum {
    ARGUMENTS_MOST = 1 << 20, /* of a command, as the server's own limit, */
    STRING_MOST = 512 << 20,  /* and bytes of one: proto-max-bulk-len */
    MISSING_MOST = 1 << 20,   /* bytes of a string that may be missing */
    NAME_MOST = 64,
    INLINE_WORDS = 1024,
};

/* In the place of bytes that are missing: no number has it. */
enum { UNKNOWN_BYTE = '?' };

static void forget_command(struct request_reader *reader)
{
    reader->bytes = reader->count = reader->line_bytes = reader->damaged = 0;
}

void requests_begin(struct request_reader *reader, bool lost)
{
    forget_command(reader);
    reader->place = lost ? LOST : AT_COMMAND;
}

void requests_release(struct request_reader *reader)
{
    free(reader->line);
    free(reader->text);
    free(reader->ends);
}

struct argument requests_argument(const struct request_reader *reader, size_t index)
{
    size_t begin = index ? reader->ends[index - 1] : 0;

    return (struct argument){reader->text + begin, (uint32_t)(reader->ends[index] - begin)};
}

static void add_text(struct request_reader *reader, const char *data, size_t bytes)
{
    if (reader->bytes + bytes > reader->capacity) {
        reader->capacity = 2 * (reader->bytes + bytes);
        reader->text = xrealloc(reader->text, reader->capacity);
    }
    if (data)
        memcpy(reader->text + reader->bytes, data, bytes);
    else
        memset(reader->text + reader->bytes, UNKNOWN_BYTE, bytes);
    reader->bytes += bytes;
}

static void end_argument(struct request_reader *reader)
{
    if (reader->count == reader->ends_capacity) {
        reader->ends_capacity = reader->ends_capacity ? 2 * reader->ends_capacity : 16;
        reader->ends = xrealloc(reader->ends, reader->ends_capacity * sizeof *reader->ends);
    }
    reader->ends[reader->count++] = reader->bytes;
}

/* ---- where a command begins ---- */

/* Scans `*3\r\n` at *at. */
static bool scan_length(const char **at, const char *end, char kind, uint64_t *length)
{
    const char *feed;
    size_t left = (size_t)(end - *at);

    if (!left || **at != kind)
        return false;
    feed = memchr(*at, '\n', left < 24 ? left : 24);
    if (!feed || feed - *at < 3 || feed[-1] != '\r' || !digits_scan(*at + 1, feed - 1, length))
        return false;
    *at = feed + 1;
    return true;
}

static bool is_command(const char *name, size_t bytes)
{
    return bytes && bytes <= NAME_MOST && op_find(name, (uint32_t)bytes) != OP_COUNT;
}

bool requests_begin_at(const char *at, const char *end)
{
    uint64_t arguments, bytes;

    return scan_length(&at, end, '*', &arguments) && arguments && arguments <= ARGUMENTS_MOST &&
           scan_length(&at, end, '$', &bytes) && (uint64_t)(end - at) >= bytes + 2 && bytes <= NAME_MOST &&
           !memcmp(at + bytes, "\r\n", 2) && is_command(at, (size_t)bytes);
}

bool requests_inline_at(const char *at, const char *end)
{
    const char *stop = at;

    while (stop < end && *stop != ' ' && *stop != '\r' && *stop != '\n')
        stop++;
    return is_command(at, (size_t)(stop - at));
}

/* Finds a command's beginning, first of all at the first byte. Returns `end` if there is none. */
static const char *find_command(const char *data, const char *end)
{
    const char *at = data;

    while (at < end && !requests_begin_at(at, end)) {
        const char *feed = memmem(at, (size_t)(end - at), "\r\n*", 3);

        at = feed ? feed + 2 : end;
    }
    return at;
}

/* ---- what is read ---- */

static bool get_lost(struct request_reader *reader)
{
    forget_command(reader);
    reader->place = LOST;
    return false;
}

/* Adds to the begun line what there is of it; the line, without its end, when it is whole, else NULL. */
static const char *take_line(struct request_reader *reader, const char **at, const char *end, size_t *bytes)
{
    const char *feed = memchr(*at, '\n', (size_t)(end - *at));
    size_t more = (size_t)((feed ? feed + 1 : end) - *at);

    if (reader->line_bytes + more + 1 > reader->line_capacity) {
        reader->line_capacity = 2 * (reader->line_bytes + more + 1);
        reader->line = xrealloc(reader->line, reader->line_capacity);
    }
    memcpy(reader->line + reader->line_bytes, *at, more);
    reader->line_bytes += more;
    *at += more;
    if (!feed)
        return NULL;
    *bytes = reader->line_bytes - 1;
    *bytes -= *bytes && reader->line[*bytes - 1] == '\r';
    reader->line_bytes = 0;
    return reader->line;
}

/* Splits an inline command into arguments. False: the server would refuse it. */
static bool split_inline(struct request_reader *reader, size_t bytes)
{
    char *words[INLINE_WORDS];
    size_t count;

    reader->line[bytes] = '\0';
    if (words_split(reader->line, words, INLINE_WORDS, &count) || count > INLINE_WORDS)
        return false;
    for (size_t i = 0; i < count; i++) {
        add_text(reader, words[i], strlen(words[i]));
        end_argument(reader);
    }
    return true;
}

/* The first line is there. False: it is none of a command. */
static bool begin_command(struct request_reader *reader, const char *line, size_t bytes, requests_command_fn *command,
                          void *owner)
{
    reader->place = AT_COMMAND;
    if (bytes && *line == '*') {
        if (bytes > 1 && line[1] == '-') /* no command, and no reply */
            return true;
        if (!digits_scan(line + 1, line + bytes, &reader->arguments) || reader->arguments > ARGUMENTS_MOST)
            return false;
        if (reader->arguments)
            reader->place = IN_LENGTH;
        return true;
    }
    if (!split_inline(reader, bytes))
        return false;
    if (reader->count)
        command(owner, reader);
    forget_command(reader);
    return true;
}

/* The length of a string is there. */
static bool begin_string(struct request_reader *reader, const char *line, size_t bytes)
{
    if (!bytes || *line != '$' || !digits_scan(line + 1, line + bytes, &reader->missing) ||
        reader->missing > STRING_MOST)
        return false;
    reader->place = IN_STRING;
    if (!reader->missing) {
        reader->place = IN_END;
        reader->missing = 2;
    }
    return true;
}

/* Takes what there is of the string. */
static void take_string(struct request_reader *reader, const char **at, const char *end)
{
    uint64_t there = (uint64_t)(end - *at), bytes = there < reader->missing ? there : reader->missing;

    add_text(reader, *at, (size_t)bytes);
    *at += bytes;
    reader->missing -= bytes;
    if (!reader->missing) {
        reader->place = IN_END;
        reader->missing = 2;
    }
}

/* Takes the line end behind a string. */
static bool take_end(struct request_reader *reader, const char **at, requests_command_fn *command, void *owner)
{
    if (*(*at)++ != (reader->missing == 2 ? '\r' : '\n'))
        return false;
    if (--reader->missing)
        return true;
    end_argument(reader);
    reader->place = IN_LENGTH;
    if (reader->count == reader->arguments) {
        command(owner, reader);
        forget_command(reader);
        reader->place = AT_COMMAND;
    }
    return true;
}

/* Bytes are missing. Within a string it is known how many are. */
static bool take_missing(struct request_reader *reader, uint64_t bytes)
{
    if (reader->place == LOST) {
        reader->skipped += bytes;
        return true;
    }
    if (reader->place != IN_STRING || bytes > reader->missing || bytes > MISSING_MOST)
        return get_lost(reader);
    if (!reader->damaged++)
        reader->first_damaged = reader->count;
    add_text(reader, NULL, (size_t)bytes);
    reader->missing -= bytes;
    if (!reader->missing) {
        reader->place = IN_END;
        reader->missing = 2;
    }
    return true;
}

bool requests_take(struct request_reader *reader, const char *data, uint64_t bytes, requests_command_fn *command,
                   void *owner)
{
    const char *at = data, *end, *line;
    size_t length = 0;
    bool known = true;

    if (!data)
        return take_missing(reader, bytes);
    for (end = data + bytes; at < end;) {
        bool right = true;

        switch (reader->place) {
        case LOST:
            line = find_command(at, end);
            reader->skipped += (uint64_t)(line - at);
            at = line;
            if (at < end)
                requests_begin(reader, false);
            break;
        case AT_COMMAND:
            reader->place = IN_LINE;
            break;
        case IN_LINE:
        case IN_LENGTH:
            line = take_line(reader, &at, end, &length);
            if (line)
                right = reader->place == IN_LINE ? begin_command(reader, line, length, command, owner)
                                                 : begin_string(reader, line, length);
            else
                right = reader->line_bytes <= REQUESTS_LINE;
            break;
        case IN_STRING:
            take_string(reader, &at, end);
            break;
        case IN_END:
            right = take_end(reader, &at, command, owner);
            break;
        }
        if (!right)
            known = get_lost(reader);
    }
    return known;
}

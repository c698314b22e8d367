/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resp: commands as clients send them: what `redis-cli --pipe` is given, and append-only files.
 *
 *     *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $5\r\nvalue\r\n        an array of strings is a command
 *     #TS:1700000000\r\n                                      an append-only file may say when it was written
 *
 * An append-only file has what changed something, in the order of execution, as the server itself repeats it: no reads, ttls
 * as Unix times, MULTI and EXEC around what belongs together. It may end within a command, as a server that was killed leaves it:
 * that is said, as a row that was left out. The trace has times if an annotation comes before the first command; otherwise its rows are
 * untimed.
 *
 * Since 7.0 it is several files, which a manifest lists (sim/input/source.c). The first is most often an RDB dump, whose keys are not
 * in the trace: that is said, too. A command is a row, and its number is the line of messages. Arguments point into the source's
 * window. */
#include "sim/format.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "traces/commands/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ARGUMENTS_MOST = 1 << 20, /* of a command, as the server's own limit, */
    STRING_MOST = 512 << 20,  /* and bytes of one: proto-max-bulk-len */
    NUMBER_LINE = 24,         /* a length and its line end have no more bytes */
    COMMENT_MOST = 1024,
};

struct resp {
    struct source *source;
    const struct format_options *options;
    struct intake *intake;
    struct queue queue;
    struct argument *arguments;
    size_t capacity;
    uint64_t number; /* of the command last taken, from 1 */
    int64_t time_us; /* of the annotation last seen */
    uint8_t db;
    bool timed, begun; /* it has times; there was a command */
};

/* What stands at a place. */
enum found { COMMAND, NOTHING, INCOMPLETE, DAMAGED };

/* The line that ends at CRLF: its end without that. NULL: it is not all there. */
static const char *line_end(const char *at, const char *end, size_t most)
{
    size_t bytes = (size_t)(end - at);
    const char *feed = memchr(at, '\n', bytes < most ? bytes : most);

    return feed && feed > at && feed[-1] == '\r' ? feed - 1 : NULL;
}

/* Takes `*3\r\n` or `$3\r\n`. */
static enum found take_length(const char **at, const char *end, char kind, uint64_t *length)
{
    const char *stop;

    if (*at == end)
        return INCOMPLETE;
    if (**at != kind)
        return DAMAGED;
    stop = line_end(*at, end, NUMBER_LINE);
    if (!stop)
        return end - *at < NUMBER_LINE && !memchr(*at, '\n', (size_t)(end - *at)) ? INCOMPLETE : DAMAGED;
    if (!digits_scan(*at + 1, stop, length))
        return DAMAGED;
    *at = stop + 2;
    return COMMAND;
}

static void add_argument(struct resp *resp, size_t count, const char *text, uint64_t bytes)
{
    if (count == resp->capacity) {
        resp->capacity = resp->capacity ? 2 * resp->capacity : 16;
        resp->arguments = xrealloc(resp->arguments, resp->capacity * sizeof *resp->arguments);
    }
    resp->arguments[count] = (struct argument){text, (uint32_t)bytes};
}

/* Takes a command at *at, whose arguments go to resp->arguments. *damage is where it is damaged. */
static enum found take_command(struct resp *resp, const char **at, const char *end, size_t *count, const char **damage)
{
    uint64_t arguments, bytes;
    enum found found;

    *damage = *at;
    found = take_length(at, end, '*', &arguments);
    if (found != COMMAND)
        return found;
    if (arguments > ARGUMENTS_MOST)
        return DAMAGED;
    for (*count = 0; *count < arguments; ++*count) {
        *damage = *at;
        found = take_length(at, end, '$', &bytes);
        if (found != COMMAND)
            return found;
        if (bytes > STRING_MOST)
            return DAMAGED;
        if ((uint64_t)(end - *at) < bytes + 2)
            return INCOMPLETE;
        if (memcmp(*at + bytes, "\r\n", 2) != 0)
            return DAMAGED;
        add_argument(resp, *count, *at, bytes);
        *at += bytes + 2;
    }
    return arguments ? COMMAND : NOTHING;
}

/* Takes `#TS:1700000000\r\n`, or another comment. */
static enum found take_comment(struct resp *resp, const char **at, const char *end)
{
    const char *stop = line_end(*at, end, COMMENT_MOST);
    uint64_t seconds;

    if (!stop)
        return end - *at < COMMENT_MOST ? INCOMPLETE : DAMAGED;
    if (stop - *at > 4 && !memcmp(*at, "#TS:", 4) && digits_scan(*at + 4, stop, &seconds) &&
        seconds < INT64_MAX / 1000000) {
        resp->time_us = (int64_t)seconds * 1000000;
        resp->timed |= !resp->begun;
    }
    *at = stop + 2;
    return NOTHING;
}

static enum found take(struct resp *resp, const char **at, const char *end, size_t *count, const char **damage)
{
    *damage = *at;
    if (**at == '\r' || **at == '\n') { /* a server ignores empty lines, too */
        ++*at;
        return NOTHING;
    }
    return **at == '#' ? take_comment(resp, at, end) : take_command(resp, at, end, count, damage);
}

static void queue_command(struct resp *resp, size_t count)
{
    struct record row = {.line = resp->number, .time_us = resp->time_us, .db = resp->db};
    size_t before = resp->queue.count;
    uint64_t db;

    if (!resp->timed) {
        row.flags = REQUEST_UNTIMED;
        row.time_us = 0;
    }
    command_queue(&resp->queue, &row, resp->arguments, count, resp->intake);
    resp->intake->scripts_unseen += queue_has_script(&resp->queue, before);
    if (count == 2 && resp->arguments[0].bytes == 6 && !strncasecmp(resp->arguments[0].text, "select", 6) &&
        digits_scan(resp->arguments[1].text, resp->arguments[1].text + resp->arguments[1].bytes, &db) && db < DB_MAX)
        resp->db = (uint8_t)db;
}

/* Rows that are left out though nothing is wrong with the file: said as those that --lenient skips. */
static void say(struct resp *resp, const char *what, uint64_t bytes)
{
    resp->intake->rows++;
    if (!resp->intake->skipped++)
        snprintf(resp->intake->first_skipped, sizeof resp->intake->first_skipped, "%.160s:%ju: %s, %ju bytes",
                 source_name(resp->source), (uintmax_t)resp->number, what, (uintmax_t)bytes);
}

/* Leaves out the rest of the file. 0, or -1. */
static int skip_file(struct resp *resp, const char *what, struct error *error)
{
    uint64_t skipped = 0;
    size_t bytes;
    const char *text;

    while ((text = source_peek(resp->source, 1, &bytes, error)) && bytes) {
        source_consume(resp->source, bytes);
        skipped += bytes;
    }
    resp->number = 1;
    if (text)
        say(resp, what, skipped);
    return text ? 0 : -1;
}

/* A damaged command (bytes are counted after decompression, over all files): under --lenient reading goes on where the next one may begin. Returns 0, or -1. */
static int refuse(struct resp *resp, const char *text, const char **at, const char *end, const char *damage,
                  struct error *error)
{
    const char *stop = damage;
    uint64_t place = source_consumed(resp->source) + (uint64_t)(damage - text);

    resp->intake->rows++;
    resp->number++;
    while (stop < end && stop - damage < 24 && *stop != '\r' && *stop != '\n')
        stop++;
    if (intake_bad_row(resp->intake, resp->options, resp->source, resp->number, error,
                       "bad command at byte %ju: '%.*s'", (uintmax_t)place, (int)(stop - damage), damage) < 0)
        return -1;
    const char *next = damage + 1 < end ? memmem(damage + 1, (size_t)(end - damage - 1), "\r\n*", 3) : NULL;
    *at = next ? next + 2 : end;
    return 0;
}

/* Reads what begins a file: an RDB dump is no part of a trace. 0, or -1. */
static int begin_file(struct resp *resp, struct error *error)
{
    size_t bytes;
    const char *head = source_peek(resp->source, 9, &bytes, error);

    if (!head)
        return -1;
    resp->number = 0;
    if (bytes < 5 || memcmp(head, "REDIS", 5) != 0)
        return 0;
    if (!source_has_more_files(resp->source))
        return error_set(
            error, ERROR_INPUT,
            "%s:1: it begins with an RDB dump, which is not read: 'aof-use-rdb-preamble no' and BGREWRITEAOF "
            "give one of commands alone",
            source_name(resp->source));
    return skip_file(resp, "an RDB dump, whose keys --preload would load", error);
}

static int open_resp(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                     struct error *error)
{
    struct resp *resp = state;

    *resp = (struct resp){.source = source, .options = options, .intake = intake};
    resp->queue.spells = options->keeps_origin;
    return begin_file(resp, error);
}

/* The database of the file before is no longer selected: each begins with SELECT. */
static int next_resp_file(void *state, struct error *error)
{
    struct resp *resp = state;

    resp->db = 0;
    return begin_file(resp, error);
}

/* Queues what the window has, until there is room for no more. Returns how many records, or -1 with an error; *wanted grows if a
 * command is not all there. */
static int take_window(struct resp *resp, const char *text, size_t bytes, size_t *wanted, struct record *records,
                       int room, struct error *error)
{
    const char *at = text, *end = text + bytes;
    int count = 0, status = 0;
    bool ends = bytes < *wanted;

    while (at < end && count < room && !status) {
        const char *begin = at, *damage;
        size_t arguments = 0;
        enum found found = take(resp, &at, end, &arguments, &damage);

        if (found == COMMAND) {
            resp->begun = true;
            resp->number++;
            resp->intake->rows++;
            if (source_may_take(resp->source, arguments * COMMAND_ARGUMENT_BYTES, "a command of so many arguments",
                                error))
                return -1;
            queue_command(resp, arguments);
            count += queue_hand_out(&resp->queue, records + count, room - count);
        } else if (found == DAMAGED) {
            status = refuse(resp, text, &at, end, damage, error);
        } else if (found == INCOMPLETE) {
            at = begin;
            *wanted = (size_t)(end - begin) < 2048 ? 4096 : 2 * (size_t)(end - begin);
            if (ends) {
                resp->number++;
                say(resp, "the last command is cut off", (uint64_t)(end - begin));
                at = end;
            }
            break;
        }
    }
    source_consume(resp->source, (size_t)(at - text));
    return status < 0 && !count ? -1 : count;
}

static int read_resp(void *state, struct record *records, int room, struct error *error)
{
    struct resp *resp = state;
    int count = queue_hand_out(&resp->queue, records, room);
    size_t wanted = 1, bytes;

    if (!count)
        queue_begin(&resp->queue);
    while (count == 0) {
        const char *text = source_peek(resp->source, wanted, &bytes, error);

        if (!text)
            return -1;
        if (!bytes)
            return 0;
        count = take_window(resp, text, bytes, &wanted, records, room, error);
        if (count < 0)
            return -1;
    }
    return queue_end(&resp->queue, records, count);
}

static void close_resp(void *state)
{
    struct resp *resp = state;

    free(resp->arguments);
    queue_release(&resp->queue);
}

/* An array of strings, behind comments. A manifest whose base is a dump is found by its other files (format_detect). */
static enum format_sureness detect(const char *head, size_t bytes)
{
    const char *at = head, *end = head + bytes;
    uint64_t arguments, length;

    while (at < end && *at == '#') {
        const char *stop = line_end(at, end, COMMENT_MOST);

        if (!stop)
            return FORMAT_NO;
        at = stop + 2;
    }
    if (take_length(&at, end, '*', &arguments) == COMMAND && take_length(&at, end, '$', &length) == COMMAND)
        return FORMAT_CERTAIN;
    return FORMAT_NO;
}

const struct format format_resp = {
    .executed_only = true,
    .name = "resp",
    .summary = "commands as clients send them: append-only files, input of redis-cli --pipe",
    .file_names = "aof resp",
    .state_size = sizeof(struct resp),
    .detect = detect,
    .open = open_resp,
    .read = read_resp,
    .next_file = next_resp_file,
    .close = close_resp,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* monitor: the output of `redis-cli MONITOR`, or the server's own.
 *
 *     OK
 *     1700000000.123456 [0 127.0.0.1:51234] "SET" "user:1" "caf\xc3\xa9" "EX" "60"
 *     1700000000.123501 [0 unix:/run/my redis.sock] "MGET" "a" "b"
 *     1700000000.123544 [3 lua] "incr" "n"
 *
 * Commands are in the order of execution, with exact times. There are no replies, so what a GET read is unknown. The
 * path of a unix socket is not escaped, so the source ends at the last place that can end it: `] "`. Arguments point
 * into the source's window. Only those with escapes are copied, to `decoded`, which is as large as the window and so
 * holds all of its arguments. */
#include "sim/format.h"

#include "sim/alloc.h"
#include "traces/commands/arrival.h"
#include "traces/commands/command.h"
#include "sim/digits.h"
#include "traces/text/lines.h"

#include <stdlib.h>
#include <string.h>

enum {
    ARGUMENTS_MOST = 1 << 20, /* of a command, as the server's own limit */
};

struct monitor {
    struct lines lines;
    const struct format_options *options;
    struct intake *intake;
    struct queue queue;
    char *decoded; /* decoded arguments, valid until the next window */
    size_t decoded_bytes, decoded_capacity;
    struct argument *arguments; /* of the current line */
    size_t argument_count, argument_capacity;
    struct arrival arrival;
};

/* ---- arguments ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes the escape at text[0] = '\\' into *byte. Returns its length, 0 if it is not valid. */
static size_t decode_escape(const char *text, size_t bytes, char *byte)
{
    static const char letters[] = "\\\"nrtab", meanings[] = "\\\"\n\r\t\a\b";

    if (bytes >= 4 && text[1] == 'x' && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0) {
        *byte = (char)(hex_digit(text[2]) << 4 | hex_digit(text[3]));
        return 4;
    }
    const char *letter = bytes >= 2 && text[1] ? strchr(letters, text[1]) : NULL;
    if (!letter)
        return 0;
    *byte = meanings[letter - letters];
    return 2;
}

/* Finds the closing quote of an argument. The next argument's quote, or nothing, follows it; Valkey 8.1 and 9 do not
 * always escape quotes within. A command's name has no quotes. NULL if there is none. */
static const char *find_quote(const char *text, const char *end, bool is_name)
{
    for (; text < end; text += *text == '\\' ? 2 : 1)
        if (*text == '"' && (is_name || text + 1 == end || (end - text > 2 && text[1] == ' ' && text[2] == '"')))
            return text;
    return NULL;
}

/* Decodes argument->text, which has escapes. False if it is damaged. */
static bool decode(struct monitor *monitor, struct argument *argument)
{
    const char *text = argument->text, *end = text + argument->bytes;
    char *to = monitor->decoded + monitor->decoded_bytes;

    argument->text = to;
    while (text < end) {
        size_t step = *text == '\\' ? decode_escape(text, (size_t)(end - text), to) : 1;
        if (!step)
            return false;
        if (*text != '\\')
            *to = *text;
        to++;
        text += step;
    }
    argument->bytes = (uint32_t)(to - argument->text);
    monitor->decoded_bytes += argument->bytes;
    return true;
}

/* Takes the argument whose quote is at text. Returns the text after it, or NULL if the argument is damaged. */
static const char *take_argument(struct monitor *monitor, const char *text, const char *end, struct argument *argument)
{
    bool is_name = argument == monitor->arguments;
    const char *quote = *text == '"' ? find_quote(text + 1, end, is_name) : NULL;

    if (!quote || (quote + 1 < end && quote[1] != ' '))
        return NULL;
    *argument = (struct argument){text + 1, (uint32_t)(quote - text - 1)};
    if (memchr(argument->text, '\\', argument->bytes) && !decode(monitor, argument))
        return NULL;
    return quote + 1 < end ? quote + 2 : end;
}

/* ---- lines ---- */

static int bad(struct monitor *monitor, struct error *error, const char *what, const char *text, const char *end)
{
    int length = end - text < 60 ? (int)(end - text) : 60;

    return intake_bad_row(monitor->intake, monitor->options, monitor->lines.source, monitor->lines.number, error,
                          "bad %s '%.*s'", what, length, text);
}

/* Splits `"GET" "k"` into monitor->arguments. Returns NULL, or the start of the first damaged argument. */
static const char *take_arguments(struct monitor *monitor, const char *text, const char *end)
{
    for (monitor->argument_count = 0; text < end; monitor->argument_count++) {
        if (monitor->argument_count == monitor->argument_capacity) {
            if (monitor->argument_count == ARGUMENTS_MOST)
                return text;
            monitor->argument_capacity = monitor->argument_capacity ? 2 * monitor->argument_capacity : 16;
            monitor->arguments = xrealloc(monitor->arguments, monitor->argument_capacity * sizeof *monitor->arguments);
        }
        const char *next = take_argument(monitor, text, end, &monitor->arguments[monitor->argument_count]);
        if (!next)
            return text;
        text = next;
    }
    return NULL;
}

/* Scans the head of a line, `1700000000.123456 [0 127.0.0.1:51234] `. Returns its end, or NULL if it is damaged; *what
 * is the damaged part. */
static const char *scan_head(const char *line, const char *end, int64_t *time_us, uint64_t *db, struct argument *client,
                             const char **what)
{
    const char *space = memchr(line, ' ', (size_t)(end - line));

    *what = "time";
    if (!space || !digits_decimal(line, space, 6, time_us))
        return NULL;
    *what = "source";
    if (end - space < 2 || space[1] != '[')
        return NULL;
    const char *after_db = memchr(space + 2, ' ', (size_t)(end - space - 2));
    const char *close = memmem(space, (size_t)(end - space), "] \"", 3);
    if (!after_db || !close || close < after_db)
        return NULL;
    *client = (struct argument){after_db + 1, (uint32_t)(close - after_db - 1)};
    *what = "db";
    return digits_scan(space + 2, after_db, db) && *db < DB_MAX ? close + 2 : NULL;
}

/* Queues the records of a line. Returns 0, also if the line gives none, or -1 on error. */
static int parse(struct monitor *monitor, const char *line, const char *end, struct error *error)
{
    struct record row = {.line = monitor->lines.number};
    const char *what, *damage;
    struct argument client;
    uint64_t db = 0;

    line += line < end && *line == '+';
    if (line == end || (end - line == 2 && !memcmp(line, "OK", 2)))
        return 0;
    monitor->intake->rows++;
    const char *text = scan_head(line, end, &row.time_us, &db, &client, &what);
    if (!text)
        return bad(monitor, error, what, line, end);
    damage = take_arguments(monitor, text, end);
    if (damage && monitor->argument_count == ARGUMENTS_MOST)
        return bad(monitor, error, "command of more than 1,048,576 arguments", text, end);
    if (damage)
        return bad(monitor, error, "argument", damage, end);
    row.db = (uint8_t)db;
    arrival_note(&monitor->arrival, &row, &client, monitor->options, monitor->intake);
    if (source_may_take(monitor->lines.source, monitor->argument_count * COMMAND_ARGUMENT_BYTES,
                        "a command of so many arguments", error))
        return -1;
    command_queue(&monitor->queue, &row, monitor->arguments, monitor->argument_count, monitor->intake);
    return 0;
}

static int open_monitor(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                        struct error *error)
{
    struct monitor *monitor = state;

    (void)error;
    monitor->options = options;
    monitor->intake = intake;
    monitor->queue.clients = &monitor->arrival.clients;
    monitor->queue.spells = options->keeps_origin;
    lines_init(&monitor->lines, source);
    return 0;
}

/* Reads the next window of lines and makes room to decode all their arguments. */
static int next_window(struct monitor *monitor, struct error *error)
{
    int status = lines_look(&monitor->lines, error);
    size_t bytes = (size_t)(monitor->lines.end - monitor->lines.begin);

    monitor->decoded_bytes = 0;
    if (status > 0 && bytes > monitor->decoded_capacity) {
        free(monitor->decoded);
        monitor->decoded = xmalloc(bytes);
        monitor->decoded_capacity = bytes;
    }
    return status;
}

static int read_monitor(void *state, struct record *records, int room, struct error *error)
{
    struct monitor *monitor = state;
    int count = queue_hand_out(&monitor->queue, records, room);
    const char *line, *end;

    if (!count)
        queue_begin(&monitor->queue);
    while (count == 0) {
        int status = next_window(monitor, error);
        if (status <= 0)
            return status;
        while (count < room && lines_next(&monitor->lines, &line, &end)) {
            if (parse(monitor, line, end, error) < 0)
                return count ? queue_end(&monitor->queue, records, count) : -1;
            count += queue_hand_out(&monitor->queue, records + count, room - count);
        }
        lines_done(&monitor->lines);
    }
    return queue_end(&monitor->queue, records, count);
}

/* Clients go on from one file to the next. */
static int next_monitor_file(void *state, struct error *error)
{
    struct monitor *monitor = state;

    (void)error;
    lines_init(&monitor->lines, monitor->lines.source);
    return 0;
}

static void close_monitor(void *state)
{
    struct monitor *monitor = state;

    free(monitor->decoded);
    free(monitor->arguments);
    arrival_release(&monitor->arrival);
    queue_release(&monitor->queue);
}

/* No other format has lines with such a head. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    const char *end = head + bytes;

    for (int line = 0; line < 3 && head < end; line++) {
        const char *newline = memchr(head, '\n', (size_t)(end - head));
        const char *stop = newline ? newline : end, *what;
        struct argument client;
        int64_t time_us;
        uint64_t db;

        if (scan_head(head + (*head == '+'), stop, &time_us, &db, &client, &what))
            return FORMAT_CERTAIN;
        head = newline ? newline + 1 : end;
    }
    return FORMAT_NO;
}

const struct format format_monitor = {
    .executed_only = true,
    .name = "monitor",
    .summary = "output of Redis MONITOR: every command with its time, no replies",
    .file_names = "monitor",
    .state_size = sizeof(struct monitor),
    .detect = detect,
    .open = open_monitor,
    .read = read_monitor,
    .next_file = next_monitor_file,
    .close = close_monitor,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twitter: the cache traces that Twitter published in 2020, as text.
 *
 *     timestamp,anonymized key,key size,value size,client id,operation,TTL
 *     0.024,user:17246,10,39,7,get,0
 *
 * There are no header and no quotes; lines that begin with '#' are comments, which are counted. A key may hold commas, so a line is split from both ends: the time comes before
 * the first comma, the last five columns are taken from the right, and the key is the rest. Records point into the
 * source's window and nothing is copied. At tens of millions of rows per second, a general CSV reader would be the
 * slowest part of a replay.
 *
 * The verbs are memcached's. Most have an equal in Redis. prepend makes a value longer as append does, and cas stores
 * as set does; intake.renamed_commands counts these two. */
#include "sim/format.h"

#include "sim/digits.h"
#include "traces/text/lines.h"
#include "traces/text/origins.h"
#include "traces/text/times.h"

#include <endian.h>
#include <stdio.h>

struct twitter {
    struct lines lines;
    struct times times;
    const struct format_options *options;
    struct intake *intake;
    struct origins origins;
};

/* A column of the line. */
struct column {
    const char *text, *end;
};

extern const struct format format_twitter;

enum { TIME, KEY, KEY_SIZE, VALUE_SIZE, CLIENT, OPERATION, TTL, COLUMNS };

struct verb {
    const char *name;
    uint8_t length, op;
    uint16_t flags;
    bool renamed;
    bool is_alias; /* there is a plainer name for what it becomes */
};

static const struct verb verbs[] = {
    {"get", 3, OP_GET, 0, false, false},
    {"set", 3, OP_SET, 0, false, false},
    {"gets", 4, OP_GET, 0, false, true},
    {"delete", 6, OP_DEL, 0, false, false},
    {"add", 3, OP_SET, REQUEST_NX, false, false},
    {"replace", 7, OP_SET, REQUEST_XX, false, false},
    {"cas", 3, OP_SET, 0, true, true},
    {"incr", 4, OP_INCR, 0, false, false},
    {"decr", 4, OP_DECR, 0, false, false},
    {"append", 6, OP_APPEND, 0, false, false},
    {"prepend", 7, OP_APPEND, 0, true, true},
    {"expire", 6, OP_EXPIRE, 0, false, false},
};

static const struct verb *verb_find(struct column name)
{
    size_t length = (size_t)(name.end - name.text);

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (verbs[i].length == length && !memcmp(verbs[i].name, name.text, length))
            return &verbs[i];
    return NULL;
}

/* Bit 7 of each byte of the word that is a comma; all other bits are 0. The carries of the sum stay inside their byte. */
static inline uint64_t commas_in(const char *text)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t word;

    memcpy(&word, text, sizeof word);
    word = le64toh(word) ^ UINT64_C(0x2c2c2c2c2c2c2c2c);
    return ~(((word & low) + low) | word | low);
}

/* The first comma of [text, end), or end. */
static inline const char *first_comma(const char *text, const char *end)
{
    for (; end - text >= 8; text += 8) {
        uint64_t commas = commas_in(text);
        if (commas)
            return text + __builtin_ctzll(commas) / 8;
    }
    while (text < end && *text != ',')
        text++;
    return text;
}

/* Splits the line. Returns COLUMNS, or the number of its columns if there are fewer; then `columns` is incomplete. The
 * five columns on the right are short: eight bytes are looked at together, and often hold several commas. */
static int split(const char *line, const char *end, struct column columns[COLUMNS])
{
    const char *comma = first_comma(line, end), *unseen = end;
    int column = TTL;

    if (comma == end)
        return 1;
    columns[TIME] = (struct column){line, comma};
    const char *rest = comma + 1;
    while (column > KEY && unseen - rest >= 8) {
        unseen -= 8;
        for (uint64_t commas = commas_in(unseen); commas && column > KEY; column--) {
            unsigned place = 63 - (unsigned)__builtin_clzll(commas);
            columns[column] = (struct column){unseen + place / 8 + 1, end};
            end = unseen + place / 8;
            commas ^= UINT64_C(1) << place;
        }
    }
    for (; column > KEY; column--) {
        while (unseen > rest && unseen[-1] != ',')
            unseen--;
        if (unseen == rest)
            return TTL - column + 2;
        columns[column] = (struct column){unseen, end};
        end = --unseen;
    }
    columns[KEY] = (struct column){rest, end};
    return COLUMNS;
}

static int bad(struct twitter *twitter, struct error *error, const char *what, struct column column, const char *why)
{
    int length = column.end - column.text < 60 ? (int)(column.end - column.text) : 60;

    if (!length)
        return intake_bad_row(twitter->intake, twitter->options, twitter->lines.source, twitter->lines.number, error,
                              "missing %s", what);
    return intake_bad_row(twitter->intake, twitter->options, twitter->lines.source, twitter->lines.number, error,
                          "bad %s '%.*s'%s", what, length, column.text, why);
}

static bool scan_size(struct column column, uint32_t *size)
{
    uint64_t number;

    if (!digits_scan(column.text, column.end, &number) || number >= VALUE_UNKNOWN)
        return false;
    *size = (uint32_t)number;
    return true;
}

/* Times are in seconds, unless the first time can only be a Unix time in another unit. */
static bool settle_times(struct twitter *twitter, struct column column)
{
    const char *why = times_settle(&twitter->times, column.text, column.end);

    if (why)
        return !*why; /* not a number; the scan reports it */
    if (strcmp(times_unit(&twitter->times), "s") != 0)
        snprintf(twitter->intake->time_unit, sizeof twitter->intake->time_unit, "%s", times_unit(&twitter->times));
    twitter->times.limit_us = INT64_MAX;
    return true;
}

/* Times in seconds are the rule, and are read without a call. */
static inline bool scan_time(struct twitter *twitter, struct column column, int64_t *time_us)
{
    if (twitter->times.places == 6 && !twitter->times.dates)
        return digits_decimal(column.text, column.end, 6, time_us);
    return !times_scan(&twitter->times, column.text, column.end, time_us);
}

/* No time begins with '#'. Asked of lines that are no row alone, as all others are tens of millions a second. */
static bool is_comment(struct twitter *twitter, const char *line)
{
    if (*line != '#')
        return false;
    twitter->intake->rows--;
    twitter->intake->comment_lines++;
    return true;
}

/* Returns 1 if *record is complete, 0 if the line gives none, -1 on error. */
static int parse(struct twitter *twitter, const char *line, const char *end, struct record *record, struct error *error)
{
    struct column columns[COLUMNS];
    uint64_t ttl_s;

    if (line == end)
        return 0; /* an empty line does not count as a row */
    twitter->intake->rows++;
    int found = split(line, end, columns);
    if (found < COLUMNS && is_comment(twitter, line))
        return 0;
    if (found < COLUMNS)
        return intake_bad_row(twitter->intake, twitter->options, twitter->lines.source, twitter->lines.number, error,
                              "expected %d columns, found %d", COLUMNS, found);
    if (!twitter->times.settled && !settle_times(twitter, columns[TIME]))
        return is_comment(twitter, line)
                   ? 0
                   : bad(twitter, error, "time", columns[TIME],
                         ": no Unix time in s, ms, us or ns: say its unit by reading it as "
                         "csv, --columns time=1,key=2,key-size=3,value-size=4,op=6,ttl=7,time-unit=s");
    if (!scan_time(twitter, columns[TIME], &record->time_us))
        return is_comment(twitter, line) ? 0 : bad(twitter, error, "time", columns[TIME], "");
    if (columns[KEY].text == columns[KEY].end)
        return bad(twitter, error, "key", columns[KEY], "");
    if (!scan_size(columns[KEY_SIZE], &record->key_len))
        return bad(twitter, error, "key size", columns[KEY_SIZE], "");
    if (!scan_size(columns[VALUE_SIZE], &record->value_len))
        return bad(twitter, error, "value size", columns[VALUE_SIZE], "");
    if (!digits_scan(columns[TTL].text, columns[TTL].end, &ttl_s) || ttl_s > INT64_MAX / 1000)
        return bad(twitter, error, "ttl", columns[TTL], "");
    const struct verb *verb = verb_find(columns[OPERATION]);
    if (!verb) {
        intake_unknown(twitter->intake, columns[OPERATION].text,
                       (size_t)(columns[OPERATION].end - columns[OPERATION].text));
        return 0;
    }
    twitter->intake->renamed_commands += verb->renamed;
    record->key = columns[KEY].text;
    record->key_number = 0;
    record->key_bytes = (uint32_t)(columns[KEY].end - columns[KEY].text);
    if (!record->key_len)
        record->key_len = record->key_bytes;
    if (verb->op == OP_GET && !record->value_len &&
        !intake_zero_size(twitter->intake, twitter->options->size_zero, format_twitter.zero_is_empty))
        record->value_len = VALUE_UNKNOWN; /* the traced cache missed, so no value was read */
    record->op = verb->op;
    record->flags = verb->flags;
    if (ttl_s || verb->op == OP_EXPIRE)
        record->flags |= REQUEST_TTL;
    record->ttl_ms = (int64_t)ttl_s * 1000;
    record->db = 0;
    record->number = record->second = 0;
    record->line = twitter->lines.number;
    return 1;
}

/* parse(), which has said `status`, was given this line: how it is written, and what no record of evsim has. */
static void keep_origin(struct twitter *twitter, const char *line, const char *end, struct record *records, int i,
                        int status)
{
    size_t bytes = (size_t)(twitter->lines.next - line);
    struct column columns[COLUMNS];
    struct record_origin *origin;
    const char *point;

    if (status <= 0) {
        origins_keep(&twitter->origins, twitter->intake, line, bytes);
        return;
    }
    origin = origins_take(&twitter->origins, twitter->intake, i, line, bytes);
    split(line, end, columns);
    point = memchr(columns[TIME].text, '.', (size_t)(columns[TIME].end - columns[TIME].text));
    if (point && columns[TIME].end - point <= 7)
        origin->decimals = (uint8_t)(columns[TIME].end - point - 1);
    origin->caller = columns[CLIENT].text;
    origin->caller_bytes = (uint32_t)(columns[CLIENT].end - columns[CLIENT].text);
    const struct verb *verb = verb_find(columns[OPERATION]);
    if (verb->is_alias) {
        origin->verb = verb->name;
        origin->verb_bytes = verb->length;
    }
    records[i].origin = origin;
}

static int open_twitter(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                        struct error *error)
{
    struct twitter *twitter = state;

    (void)error;
    intake->has_key_sizes = true;
    twitter->times = (struct times){.places = 6};
    twitter->options = options;
    twitter->intake = intake;
    lines_init(&twitter->lines, source);
    return 0;
}

static int read_twitter(void *state, struct record *records, int room, struct error *error)
{
    struct twitter *twitter = state;
    const char *line, *end;
    int count = 0;

    if (twitter->options->keeps_origin)
        origins_begin(&twitter->origins, room);
    while (count == 0) {
        int status = lines_look(&twitter->lines, error);
        if (status <= 0)
            return status;
        if (origins_may_keep(twitter->lines.source, twitter->origins.kept_bytes, error))
            return -1;
        while (count < room && lines_next(&twitter->lines, &line, &end)) {
            status = parse(twitter, line, end, &records[count], error);
            if (__builtin_expect(twitter->options->keeps_origin, 0))
                keep_origin(twitter, line, end, records, count, status);
            if (status < 0)
                return count ? count : -1;
            count += status;
        }
        lines_done(&twitter->lines);
    }
    return count;
}

static void close_twitter(void *state)
{
    origins_release(&((struct twitter *)state)->origins);
}

/* The verbs in the first lines decide: numbers alone could be any CSV. Such lines may also be a part of something binary. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    const char *end = head + bytes;
    enum format_sureness sure = FORMAT_NO;
    int comments = 0; /* at the head */

    if (memchr(head, '\0', bytes))
        return FORMAT_NO;
    for (int line = 0; line < 10 && head < end; line++) {
        const char *newline = memchr(head, '\n', (size_t)(end - head));
        const char *stop = newline ? newline : end;
        struct column columns[COLUMNS];
        uint32_t size;
        struct times times = {.places = 6};
        int64_t time_us;

        if (line == comments && *head == '#')
            comments++;
        if (split(head, stop > head && stop[-1] == '\r' ? stop - 1 : stop, columns) == COLUMNS &&
            (digits_decimal(columns[TIME].text, columns[TIME].end, 6, &time_us) ||
             !times_scan(&times, columns[TIME].text, columns[TIME].end, &time_us)) &&
            scan_size(columns[KEY_SIZE], &size) && scan_size(columns[VALUE_SIZE], &size) &&
            scan_size(columns[TTL], &size) && verb_find(columns[OPERATION]))
            sure = line == comments ? FORMAT_CERTAIN : sure > FORMAT_LIKELY ? sure : FORMAT_LIKELY;
        head = newline ? newline + 1 : end;
    }
    return sure;
}

const struct format format_twitter = {
    .name = "twitter",
    .summary = "Twitter cache trace: time,key,key size,value size,client,operation,ttl",
    .state_size = sizeof(struct twitter),
    .detect = detect,
    .open = open_twitter,
    .read = read_twitter,
    .close = close_twitter,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv: any text with columns, quoted as in RFC 4180, whose columns the user or the header names.
 *
 *     --columns time=1,key=2,op=3,value-size=4,ttl=5      by number, from 1
 *     --columns time=op_time,key=key,delimiter=tab        by the names in the header line
 *     (no --columns)                                      the header line has names that are known
 *
 * A column plays a role: time, key, op, value-size, key-size, ttl, count, value, db, tenant. Roles without a column have a
 * documented meaning (traces/README.md): no op means GET, no time means untimed rows. What was assumed (the delimiter,
 * a unit, a header) is reported.
 *
 * libcsv calls back, but the engine reads. A piece of the source is given to libcsv. The rows that end in it are
 * interpreted at once, their records are queued, and their keys are copied to `keys`. read() hands out the queue. A
 * record with a count is queued once and handed out that many times.
 *
 * libcsv does not count lines. It reports every unquoted line feed (CSV_REPALL_NL), and line feeds within quotes are
 * counted in the fields. So messages can name the line where a row begins. */
#include "sim/format.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "traces/text/columns.h"
#include "traces/text/expansion.h"
#include "traces/text/header.h"
#include "traces/text/origins.h"

#include <csv.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_BYTES = 64 << 10,
    COLUMNS_MOST = 1 << 16,
    FIELD_LIMIT = 64 << 20, /* a longer field is most likely a quote without an end */
};

struct field {
    size_t begin, bytes; /* place in row_text */
};

struct queued {
    struct record record; /* without its key */
    size_t key;           /* place of the key in keys */
    size_t tenant;        /* likewise of its tenant, which a 0 ends, if there is such a column */
    uint32_t count;       /* how many times it is still to be handed out */
    uint8_t decimals;     /* of its time, as it is written */
    size_t text_end;      /* where its row ends in texts, if they are kept */
};

extern const struct format format_csv;

struct csv {
    struct source *source;
    const struct format_options *options;
    struct intake *intake;
    struct csv_parser parser;
    bool parser_open, ended;
    struct error *error; /* of the current call, for the callbacks */

    struct columns columns;
    bool header_done;
    size_t header_fields; /* 0: no header */

    char *row_text; /* the fields of the current row, one after the other */
    size_t row_bytes, row_capacity;
    struct field *fields;
    size_t field_count, field_capacity;
    uint64_t line, row_line; /* libcsv's present line, and the line where its row began */
    bool line_has_ended;     /* what libcsv was given ends with a line feed */

    char *keys;
    size_t key_bytes, key_capacity;
    struct queued *queue;
    size_t queue_next, queue_count, queue_capacity;

    /* With keeps_origin: */
    char *texts;                                  /* what was given to libcsv */
    size_t text_bytes, text_capacity, text_taken; /* up to here, records have it */
    struct record_origin *origins;
    int origin_room;
};

/* Makes room for `more` items after the `used` ones. */
static void *grow(void *items, size_t *capacity, size_t used, size_t more, size_t item_bytes)
{
    if (used + more <= *capacity)
        return items;
    while (*capacity < used + more)
        *capacity = *capacity ? 2 * *capacity : 64;
    return xrealloc(items, *capacity * item_bytes);
}

/* ---- the header ---- */

static const char *field_text(const struct csv *csv, size_t index)
{
    return csv->row_text + csv->fields[index].begin;
}

/* The fields of the current row as names. The caller frees the array. */
static struct name *row_names(const struct csv *csv)
{
    struct name *names = xcalloc(csv->field_count + 1, sizeof *names);

    for (size_t i = 0; i < csv->field_count; i++)
        names[i] = (struct name){field_text(csv, i), csv->fields[i].bytes};
    return names;
}

/* By default the first row is a header if it has a name in a column that holds numbers. */
static bool looks_like_header(const struct csv *csv)
{
    static const enum role numeric[] = {TIME, VALUE_SIZE, KEY_SIZE, TTL, COUNT, DB};

    for (size_t i = 0; i < sizeof numeric / sizeof *numeric; i++) {
        int index = csv->columns.of[numeric[i]].index;
        if (index >= 0 && (size_t)index < csv->field_count &&
            header_is_name(field_text(csv, (size_t)index), csv->fields[index].bytes))
            return true;
    }
    return false;
}

/* In Meta's CDN traces the OpType is a number. */
static void map_op_type(struct csv *csv)
{
    int op = csv->columns.of[OP].index;
    char plain[COLUMN_NAME];

    if (!csv->columns.by_header || op < 0 || (size_t)op >= csv->field_count)
        return;
    columns_plain_name(plain, field_text(csv, (size_t)op), csv->fields[op].bytes);
    if (!strcmp(plain, "optype"))
        columns_add_op_map(&csv->columns, "1:get");
}

/* Whether the delimiter is still to be found in the first line. It is not if only the first column is used. */
static bool delimiter_is_open(const struct columns *columns)
{
    if (columns->delimiter)
        return false;
    for (int role = 0; role < ROLES; role++)
        if (columns->of[role].index > 0)
            return true;
    return columns->by_header || columns->by_name;
}

static int blank_is_space(unsigned char byte)
{
    return isblank(byte);
}

/* Records what was assumed without a setting of the user. */
static void note_assumed(struct csv *csv)
{
    csv->intake->has_key_sizes = csv->columns.of[KEY_SIZE].index >= 0;
    if (csv->columns.of[TTL].index >= 0 && !csv->columns.ttl_unit_given)
        snprintf(csv->intake->ttl_unit, sizeof csv->intake->ttl_unit, "s");
}

/* Looks at the first row. Returns 1 if it was a header, 0 if it is a row like the others, -1 on error. */
static int take_header(struct csv *csv)
{
    struct name *names = row_names(csv);
    char where[300];
    int status = 0;

    csv->header_done = true;
    csv->intake->reads_lack_sizes = csv->columns.of[OP].index >= 0 && csv->columns.of[VALUE_SIZE].index < 0;
    snprintf(where, sizeof where, "%s:%ju", source_name(csv->source), (uintmax_t)csv->row_line);
    if (csv->columns.header == HEADER_AUTO && !csv->columns.by_header && !csv->columns.by_name)
        csv->intake->header_assumed = looks_like_header(csv);
    if (csv->columns.by_header || csv->columns.by_name || csv->intake->header_assumed ||
        csv->columns.header == HEADER_YES) {
        status = header_map(&csv->columns, names, csv->field_count, csv->intake, where, csv->error) ? -1 : 1;
        csv->header_fields = csv->field_count;
        csv->intake->blanks_trimmed = header_has_blanks(names, csv->field_count);
    } else {
        header_note_ignored(&csv->columns, names, csv->field_count, true, csv->intake);
    }
    free(names);
    if (status >= 0)
        note_assumed(csv);
    if (status > 0)
        map_op_type(csv);
    if (csv->intake->blanks_trimmed)
        csv_set_space_func(&csv->parser, blank_is_space); /* for the following pieces */
    return status;
}

/* ---- rows ---- */

struct text {
    const char *begin, *end;
};

/* The field of a role; empty if there is none. Blanks around it are removed, except from keys and values. */
static struct text field_of(const struct csv *csv, enum role role)
{
    int index = csv->columns.of[role].index;

    if (index < 0 || (size_t)index >= csv->field_count)
        return (struct text){"", ""};
    struct text field = {field_text(csv, (size_t)index), field_text(csv, (size_t)index) + csv->fields[index].bytes};
    if (role == KEY || role == VALUE)
        return field;
    while (field.begin < field.end && isblank((unsigned char)*field.begin))
        field.begin++;
    while (field.begin < field.end && isblank((unsigned char)field.end[-1]))
        field.end--;
    return field;
}

static bool is_empty(struct text field)
{
    return field.begin == field.end;
}

/* Reports a bad field. If the row may be a header that was not recognized, the message says how to declare it. */
static int bad_because(struct csv *csv, enum role role, struct text field, const char *why)
{
    bool may_be_header = csv->intake->rows == 1 && !csv->header_fields && csv->columns.header == HEADER_AUTO;

    int length = field.end - field.begin < 60 ? (int)(field.end - field.begin) : 60;

    if (csv->columns.of[role].index < 0)
        return intake_bad_row(csv->intake, csv->options, csv->source, csv->row_line, csv->error,
                              "missing %s: no column has it: say which one does with --columns %s=NAME",
                              columns_role_text(role), columns_role_name(role));
    if (!length)
        return intake_bad_row(csv->intake, csv->options, csv->source, csv->row_line, csv->error, "missing %s",
                              columns_role_text(role));
    if (!*why && may_be_header)
        why = "if this row has the names of the columns: --columns header=yes";
    return intake_bad_row(csv->intake, csv->options, csv->source, csv->row_line, csv->error, "bad %s '%.*s'%s%s",
                          columns_role_text(role), length, field.begin, *why ? ": " : "", why);
}

static int bad(struct csv *csv, enum role role, struct text field)
{
    return bad_because(csv, role, field, "");
}

/* "12,5", where something else is between the columns: the comma becomes a point. */
static void take_decimal_comma(struct csv *csv, struct text field)
{
    char *comma = is_empty(field) || csv->columns.delimiter == ','
                      ? NULL
                      : memchr(field.begin, ',', (size_t)(field.end - field.begin));

    if (!comma || memchr(comma + 1, ',', (size_t)(field.end - comma - 1)) ||
        memchr(field.begin, '.', (size_t)(field.end - field.begin)))
        return;
    *comma = '.';
    csv->intake->decimal_commas++;
}

/* Reads "12", "-1" or "0.5", times 10^places. */
static bool scan_signed(struct text field, int places, int64_t *number)
{
    bool negative = !is_empty(field) && *field.begin == '-';

    if (!digits_decimal(field.begin + negative, field.end, places, number))
        return false;
    if (negative)
        *number = -*number;
    return true;
}

static bool scan_limited(struct text field, uint64_t limit, uint64_t *number)
{
    return digits_scan(field.begin, field.end, number) && *number <= limit;
}

/* Each take_* completes the record from one role. It returns 1; or 0 if the row is left out (lenient, or not a
 * command); or -1 on error. */
static int take_time(struct csv *csv, struct record *record)
{
    struct text field = field_of(csv, TIME);
    const char *why;

    if (csv->columns.of[TIME].index < 0) {
        record->flags |= REQUEST_UNTIMED;
        return 1;
    }
    take_decimal_comma(csv, field);
    why = times_scan(&csv->columns.times, field.begin, field.end, &record->time_us);
    if (why)
        return bad_because(csv, TIME, field, why);
    if (!csv->columns.times.given && !*csv->intake->time_unit)
        snprintf(csv->intake->time_unit, sizeof csv->intake->time_unit, "%s", times_unit(&csv->columns.times));
    return 1;
}

static int take_op(struct csv *csv, struct record *record)
{
    struct text field = field_of(csv, OP);
    size_t length = (size_t)(field.end - field.begin);
    struct verb verb = {.op = OP_GET};

    if (csv->columns.of[OP].index >= 0) {
        if (is_empty(field))
            return bad(csv, OP, field);
        if (!columns_find_verb(&csv->columns, field.begin, length, &verb)) {
            intake_unknown(csv->intake, field.begin, length);
            return 0;
        }
    }
    if (command_table[verb.op].skipped)
        intake_unknown(csv->intake, field.begin, length);
    if (command_table[verb.op].type > TYPE_STRING) { /* no column holds elements */
        intake_unknown(csv->intake, field.begin, length);
        return 0;
    }
    record->op = verb.op;
    record->flags |= verb.flags;
    csv->intake->renamed_commands += verb.renamed;
    return 1;
}

static int take_key(struct csv *csv, struct record *record)
{
    struct text field = field_of(csv, KEY), size = field_of(csv, KEY_SIZE);
    uint64_t key_size = 0;

    record->key_bytes = record->key_len = 0;
    if (!command_has_key((enum op)record->op))
        return 1;
    if (is_empty(field))
        return bad(csv, KEY, field);
    if (!is_empty(size) && !scan_limited(size, VALUE_UNKNOWN - 1, &key_size))
        return bad(csv, KEY_SIZE, size);
    record->key_bytes = (uint32_t)(field.end - field.begin);
    record->key_len = key_size ? (uint32_t)key_size : record->key_bytes;
    return 1;
}

/* The value's text gives its length, and tells whether it is an integer. */
static void take_value_text(struct text field, struct record *record)
{
    record->value_len = (uint32_t)(field.end - field.begin);
    if (digits_canonical(field.begin, field.end, &record->number))
        record->flags |= REQUEST_INTEGER;
}

/* Whether a read with a size of 0 read an empty value. */
static bool is_empty_value(struct csv *csv, int64_t size)
{
    return !size && intake_zero_size(csv->intake, csv->options->size_zero, format_csv.zero_is_empty);
}

static int take_value(struct csv *csv, struct record *record)
{
    struct text field = field_of(csv, VALUE_SIZE);
    bool measures = command_table[record->op].measures, writes = command_takes((enum op)record->op, 'v');
    int64_t size = 0;

    if (csv->columns.of[VALUE].index >= 0 && !measures) {
        take_value_text(field_of(csv, VALUE), record);
    } else if (is_empty(field)) {
        if (writes)
            return bad(csv, VALUE_SIZE, field);
        record->value_len = measures ? VALUE_UNKNOWN : 0;
    } else {
        if (!scan_signed(field, 0, &size) || size >= VALUE_UNKNOWN || (size < 0 && writes))
            return bad(csv, VALUE_SIZE, field);
        record->value_len = size > 0 ? (uint32_t)size : measures && !is_empty_value(csv, size) ? VALUE_UNKNOWN : 0;
    }
    if (!command_has_key((enum op)record->op) || !command_takes((enum op)record->op, 'n'))
        return 1;
    if (!(record->flags & REQUEST_INTEGER))
        return bad(csv, VALUE, field_of(csv, VALUE));
    record->flags &= (uint16_t)~REQUEST_INTEGER; /* here the number is an increment, not a value */
    record->value_len = 0;
    return 1;
}

/* In traces, 0 and -1 mean "no ttl", except for commands that only set a ttl. */
static int take_ttl(struct csv *csv, struct record *record)
{
    const struct command *command = &command_table[record->op];
    struct text field = field_of(csv, TTL);
    bool needed = command_takes((enum op)record->op, 't');

    record->ttl_ms = 0;
    if (is_empty(field))
        return needed ? bad(csv, TTL, field) : 1;
    take_decimal_comma(csv, field);
    if (!scan_signed(field, csv->columns.ttl_places, &record->ttl_ms))
        return bad(csv, TTL, field);
    if (needed)
        record->flags |=
            (uint16_t)((command->millis ? REQUEST_MILLIS : 0) | (command->absolute ? REQUEST_ABSOLUTE : 0));
    if (record->ttl_ms > 0 || (needed && command->retimes))
        record->flags |= REQUEST_TTL;
    else if (needed)
        return bad(csv, TTL, field);
    else
        record->ttl_ms = 0;
    return 1;
}

static int bad_count(struct csv *csv, struct text field)
{
    char bound[EXPANSION_WHY], why[EXPANSION_WHY + 80];

    snprintf(why, sizeof why, "%s, --columns count=none ignores the column, --lenient leaves out such rows",
             expansion_why(bound, csv->options, EXPANSION_MOST));
    return bad_because(csv, COUNT, field, why);
}

static int take_count_and_db(struct csv *csv, struct record *record, uint32_t *count)
{
    struct text repeats = field_of(csv, COUNT), db = field_of(csv, DB);
    uint64_t number = 1;

    if (csv->columns.of[COUNT].index >= 0 && (!digits_scan(repeats.begin, repeats.end, &number) || !number))
        return bad(csv, COUNT, repeats);
    if (number > expansion_most(csv->options, EXPANSION_MOST))
        return bad_count(csv, repeats);
    *count = (uint32_t)number;
    number = 0;
    if (csv->columns.of[DB].index >= 0 && !scan_limited(db, DB_MAX - 1, &number))
        return bad(csv, DB, db);
    record->db = (uint8_t)number;
    return 1;
}

static uint8_t decimals_of(struct text field)
{
    const char *point = is_empty(field) ? NULL : memchr(field.begin, '.', (size_t)(field.end - field.begin));

    return point && field.end - point <= 7 ? (uint8_t)(field.end - point - 1) : 0;
}

static void queue_record(struct csv *csv, const struct record *record, uint32_t count)
{
    struct text tenant = field_of(csv, TENANT);
    size_t bytes = record->key_bytes, tenant_bytes = (size_t)(tenant.end - tenant.begin);

    csv->queue = grow(csv->queue, &csv->queue_capacity, csv->queue_count, 1, sizeof *csv->queue);
    csv->keys = grow(csv->keys, &csv->key_capacity, csv->key_bytes, bytes + tenant_bytes + 1, 1);
    if (bytes)
        memcpy(csv->keys + csv->key_bytes, field_of(csv, KEY).begin, bytes);
    csv->queue[csv->queue_count++] =
        (struct queued){.record = *record, .key = csv->key_bytes, .tenant = csv->key_bytes + bytes, .count = count};
    if (csv->options->keeps_origin)
        csv->queue[csv->queue_count - 1].decimals = decimals_of(field_of(csv, TIME));
    csv->key_bytes += bytes;
    if (csv->columns.of[TENANT].index < 0)
        return;
    memcpy(csv->keys + csv->key_bytes, tenant.begin, tenant_bytes);
    csv->key_bytes += tenant_bytes;
    csv->keys[csv->key_bytes++] = '\0';
}

/* Whether the row has more fields than the header, as when a key has commas without quotes. A delimiter at the end of a
 * line does not begin a field. */
static bool too_many_fields(const struct csv *csv)
{
    for (size_t i = csv->header_fields; i < csv->field_count; i++)
        if (csv->fields[i].bytes)
            return true;
    return false;
}

/* Queues the record of the current row. Returns 0, also if the row gives none, or -1 on error. */
static int take_row(struct csv *csv)
{
    struct record record;
    uint32_t count = 1;
    int status;

    record_clear(&record);
    record.line = csv->row_line;
    csv->intake->rows++;
    if (csv->header_fields && too_many_fields(csv))
        return intake_bad_row(csv->intake, csv->options, csv->source, csv->row_line, csv->error,
                              "expected %zu columns, found %zu", csv->header_fields, csv->field_count);
    if ((status = take_op(csv, &record)) <= 0 || (status = take_time(csv, &record)) <= 0 ||
        (status = take_count_and_db(csv, &record, &count)) <= 0)
        return status;
    if (!command_table[record.op].skipped &&
        ((status = take_key(csv, &record)) <= 0 || (status = take_value(csv, &record)) <= 0 ||
         (status = take_ttl(csv, &record)) <= 0))
        return status;
    queue_record(csv, &record, count);
    return 0;
}

/* ---- callbacks of libcsv; after an error they only wait for the end of the piece ---- */

static uint64_t count_newlines(const char *text, size_t bytes)
{
    const char *end = text + bytes;
    uint64_t count = 0;

    while ((text = memchr(text, '\n', (size_t)(end - text)))) {
        count++;
        text++;
    }
    return count;
}

/* Whether the row may have one more field, of so many bytes. 0, or -1. */
static int check_row(struct csv *csv, size_t bytes)
{
    const char *name = source_name(csv->source);

    if (csv->field_count == COLUMNS_MOST)
        return error_set(csv->error, ERROR_INPUT, "%s:%ju: row of more than %d columns", name, (uintmax_t)csv->row_line,
                         COLUMNS_MOST);
    if (csv->row_bytes + bytes > FIELD_LIMIT)
        return error_set(csv->error, ERROR_INPUT, "%s:%ju: row longer than %d bytes", name, (uintmax_t)csv->row_line,
                         FIELD_LIMIT);
    return csv->row_bytes + bytes < csv->row_capacity
               ? 0
               : source_may_take(csv->source, 2 * (csv->row_bytes + bytes), NULL, csv->error);
}

static void on_field(void *text, size_t bytes, void *state)
{
    struct csv *csv = state;

    if (error_is_set(csv->error))
        return;
    if (check_row(csv, bytes))
        return;
    csv->fields = grow(csv->fields, &csv->field_capacity, csv->field_count, 1, sizeof *csv->fields);
    csv->row_text = grow(csv->row_text, &csv->row_capacity, csv->row_bytes, bytes + 1, 1);
    if (bytes)
        memcpy(csv->row_text + csv->row_bytes, text, bytes);
    csv->fields[csv->field_count++] = (struct field){csv->row_bytes, bytes};
    csv->line += count_newlines(csv->row_text + csv->row_bytes, bytes);
    csv->row_bytes += bytes;
}

/* Between rows; those before the first are skipped when the trace is opened. A key may begin with '#', a time does not. */
static bool is_comment(struct csv *csv)
{
    bool is_comment =
        csv->header_done && csv->columns.of[TIME].index == 0 && csv->fields[0].bytes && *field_text(csv, 0) == '#';

    csv->intake->comment_lines += is_comment;
    return is_comment;
}

/* Called at the end of a row, after an empty line, and for the LF of a CRLF. `byte` is the byte that ended it, -1 at
 * the end of the trace. */
static void on_row(int byte, void *state)
{
    struct csv *csv = state;

    if (error_is_set(csv->error))
        return;
    if (csv->field_count && !is_comment(csv)) {
        int header = csv->header_done ? 0 : take_header(csv);
        if (header == 0)
            take_row(csv);
    }
    csv->line += byte == '\n';
    csv->row_line = csv->line;
    csv->field_count = csv->row_bytes = 0;
}

/* Blanks are part of a field, as RFC 4180 requires. */
static int no_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

static int end_of_rows(struct csv *csv)
{
    csv->ended = true;
    if (!csv->line_has_ended)
        source_note_open_line(csv->source);
    /* Strict only at the end: within the trace, a quote in an unquoted field is an ordinary character. */
    csv_set_opts(&csv->parser, CSV_REPALL_NL | CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(&csv->parser, on_field, on_row, csv) != 0)
        return error_set(csv->error, ERROR_INPUT, "%s:%ju: quoted field without an end", source_name(csv->source),
                         (uintmax_t)csv->row_line);
    return error_is_set(csv->error) ? -1 : 0;
}

/* The text of a row is what was given to libcsv since the row before. */
static void keep_text(struct csv *csv, const char *text, size_t bytes)
{
    csv->texts = grow(csv->texts, &csv->text_capacity, csv->text_bytes, bytes + 1, 1);
    memcpy(csv->texts + csv->text_bytes, text, bytes);
    csv->text_bytes += bytes;
}

static void end_texts(struct csv *csv, size_t queued)
{
    for (; queued < csv->queue_count; queued++)
        csv->queue[queued].text_end = csv->text_bytes;
}

/* Those that records have are gone; behind the last record there may be more. */
static void drop_texts(struct csv *csv)
{
    csv->text_bytes -= csv->text_taken;
    if (csv->text_bytes)
        memmove(csv->texts, csv->texts + csv->text_taken, csv->text_bytes);
    csv->text_taken = 0;
    csv->intake->text_behind = csv->texts;
    csv->intake->text_behind_bytes = csv->text_bytes;
}

/* Of the record at the front of the queue: the first of its row has the row's text, its repetitions have none of it. */
static void take_origin(struct csv *csv, const struct queued *queued, int i, struct record *record)
{
    csv->origins[i] = (struct record_origin){.text = csv->texts + csv->text_taken,
                                             .text_bytes = (uint32_t)(queued->text_end - csv->text_taken),
                                             .decimals = queued->decimals};
    csv->text_taken = queued->text_end;
    record->origin = &csv->origins[i];
}

/* Gives the next piece to libcsv. */
static int parse_piece(struct csv *csv)
{
    size_t bytes, queued = csv->queue_count;
    const char *text = source_peek(csv->source, 1, &bytes, csv->error);

    if (!text)
        return -1;
    if (bytes == 0) {
        int status = end_of_rows(csv);

        end_texts(csv, queued);
        return status;
    }
    if (bytes > PIECE_BYTES)
        bytes = PIECE_BYTES;
    if (!csv->header_done || csv->options->keeps_origin) { /* the header may change how the rest is parsed */
        const char *newline = memchr(text, '\n', bytes);
        bytes = newline ? (size_t)(newline - text) + 1 : bytes;
    }
    if (csv->options->keeps_origin && origins_may_keep(csv->source, csv->text_bytes, csv->error))
        return -1;
    if (csv->options->keeps_origin)
        keep_text(csv, text, bytes);
    if (csv_parse(&csv->parser, text, bytes, on_field, on_row, csv) != bytes)
        return error_set(csv->error, ERROR_INPUT, "%s:%ju: %s", source_name(csv->source), (uintmax_t)csv->row_line,
                         csv_strerror(csv_error(&csv->parser)));
    end_texts(csv, queued);
    csv->line_has_ended = text[bytes - 1] == '\n';
    source_consume(csv->source, bytes);
    if (csv_get_buffer_size(&csv->parser) > FIELD_LIMIT)
        return error_set(csv->error, ERROR_INPUT, "%s:%ju: field longer than %d bytes", source_name(csv->source),
                         (uintmax_t)csv->row_line, FIELD_LIMIT);
    if (source_may_take(csv->source, csv_get_buffer_size(&csv->parser), NULL, csv->error))
        return -1;
    return error_is_set(csv->error) ? -1 : 0;
}

static int skip_byte_order_mark(struct csv *csv, struct error *error)
{
    size_t bytes;
    const char *text = source_peek(csv->source, 3, &bytes, error);

    if (!text)
        return -1;
    if (bytes >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        source_consume(csv->source, 3);
    return 0;
}

/* Comments, and what a spreadsheet says of the delimiter. */
static int skip_beginning(struct csv *csv, struct error *error)
{
    uint64_t lines, comments;
    size_t bytes;
    const char *text = source_peek(csv->source, PIECE_BYTES, &bytes, error);

    if (!text)
        return -1;
    bytes = header_skip(text, bytes < PIECE_BYTES ? bytes : PIECE_BYTES, &lines, &comments);
    csv->line = csv->row_line += lines;
    csv->intake->comment_lines += comments;
    if (csv->options->keeps_origin)
        keep_text(csv, text, bytes);
    source_consume(csv->source, bytes);
    return 0;
}

/* Without a header, and where nobody has said which column is which, the first rows may. */
static int guess_columns(struct csv *csv, struct error *error)
{
    char guess[HEADER_GUESS];
    size_t bytes;
    const char *text = source_peek(csv->source, PIECE_BYTES, &bytes, error);

    if (!text)
        return -1;
    if (csv->options->columns || !header_sure_guess(guess, text, bytes < PIECE_BYTES ? bytes : PIECE_BYTES))
        return 0;
    snprintf(csv->intake->columns, sizeof csv->intake->columns, "%s", guess);
    return columns_scan(&csv->columns, guess, error);
}

static int settle_delimiter(struct csv *csv, struct error *error)
{
    bool open = delimiter_is_open(&csv->columns);
    size_t bytes;
    const char *text = source_peek(csv->source, PIECE_BYTES, &bytes, error);

    if (!text)
        return -1;
    if (!csv->columns.delimiter)
        csv->columns.delimiter = open ? header_delimiter(text, bytes) : ',';
    if (open && csv->columns.delimiter != ',')
        snprintf(csv->intake->delimiter, sizeof csv->intake->delimiter, "%s",
                 columns_delimiter_name(csv->columns.delimiter));
    csv_set_delim(&csv->parser, (unsigned char)csv->columns.delimiter);
    return 0;
}

static int open_csv(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                    struct error *error)
{
    struct csv *csv = state;

    *csv =
        (struct csv){.source = source, .options = options, .intake = intake, .error = error, .line = 1, .row_line = 1};
    columns_init(&csv->columns);
    if (options->columns && columns_scan(&csv->columns, options->columns, error) < 0)
        return -1;
    if (csv_init(&csv->parser, CSV_REPALL_NL) != 0)
        return error_set(error, ERROR_INTERNAL, "libcsv cannot start");
    csv->parser_open = true;
    csv_set_space_func(&csv->parser, no_space);
    if (skip_byte_order_mark(csv, error) < 0 || skip_beginning(csv, error) < 0 || guess_columns(csv, error) < 0 ||
        settle_delimiter(csv, error) < 0)
        return -1;
    while (!csv->header_done && !csv->ended)
        if (parse_piece(csv) < 0)
            return -1;
    return 0;
}

static int read_csv(void *state, struct record *records, int room, struct error *error)
{
    struct csv *csv = state;
    int count = 0;

    csv->error = error;
    if (csv->queue_next == csv->queue_count) {
        csv->queue_next = csv->queue_count = csv->key_bytes = 0;
        drop_texts(csv);
    }
    if (csv->options->keeps_origin && csv->origin_room < room) {
        csv->origin_room = room;
        csv->origins = xrealloc(csv->origins, (size_t)room * sizeof *csv->origins);
    }
    while (!csv->queue_count && !csv->ended)
        if (parse_piece(csv) < 0 && !csv->queue_count)
            return -1;
    while (count < room && csv->queue_next < csv->queue_count) {
        struct queued *queued = &csv->queue[csv->queue_next];
        for (; queued->count && count < room; queued->count--) {
            records[count] = queued->record;
            records[count].tenant = csv->columns.of[TENANT].index < 0 ? NULL : csv->keys + queued->tenant;
            if (csv->options->keeps_origin)
                take_origin(csv, queued, count, &records[count]);
            records[count++].key = csv->keys + queued->key;
        }
        csv->queue_next += !queued->count;
    }
    return count;
}

/* The queue is in the order of lines, and the row to drop is at its front. */
static void forget_row(void *state, uint64_t line)
{
    struct csv *csv = state;

    while (csv->queue_next < csv->queue_count && csv->queue[csv->queue_next].record.line == line)
        csv->queue_next++;
}

static void close_csv(void *state)
{
    struct csv *csv = state;

    if (csv->parser_open)
        csv_free(&csv->parser);
    free(csv->row_text);
    free(csv->fields);
    free(csv->keys);
    free(csv->queue);
    free(csv->texts);
    free(csv->origins);
}

const struct format format_csv = {
    .name = "csv",
    .summary = "any CSV: columns by --columns, or by the names in its header",
    .state_size = sizeof(struct csv),
    .detect = header_detect,
    .open = open_csv,
    .read = read_csv,
    .forget = forget_row,
    .close = close_csv,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/rows.h"

#include "sim/digits.h"
#include "traces/text/blocks.h"
#include "traces/text/columns.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { LOOK_ROWS = 100 }; /* rows that tell a format */
static const int64_t FILETIME_OF_1970 = INT64_C(116444736000000000);

/* ---- a line and its columns ---- */

struct piece {
    const char *text, *end;
};

static inline bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static inline bool is_empty(struct piece piece)
{
    return piece.text == piece.end;
}

/* Without blanks, and a pair of quotes, around it. */
static inline struct piece trimmed(const char *text, const char *end)
{
    while (text < end && is_blank(*text))
        text++;
    while (text < end && is_blank(end[-1]))
        end--;
    if (end - text >= 2 && *text == '"' && end[-1] == '"')
        text++, end--;
    return (struct piece){text, end};
}

/* Columns apart by as many blanks as there are. */
static unsigned split_at_blanks(const char *at, const char *end, struct piece pieces[ROWS_COLUMNS])
{
    unsigned count = 0;

    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            return count;
        const char *text = at;
        while (at < end && !is_blank(*at))
            at++;
        if (count < ROWS_COLUMNS)
            pieces[count] = trimmed(text, at);
        count++;
    }
}

/* Bit 7 of each byte of the word that is the delimiter, whose byte is in each of `eight`. */
static inline uint64_t delimiters_in(const char *text, uint64_t eight)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t word;

    memcpy(&word, text, sizeof word);
    word = le64toh(word) ^ eight;
    return ~(((word & low) + low) | word | low);
}

/* Returns how many columns there are; the first ROWS_COLUMNS are stored. An empty line has none. */
static unsigned split(const char *line, const char *end, char delimiter, struct piece pieces[ROWS_COLUMNS])
{
    const uint64_t eight = (unsigned char)delimiter * UINT64_C(0x0101010101010101);
    const char *text = line, *at = line;
    unsigned count = 0;

    if (delimiter == ' ')
        return split_at_blanks(line, end, pieces);
    for (; end - at >= 8; at += 8)
        for (uint64_t found = delimiters_in(at, eight); found; found &= found - 1) {
            const char *stop = at + __builtin_ctzll(found) / 8;

            if (count < ROWS_COLUMNS)
                pieces[count] = trimmed(text, stop);
            count++;
            text = stop + 1;
        }
    for (; at <= end; at++)
        if (at == end || *at == delimiter) {
            if (count < ROWS_COLUMNS)
                pieces[count] = trimmed(text, at);
            count++;
            text = at + 1;
        }
    return count == 1 && is_empty(pieces[0]) ? 0 : count;
}

static const char *without_mark(const char *line, const char *end)
{
    return end - line >= 3 && !memcmp(line, "\xef\xbb\xbf", 3) ? line + 3 : line;
}

static char delimiter_of(const struct row_layout *layout, const char *line, const char *end)
{
    if (layout->delimiter)
        return layout->delimiter;
    return memchr(line, ',', (size_t)(end - line)) ? ',' : memchr(line, '\t', (size_t)(end - line)) ? '\t' : ' ';
}

/* ---- which column is which ---- */

/* The columns as the layout has them. */
static void places_of_layout(struct row_places *places, const struct row_layout *layout)
{
    *places = (struct row_places){.least = layout->least, .most = layout->more ? 0 : layout->column_count};
    for (unsigned i = 0; i < ROWS_COLUMNS; i++)
        places->place_of[i] =
            i < layout->column_count && layout->columns[i].role != ROW_ANYTHING ? (uint8_t)i : ROWS_NONE;
}

/* The layout's column with this name; column_count if there is none. */
static unsigned column_named(const struct row_layout *layout, struct piece piece)
{
    char plain[COLUMN_NAME];
    unsigned i;

    columns_plain_name(plain, piece.text, (size_t)(piece.end - piece.text));
    for (i = 0; i < layout->column_count; i++)
        if (!strcmp(plain, layout->columns[i].name) ||
            (layout->columns[i].other && !strcmp(plain, layout->columns[i].other)))
            break;
    return i;
}

/* The columns as a header has them. Returns how many of its names are known; 0 if it is no header. *missing becomes a
 * column that it lacks. */
static unsigned places_of_header(struct row_places *places, const struct row_layout *layout, const struct piece *pieces,
                                 unsigned count, const char **missing)
{
    bool found[ROWS_COLUMNS] = {false};
    unsigned known = 0, mark = count && pieces[0].end - pieces[0].text == 1 && *pieces[0].text == '#';

    *places = (struct row_places){.most = layout->more ? 0 : count - mark};
    *missing = NULL;
    memset(places->place_of, ROWS_NONE, sizeof places->place_of);
    for (unsigned i = mark; i < count && i < ROWS_COLUMNS; i++) {
        unsigned column = column_named(layout, pieces[i]);

        if (column == layout->column_count || found[column])
            continue;
        known++;
        found[column] = true;
        if (layout->columns[column].role != ROW_ANYTHING)
            places->place_of[column] = (uint8_t)(i - mark);
        if (layout->columns[column].role != ROW_ANYTHING && !layout->columns[column].optional)
            places->least = i - mark + 1;
    }
    for (unsigned i = 0; i < layout->column_count; i++)
        if (layout->columns[i].role != ROW_ANYTHING && !layout->columns[i].optional && !found[i])
            *missing = layout->columns[i].name;
    return known > 1 ? known : 0;
}

/* ---- what a column says ---- */

static bool scan_hex(struct piece piece, uint64_t *number)
{
    uint64_t value = 0;

    if (piece.end - piece.text > 2 && piece.text[0] == '0' && (piece.text[1] | 0x20) == 'x')
        piece.text += 2;
    if (is_empty(piece) || piece.end - piece.text > 16)
        return false;
    for (; piece.text < piece.end; piece.text++) {
        unsigned digit = (unsigned char)*piece.text;

        if (digit - '0' <= 9)
            digit -= '0';
        else if ((digit | 0x20) - 'a' <= 5)
            digit = (digit | 0x20) - 'a' + 10;
        else
            return false;
        value = value << 4 | digit;
    }
    *number = value;
    return true;
}

static inline bool scan_number(struct piece piece, enum row_number kind, uint64_t *number)
{
    return kind == ROW_HEX ? scan_hex(piece, number) : digits_scan(piece.text, piece.end, number);
}

/* "12.5", "-1", "1.5e-4". */
static bool is_real(struct piece piece)
{
    int64_t number, places;

    return digits_decimal(piece.text, piece.end, 0, &number) || digits_float(piece.text, piece.end, &number, &places);
}

static bool scan_stamp(struct piece piece, int64_t *time_us)
{
    char copy[15] = "";
    struct tm tm = {0};
    const char *rest;
    uint64_t number;

    if (piece.end - piece.text != sizeof copy - 1 || !digits_scan(piece.text, piece.end, &number))
        return false;
    memcpy(copy, piece.text, sizeof copy - 1);
    rest = strptime(copy, "%Y%m%d%H%M%S", &tm);
    if (!rest || *rest)
        return false;
    const int day = tm.tm_mday;

    *time_us = (int64_t)timegm(&tm) * 1000000;
    return tm.tm_mday == day && *time_us >= 0; /* timegm would turn a 30th of February into a day of March */
}

/* Fractions may come with an exponent: 1.5e9. */
static bool scan_seconds(struct piece piece, int64_t *time_us)
{
    int64_t number, places;

    if (digits_decimal(piece.text, piece.end, 6, time_us))
        return true;
    if (is_empty(piece) || *piece.text == '+' || !digits_float(piece.text, piece.end, &number, &places) || number < 0)
        return false;
    for (; places > 6; places--)
        number /= 10;
    for (; places < 6; places++)
        if (__builtin_mul_overflow(number, 10, &number))
            return false;
    *time_us = number;
    return true;
}

/* NULL, or why it is bad: "" if there is nothing to add. */
static const char *scan_time(struct times *times, enum row_clock clock, struct piece piece, int64_t *time_us)
{
    switch (clock) {
    case ROW_SECONDS:
        return scan_seconds(piece, time_us) ? NULL : "";
    case ROW_MILLISECONDS:
        return digits_decimal(piece.text, piece.end, 3, time_us) ? NULL : "";
    case ROW_MICROSECONDS:
        return digits_decimal(piece.text, piece.end, 0, time_us) ? NULL : "";
    case ROW_FILETIME:
        if (!digits_decimal(piece.text, piece.end, 0, time_us))
            return "";
        if (*time_us < FILETIME_OF_1970)
            return "no Windows filetime (100 ns since 1601) of today";
        *time_us = (*time_us - FILETIME_OF_1970) / 10;
        return NULL;
    case ROW_STAMP:
        return scan_stamp(piece, time_us) ? NULL : "";
    case ROW_AUTO:
        return times_scan(times, piece.text, piece.end, time_us);
    case ROW_UNTIMED:
        break;
    }
    return "";
}

/* NULL if there is none. */
static inline const struct row_verb *find_verb(const struct row_layout *layout, struct piece piece)
{
    size_t length = (size_t)(piece.end - piece.text);

    for (const struct row_verb *verb = layout->verbs; verb->name; verb++)
        if (!strncasecmp(verb->name, piece.text, length) && !verb->name[length])
            return verb;
    return NULL;
}

static const char *role_text(enum row_role role)
{
    static const char *const texts[] = {
        [ROW_ANYTHING] = "column", [ROW_TIME] = "time",       [ROW_OP] = "operation",
        [ROW_VOLUME] = "volume",   [ROW_OFFSET] = "offset",   [ROW_BYTES] = "length",
        [ROW_KEY] = "key",         [ROW_SIZE] = "value size", [ROW_REPEATS] = "count",
    };

    return texts[role];
}

/* ---- rows ---- */

static int bad_because(struct rows *rows, enum row_role role, struct piece piece, const char *why, struct error *error)
{
    int length = piece.end - piece.text < 60 ? (int)(piece.end - piece.text) : 60;

    if (!length)
        return intake_bad_row(rows->intake, rows->options, rows->lines.source, rows->lines.number, error,
                              "missing %s; --lenient leaves out such rows", role_text(role));
    return intake_bad_row(rows->intake, rows->options, rows->lines.source, rows->lines.number, error,
                          "bad %s '%.*s'%s%s; --lenient leaves out such rows", role_text(role), length, piece.text,
                          *why ? ": " : "", why);
}

static int bad_count(struct rows *rows, unsigned found, struct error *error)
{
    const struct row_places *places = &rows->places;
    bool few = found < places->least;

    return intake_bad_row(rows->intake, rows->options, rows->lines.source, rows->lines.number, error,
                          "expected %s%u columns, found %u; --lenient leaves out such rows",
                          places->most == places->least ? ""
                          : few                         ? "at least "
                                                        : "at most ",
                          few ? places->least : places->most, found);
}

/* What a row said of blocks. */
struct extent {
    uint64_t offset, bytes;
    bool is_there;
};

/* Joins the volume's columns. */
static bool add_volume(struct rows *rows, struct piece piece)
{
    size_t bytes = (size_t)(piece.end - piece.text);

    if (rows->volume_bytes + bytes + 1 > ROWS_VOLUME)
        return false;
    memcpy(rows->volume + rows->volume_bytes, piece.text, bytes);
    rows->volume_bytes += (unsigned)bytes;
    rows->volume[rows->volume_bytes++] = ':';
    return true;
}

/* A row that is a little earlier than the one before came with it. */
static void settle_time(struct rows *rows, int64_t *time_us)
{
    if (*time_us >= rows->last_us) {
        rows->last_us = *time_us;
    } else if (rows->last_us - *time_us <= ROWS_LATE_US) {
        rows->intake->late_rows++;
        *time_us = rows->last_us;
    }
}

/* Values of more bytes than evsim counts are counted as so many. */
static void take_size(struct rows *rows, uint64_t size)
{
    if (size >= VALUE_UNKNOWN) {
        rows->intake->cut_sizes++;
        size = VALUE_UNKNOWN - 1;
    }
    rows->record.value_len = (uint32_t)size;
}

/* What to do with a row once a column has been looked at. */
enum verdict { ROW_FINE, ROW_LEFT_OUT, ROW_BAD };

static enum verdict take_column(struct rows *rows, const struct row_column *column, struct piece piece,
                                struct extent *extent, const char **why)
{
    const struct row_layout *layout = rows->layout;
    struct record *record = &rows->record;
    const struct row_verb *verb;
    uint64_t number = 1;

    switch (column->role) {
    case ROW_ANYTHING:
    case ROW_ROLES:
        return ROW_FINE;
    case ROW_TIME:
        *why = scan_time(&rows->times, layout->clock, piece, &record->time_us);
        return *why ? ROW_BAD : ROW_FINE;
    case ROW_OP:
        verb = is_empty(piece) ? NULL : find_verb(layout, piece);
        if (is_empty(piece))
            return ROW_BAD;
        if (!verb || verb->left_out) {
            intake_unknown(rows->intake, piece.text, (size_t)(piece.end - piece.text));
            return ROW_LEFT_OUT;
        }
        record->op = (uint16_t)verb->op;
        return ROW_FINE;
    case ROW_VOLUME:
        *why = "longer than evsim takes";
        return !is_empty(piece) && add_volume(rows, piece) ? ROW_FINE : ROW_BAD;
    case ROW_OFFSET:
        extent->is_there = true;
        return scan_number(piece, column->number, &extent->offset) &&
                       !__builtin_mul_overflow(extent->offset, layout->unit_bytes, &extent->offset)
                   ? ROW_FINE
                   : ROW_BAD;
    case ROW_BYTES:
        if (!scan_number(piece, column->number, &extent->bytes))
            return ROW_BAD;
        *why = "one request of more than 256 MB";
        if (__builtin_mul_overflow(extent->bytes, layout->unit_bytes, &extent->bytes) ||
            extent->bytes > ROWS_REQUEST_MOST)
            return ROW_BAD;
        return ROW_FINE;
    case ROW_KEY:
        record->key = piece.text;
        record->key_bytes = record->key_len = (uint32_t)(piece.end - piece.text);
        return is_empty(piece) ? ROW_BAD : ROW_FINE;
    case ROW_SIZE:
        if (is_empty(piece) || *piece.text == '-') {
            record->value_len = VALUE_UNKNOWN;
            return is_empty(piece) || is_real(piece) ? ROW_FINE : ROW_BAD;
        }
        if (!digits_decimal(piece.text, piece.end, 0, (int64_t *)&number))
            return ROW_BAD;
        take_size(rows, number);
        return ROW_FINE;
    case ROW_REPEATS:
        if (!is_empty(piece) && (!digits_scan(piece.text, piece.end, &number) || !number))
            return ROW_BAD;
        *why = "more than a row stands for";
        rows->all = number;
        return number <= ROWS_REPEATS_MOST ? ROW_FINE : ROW_BAD;
    }
    return ROW_FINE;
}

/* A read of unknown size takes the last known one, which is the reader's business; a write cannot be of unknown size. */
static bool settle_size(struct rows *rows)
{
    struct record *record = &rows->record;

    if (record->op == OP_SET)
        return record->value_len != VALUE_UNKNOWN;
    if (!command_table[record->op].measures)
        record->value_len = 0;
    else if (!record->value_len && !intake_zero_size(rows->intake, rows->options->size_zero, true))
        record->value_len = VALUE_UNKNOWN;
    return true;
}

/* The blocks that the request touches. */
static void settle_extent(struct rows *rows, const struct extent *extent)
{
    if (!extent->bytes) {
        rows->intake->empty_requests++;
        rows->all = 0;
        return;
    }
    rows->first_block = extent->offset / rows->block_bytes;
    rows->blocks = (extent->offset + extent->bytes - 1) / rows->block_bytes - rows->first_block + 1;
    rows->all *= rows->blocks;
    rows->record.value_len = rows->block_bytes;
}

static int first_lines(struct rows *rows, const char **line, const char *end, struct error *error);

/* Takes the columns that have a role, up to the first that settles what becomes of the row. 1 if all are fine, 0 if the row
 * is left out, -1 on error. */
static int take_columns(struct rows *rows, const struct piece *pieces, unsigned found, struct extent *extent,
                        struct error *error)
{
    const struct row_layout *layout = rows->layout;

    for (unsigned i = 0; i < layout->column_count; i++) {
        const char *why = "";
        unsigned place = rows->places.place_of[i];

        if (place >= found)
            continue;
        switch (take_column(rows, &layout->columns[i], pieces[place], extent, &why)) {
        case ROW_FINE:
            break;
        case ROW_LEFT_OUT:
            return 0;
        case ROW_BAD:
            return found < rows->places.least ? bad_count(rows, found, error)
                                              : bad_because(rows, layout->columns[i].role, pieces[place], why, error);
        }
    }
    if (found < rows->places.least || (rows->places.most && found > rows->places.most))
        return bad_count(rows, found, error);
    return 1;
}

/* The row's records. 1, 0 if it makes none, -1 on error. */
static int take_row(struct rows *rows, const struct piece *pieces, unsigned found, struct error *error)
{
    struct extent extent = {0};

    rows->intake->rows++;
    record_clear(&rows->record);
    rows->record.line = rows->lines.number;
    rows->record.op = OP_GET;
    rows->record.value_len = VALUE_UNKNOWN;
    rows->record.flags = rows->layout->clock == ROW_UNTIMED ? REQUEST_UNTIMED : 0;
    rows->all = 1;
    rows->volume_bytes = 0;
    rows->blocks = 0;
    int status = take_columns(rows, pieces, found, &extent, error);
    if (status <= 0)
        return status;
    if (extent.is_there && extent.offset > UINT64_MAX - ROWS_REQUEST_MOST)
        return bad_because(rows, ROW_OFFSET, (struct piece){"...", "..." + 3}, "beyond 64 bits", error);
    if (extent.is_there)
        settle_extent(rows, &extent);
    else if (!settle_size(rows))
        return bad_because(rows, ROW_SIZE, (struct piece){"", ""}, "", error);
    if (rows->layout->clock != ROW_UNTIMED)
        settle_time(rows, &rows->record.time_us);
    return 1;
}

static int first_lines(struct rows *rows, const char **line, const char *end, struct error *error);

/* Looks at a line. The records that it makes are then handed out. 0, also if there are none, or -1 on error. */
static int take_line(struct rows *rows, const char *line, const char *end, struct error *error)
{
    struct piece pieces[ROWS_COLUMNS];
    int status = rows->at == ROWS_BEGUN ? 1 : first_lines(rows, &line, end, error);

    rows->handed = rows->all = 0;
    if (status <= 0)
        return status;
    unsigned found = split(line, end, rows->delimiter, pieces);
    if (!found)
        return 0; /* an empty line does not count as a row */
    status = take_row(rows, pieces, found, error);
    if (status <= 0)
        rows->all = 0;
    return status < 0 ? -1 : 0;
}

/* The lines before the first row: a preamble, a header. 1 if this one is a row, 0 if it is not, -1 on error. */
static int first_lines(struct rows *rows, const char **line, const char *end, struct error *error)
{
    const struct row_layout *layout = rows->layout;
    struct piece pieces[ROWS_COLUMNS];
    const char *missing;

    if (rows->lines.number == 1)
        *line = without_mark(*line, end);
    struct piece whole = trimmed(*line, end);
    size_t bytes = (size_t)(whole.end - whole.text);
    if (!bytes)
        return 0;
    if (rows->at == ROWS_PREAMBLE) {
        if (bytes == strlen(layout->preamble_end) && !memcmp(whole.text, layout->preamble_end, bytes))
            rows->at = ROWS_BEGUN;
        return 0;
    }
    if (layout->preamble && bytes == strlen(layout->preamble) && !memcmp(whole.text, layout->preamble, bytes)) {
        rows->at = ROWS_PREAMBLE;
        return 0;
    }
    rows->at = ROWS_BEGUN;
    rows->delimiter = delimiter_of(layout, *line, end);
    struct row_places places;
    unsigned count = split(*line, end, rows->delimiter, pieces);
    unsigned known = places_of_header(&places, layout, pieces, count, &missing);
    if (known && !missing) {
        rows->places = places;
        return 0;
    }
    if (known || layout->needs_header)
        return error_set(error, ERROR_INPUT,
                         "%s:%ju: the header lacks '%s': if this is another trace, say which it is with --format, or "
                         "name its columns with --columns",
                         source_name(rows->lines.source), (uintmax_t)rows->lines.number,
                         missing ? missing : layout->columns[0].name);
    return 1;
}

/* ---- handing out ---- */

/* Writes the number and returns its end. */
static inline char *print_number(char *to, uint64_t number)
{
    char *end = to + digits_count(number), *at = end;

    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    return end;
}

/* Hands out records of the current row while there is room for them, and for their keys in names[*used ...]. */
static int hand_out(struct rows *rows, struct record *records, int room, size_t *used)
{
    enum { NUMBER = 20 };
    int count = 0;

    for (; count < room && rows->handed < rows->all; rows->handed++, count++) {
        struct record *record = &records[count];

        if (!rows->blocks) {
            *record = rows->record;
            continue;
        }
        if (*used + rows->volume_bytes + NUMBER > ROWS_NAMES)
            break;
        char *name = rows->names + *used, *end;
        memcpy(name, rows->volume, rows->volume_bytes);
        end = print_number(name + rows->volume_bytes, rows->first_block + rows->handed % rows->blocks);
        *used += (size_t)(end - name);
        *record = rows->record;
        record->key = name;
        record->key_bytes = record->key_len = (uint32_t)(end - name);
    }
    return count;
}

int rows_read(void *state, struct record *records, int room, struct error *error)
{
    struct rows *rows = state;
    size_t used = 0;
    int count = rows->blocks ? hand_out(rows, records, room, &used) : 0;
    const char *line, *end;

    while (count == 0) {
        int status = lines_look(&rows->lines, error);
        if (status <= 0)
            return status;
        while (count < room && rows->handed == rows->all && lines_next(&rows->lines, &line, &end)) {
            if (take_line(rows, line, end, error) < 0)
                return count ? count : -1;
            count += hand_out(rows, records + count, room - count, &used);
        }
        lines_done(&rows->lines);
    }
    return count;
}

void rows_forget(void *state, uint64_t line)
{
    struct rows *rows = state;

    if (rows->record.line == line)
        rows->handed = rows->all;
}

int rows_open(struct rows *rows, const struct row_layout *layout, struct source *source,
              const struct format_options *options, struct intake *intake, struct error *error)
{
    rows->layout = layout;
    rows->options = options;
    rows->intake = intake;
    rows->delimiter = layout->delimiter;
    rows->last_us = INT64_MIN;
    places_of_layout(&rows->places, layout);
    lines_init(&rows->lines, source);
    for (unsigned i = 0; i < layout->column_count; i++)
        if (layout->columns[i].role == ROW_OFFSET)
            return blocks_settle(&rows->block_bytes, ROWS_BLOCK_BYTES, options, intake, error);
    return 0;
}

/* ---- recognition ---- */

static bool is_digest(struct piece piece)
{
    uint64_t number;

    for (; piece.end - piece.text > 16; piece.text += 16)
        if (!scan_hex((struct piece){piece.text, piece.text + 16}, &number))
            return false;
    return scan_hex(piece, &number);
}

/* Whether the column may be what the layout says. */
static bool fits(const struct row_layout *layout, const struct row_column *column, struct piece piece)
{
    struct times times = {.places = 6};
    uint64_t number;
    int64_t time_us;

    if (is_empty(piece))
        return column->optional || (column->role == ROW_ANYTHING && column->number == ROW_DECIMAL);
    switch (column->role) {
    case ROW_TIME:
        return !scan_time(&times, layout->clock, piece, &time_us) &&
               (!layout->last_s || (time_us >= layout->first_s * 1000000 && time_us <= layout->last_s * 1000000));
    case ROW_OP:
        return find_verb(layout, piece);
    case ROW_OFFSET:
    case ROW_BYTES:
    case ROW_REPEATS:
        return scan_number(piece, column->number, &number);
    case ROW_SIZE:
        return is_real(piece);
    case ROW_ANYTHING:
    case ROW_VOLUME:
    case ROW_KEY:
        return column->number == ROW_REAL     ? is_real(piece)
               : column->number == ROW_HEX    ? scan_hex(piece, &number)
               : column->number == ROW_DIGEST ? is_digest(piece)
               : column->number == ROW_FLAG   ? piece.end - piece.text == 1 && (*piece.text | 1) == '1'
                                              : true;
    case ROW_ROLES:
        break;
    }
    return false;
}

static bool row_fits(const struct row_layout *layout, const struct row_places *places, const struct piece *pieces,
                     unsigned count)
{
    if (count < places->least || (places->most && count > places->most))
        return false;
    for (unsigned i = 0; i < count && i < layout->column_count; i++)
        if (!fits(layout, &layout->columns[i], pieces[i]))
            return false;
    return true;
}

/* A header that has all that is needed settles it. Otherwise all rows at the beginning fit the layout, or most, the
 * first among them. A last line without an end may be cut off, so it is ignored unless it is the only one. */
enum format_sureness rows_detect(const struct row_layout *layout, const char *head, size_t bytes)
{
    const char *end = head + bytes, *newline, *missing;
    struct row_places places, of_header;
    struct piece pieces[ROWS_COLUMNS];
    int fitting = 0, others = 0;
    char delimiter = 0;

    places_of_layout(&places, layout);
    head = without_mark(head, end);
    for (; head < end && fitting + others < LOOK_ROWS; head = newline + 1) {
        newline = memchr(head, '\n', (size_t)(end - head));
        if (!newline && fitting + others)
            break;
        const char *stop = newline ? newline : end;
        stop -= stop > head && stop[-1] == '\r';
        if (!delimiter)
            delimiter = delimiter_of(layout, head, stop);
        unsigned count = split(head, stop, delimiter, pieces);
        if (count) {
            if (!fitting && !others) {
                struct piece whole = trimmed(head, stop);

                if (layout->preamble && (size_t)(whole.end - whole.text) == strlen(layout->preamble) &&
                    !memcmp(whole.text, layout->preamble, strlen(layout->preamble)))
                    return FORMAT_CERTAIN;
                if (places_of_header(&of_header, layout, pieces, count, &missing))
                    return missing ? FORMAT_NO : FORMAT_CERTAIN;
                if (layout->needs_header)
                    return FORMAT_NO;
            }
            if (row_fits(layout, &places, pieces, count))
                fitting++;
            else if (!fitting)
                return FORMAT_NO;
            else
                others++;
        }
        if (!newline)
            break;
    }
    return !fitting || others > fitting ? FORMAT_NO : others ? FORMAT_LIKELY : FORMAT_CERTAIN;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/rows.h"

#include "sim/digits.h"
#include "traces/text/blocks.h"
#include "traces/text/expansion.h"

#include <stdio.h>
#include <string.h>

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
        *why = layout_time(&rows->times, layout->clock, piece, &record->time_us);
        return *why ? ROW_BAD : ROW_FINE;
    case ROW_OP:
        verb = piece_is_empty(piece) ? NULL : layout_verb(layout, piece);
        if (piece_is_empty(piece))
            return ROW_BAD;
        if (!verb || verb->left_out) {
            intake_unknown(rows->intake, piece.text, (size_t)(piece.end - piece.text));
            return ROW_LEFT_OUT;
        }
        record->op = (uint16_t)verb->op;
        return ROW_FINE;
    case ROW_VOLUME:
        *why = "longer than evsim takes";
        return !piece_is_empty(piece) && add_volume(rows, piece) ? ROW_FINE : ROW_BAD;
    case ROW_OFFSET:
        extent->is_there = true;
        return layout_number(piece, column->number, &extent->offset) &&
                       !__builtin_mul_overflow(extent->offset, layout->offset_unit, &extent->offset)
                   ? ROW_FINE
                   : ROW_BAD;
    case ROW_BYTES:
        if (!layout_number(piece, column->number, &extent->bytes))
            return ROW_BAD;
        *why = "one request of more than 256 MB: --row-requests allows more";
        return !__builtin_mul_overflow(extent->bytes, layout->length_unit, &extent->bytes) &&
                       (extent->bytes <= EXPANSION_BYTES || rows->options->row_requests)
                   ? ROW_FINE
                   : ROW_BAD;
    case ROW_KEY:
        *why = "longer than evsim takes";
        if (piece.end - piece.text > ROWS_NAMES / 2)
            return ROW_BAD;
        record->key = piece.text;
        record->key_bytes = record->key_len = (uint32_t)(piece.end - piece.text);
        return piece_is_empty(piece) ? ROW_BAD : ROW_FINE;
    case ROW_SIZE:
        if (piece_is_empty(piece) || *piece.text == '-') {
            record->value_len = VALUE_UNKNOWN;
            return piece_is_empty(piece) || piece_is_real(piece) ? ROW_FINE : ROW_BAD;
        }
        if (!digits_decimal(piece.text, piece.end, 0, (int64_t *)&number))
            return ROW_BAD;
        take_size(rows, number);
        return ROW_FINE;
    case ROW_REPEATS:
        if (!piece_is_empty(piece) && (!digits_scan(piece.text, piece.end, &number) || !number))
            return ROW_BAD;
        rows->all = number;
        return ROW_FINE;
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

/* The blocks that the request touches, so often as the row stands for it: 1, or -1 if they are too many. */
static int settle_extent(struct rows *rows, const struct extent *extent, struct error *error)
{
    uint64_t repeats = rows->all;
    char why[EXPANSION_WHY], times[40] = "";

    if (!extent->bytes) {
        rows->intake->empty_requests++;
        rows->all = 0;
        return 1;
    }
    rows->first_block = extent->offset / rows->block_bytes;
    rows->blocks = (extent->offset + extent->bytes - 1) / rows->block_bytes - rows->first_block + 1;
    rows->record.value_len = rows->block_bytes;
    if (!__builtin_mul_overflow(repeats, rows->blocks, &rows->all) &&
        rows->all <= expansion_most(rows->options, EXPANSION_MOST))
        return 1;
    if (repeats > 1)
        snprintf(times, sizeof times, ", %ju times", (uintmax_t)repeats);
    return intake_bad_row(rows->intake, rows->options, rows->lines.source, rows->lines.number, error,
                          "blocks of one request: %ju%s: %s; --lenient leaves out such rows", (uintmax_t)rows->blocks,
                          times, expansion_why(why, rows->options, EXPANSION_MOST));
}

/* Takes the columns that have a role, up to the first that settles what becomes of the row. 1 if all are fine, 0 if the row
 * is left out, -1 on error. */
static int take_columns(struct rows *rows, const struct piece *pieces, unsigned found, struct extent *extent,
                        struct error *error)
{
    const struct row_layout *layout = rows->layout;

    for (unsigned i = 0; i < layout->column_count; i++) {
        const char *why = "";
        unsigned place = rows->places.place_of[i];

        if (place == ROWS_NONE || place >= found)
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
    rows->record.value_len = rows->layout->one_size ? rows->block_bytes : VALUE_UNKNOWN;
    rows->record.flags = rows->layout->clock == ROW_UNTIMED ? REQUEST_UNTIMED : 0;
    rows->all = 1;
    rows->volume_bytes = 0;
    rows->blocks = 0;
    int status = take_columns(rows, pieces, found, &extent, error);
    if (status <= 0)
        return status;
    if (extent.is_there && extent.offset > UINT64_MAX - extent.bytes)
        return bad_because(rows, ROW_OFFSET, (struct piece){"...", "..." + 3}, "beyond 64 bits", error);
    if (!extent.is_there && !settle_size(rows))
        return bad_because(rows, ROW_SIZE, (struct piece){"", ""}, "", error);
    if (extent.is_there && (status = settle_extent(rows, &extent, error)) <= 0)
        return status;
    if (rows->layout->clock != ROW_UNTIMED)
        settle_time(rows, &rows->record.time_us);
    return 1;
}

static int first_lines(struct rows *rows, const char **line, const char *end, struct error *error);

/* Looks at a line. The records that it makes are then handed out. 0, also if there are none, or -1 on error. */
static int take_line(struct rows *rows, const char *line, const char *end, struct error *error)
{
    struct piece pieces[PIECES];
    int status = rows->at == ROWS_BEGUN ? 1 : first_lines(rows, &line, end, error);

    rows->handed = rows->all = 0;
    if (status <= 0)
        return status;
    unsigned found = pieces_split(line, end, rows->delimiter, pieces);
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
    struct piece pieces[PIECES];
    const char *missing;

    if (rows->lines.number == 1)
        *line = pieces_without_mark(*line, end);
    struct piece whole = piece_of(*line, end);
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
    rows->delimiter = layout_delimiter(layout, *line, end);
    struct row_places places;
    unsigned count = pieces_split(*line, end, rows->delimiter, pieces);
    unsigned known = layout_header(&places, layout, pieces, count, &missing);
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

        if (!rows->blocks && !rows->volume_bytes) {
            *record = rows->record;
            continue;
        }
        uint32_t key_bytes = rows->blocks ? NUMBER : rows->record.key_bytes;
        if (*used + rows->volume_bytes + key_bytes > ROWS_NAMES)
            break;
        char *name = rows->names + *used, *end = name + rows->volume_bytes;
        memcpy(name, rows->volume, rows->volume_bytes);
        if (rows->blocks)
            end = print_number(end, rows->first_block + rows->handed % rows->blocks);
        else
            end = mempcpy(end, rows->record.key, key_bytes);
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
    int count = hand_out(rows, records, room, &used);
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
    layout_places(&rows->places, layout);
    lines_init(&rows->lines, source);
    for (unsigned i = 0; i < layout->column_count; i++)
        if (layout->columns[i].role == ROW_OFFSET || layout->one_size)
            return blocks_settle(&rows->block_bytes, ROWS_BLOCK_BYTES, options, intake, error);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/layout.h"

#include "sim/digits.h"
#include "traces/text/columns.h"

#include <string.h>
#include <strings.h>
#include <time.h>

enum { LOOK_ROWS = 100 }; /* rows that tell a format */
static const int64_t FILETIME_OF_1970 = INT64_C(116444736000000000);

char layout_delimiter(const struct row_layout *layout, const char *line, const char *end)
{
    if (layout->delimiter)
        return layout->delimiter;
    return memchr(line, ',', (size_t)(end - line)) ? ',' : memchr(line, '\t', (size_t)(end - line)) ? '\t' : ' ';
}

/* ---- which column is which ---- */

void layout_places(struct row_places *places, const struct row_layout *layout)
{
    *places = (struct row_places){.least = layout->least, .most = layout->more ? 0 : layout->column_count};
    for (unsigned i = 0; i < PIECES; i++)
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

unsigned layout_header(struct row_places *places, const struct row_layout *layout, const struct piece *pieces,
                       unsigned count, const char **missing)
{
    bool found[PIECES] = {false};
    unsigned known = 0, mark = count && pieces[0].end - pieces[0].text == 1 && *pieces[0].text == '#';

    *places = (struct row_places){.most = layout->more ? 0 : count - mark};
    *missing = NULL;
    memset(places->place_of, ROWS_NONE, sizeof places->place_of);
    for (unsigned i = mark; i < count && i < PIECES; i++) {
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
    if (piece_is_empty(piece) || *piece.text == '+' || !digits_float(piece.text, piece.end, &number, &places) ||
        number < 0)
        return false;
    for (; places > 6; places--)
        number /= 10;
    for (; places < 6; places++)
        if (__builtin_mul_overflow(number, 10, &number))
            return false;
    *time_us = number;
    return true;
}

const char *layout_time(struct times *times, enum row_clock clock, struct piece piece, int64_t *time_us)
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

/* Whether the text is the name, or begins so where the name is "get*". A text may have any bytes in it, of value 0 too. */
static bool is_verb(const char *name, const char *text, size_t length)
{
    size_t bytes = strlen(name);
    bool has_more = bytes && name[bytes - 1] == '*';

    bytes -= has_more;
    return (has_more ? length >= bytes : length == bytes) && !strncasecmp(name, text, bytes);
}

const struct row_verb *layout_verb(const struct row_layout *layout, struct piece piece)
{
    size_t length = (size_t)(piece.end - piece.text);

    for (const struct row_verb *verb = layout->verbs; verb->name; verb++)
        if (is_verb(verb->name, piece.text, length))
            return verb;
    return NULL;
}

/* ---- recognition ---- */

/* Whether the column may be what the layout says. */
static bool fits(const struct row_layout *layout, const struct row_column *column, struct piece piece)
{
    struct times times = {.places = 6};
    uint64_t number;
    int64_t time_us;

    if (piece_is_empty(piece))
        return column->optional || (column->role == ROW_ANYTHING && column->number == ROW_DECIMAL);
    switch (column->role) {
    case ROW_TIME:
        return !layout_time(&times, layout->clock, piece, &time_us) &&
               (!layout->last_s || (time_us >= layout->first_s * 1000000 && time_us <= layout->last_s * 1000000));
    case ROW_OP:
        return layout_verb(layout, piece);
    case ROW_OFFSET:
    case ROW_BYTES:
    case ROW_REPEATS:
        return layout_number(piece, column->number, &number);
    case ROW_SIZE:
        return piece_is_real(piece);
    case ROW_ANYTHING:
    case ROW_VOLUME:
    case ROW_KEY:
        return column->number == ROW_REAL     ? piece_is_real(piece)
               : column->number == ROW_HEX    ? piece_hex(piece, &number)
               : column->number == ROW_DIGEST ? piece_is_digest(piece)
               : column->number == ROW_FLAG   ? piece.end - piece.text == 1 && (*piece.text | 1) == '1'
                                              : true;
    case ROW_ROLES:
        break;
    }
    return false;
}

/* The row's time, if it has one that can be read. */
static int64_t time_of(const struct row_layout *layout, const struct piece *pieces, unsigned count)
{
    struct times times = {.places = 6};
    int64_t time_us;

    for (unsigned i = 0; i < count && i < layout->column_count; i++)
        if (layout->columns[i].role == ROW_TIME && !layout_time(&times, layout->clock, pieces[i], &time_us))
            return time_us;
    return 0;
}

static bool row_fits(const struct row_layout *layout, const struct row_places *places, const struct piece *pieces,
                     unsigned count)
{
    if (count < places->least || (places->most && count > places->most) || (layout->in_order && count > places->least))
        return false;
    for (unsigned i = 0; i < count && i < layout->column_count; i++)
        if (!fits(layout, &layout->columns[i], pieces[i]))
            return false;
    return true;
}

/* A header that has all that is needed settles it. Otherwise all rows at the beginning fit the layout, or most, the
 * first among them. A last line without an end may be cut off, so it is ignored unless it is the only one. */
enum format_sureness layout_detect(const struct row_layout *layout, const char *head, size_t bytes)
{
    const char *end = head + bytes, *newline, *missing;
    struct row_places places, of_header;
    struct piece pieces[PIECES];
    int fitting = 0, others = 0;
    int64_t last_us = 0;
    char delimiter = 0;

    layout_places(&places, layout);
    head = pieces_without_mark(head, end);
    for (; head < end && fitting + others < LOOK_ROWS; head = newline + 1) {
        newline = memchr(head, '\n', (size_t)(end - head));
        if (!newline && fitting + others)
            break;
        const char *stop = newline ? newline : end;
        stop -= stop > head && stop[-1] == '\r';
        if (!delimiter)
            delimiter = layout_delimiter(layout, head, stop);
        unsigned count = pieces_split(head, stop, delimiter, pieces);
        if (count) {
            if (!fitting && !others) {
                struct piece whole = piece_of(head, stop);

                if (layout->preamble && (size_t)(whole.end - whole.text) == strlen(layout->preamble) &&
                    !memcmp(whole.text, layout->preamble, strlen(layout->preamble)))
                    return FORMAT_CERTAIN;
                if (layout_header(&of_header, layout, pieces, count, &missing))
                    return missing ? FORMAT_NO : FORMAT_CERTAIN;
                if (layout->needs_header)
                    return FORMAT_NO;
            }
            int64_t time_us = layout->in_order ? time_of(layout, pieces, count) : 0;
            if (row_fits(layout, &places, pieces, count) && time_us >= last_us)
                fitting++;
            else if (!fitting)
                return FORMAT_NO;
            else
                others++;
            last_us = time_us;
        }
        if (!newline)
            break;
    }
    return !fitting || others > (layout->in_order ? 0 : fitting) ? FORMAT_NO : others ? FORMAT_LIKELY : FORMAT_CERTAIN;
}

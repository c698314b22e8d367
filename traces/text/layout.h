/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layout: what the columns of a table of text are, and whether a text is such a table. rows.h reads it. */
#ifndef TRACES_TEXT_LAYOUT_H
#define TRACES_TEXT_LAYOUT_H

#include "sim/command.h"
#include "sim/format.h"
#include "traces/text/pieces.h"
#include "traces/text/times.h"

/* What a column says. */
enum row_role {
    ROW_ANYTHING, /* nothing that evsim uses */
    ROW_TIME,
    ROW_OP,
    ROW_VOLUME, /* there may be several */
    ROW_OFFSET,
    ROW_BYTES, /* from the offset on */
    ROW_KEY,
    ROW_SIZE, /* of the value; -1, or empty: unknown */
    ROW_REPEATS,
    ROW_ROLES
};

/* How a number is written, and what one of it is. */
enum row_number {
    ROW_DECIMAL,
    ROW_HEX,   /* 0x1f or 1f */
    ROW_REAL,  /* "12.5": of a column that says nothing, it must be a number, or the row is of another format */
    ROW_FLAG,  /* 0 or 1: likewise */
    ROW_DIGEST /* of a key: hexadecimal digits */
};

struct row_column {
    const char *name, *other; /* as a header has it, plain (columns_plain_name), and another spelling, or NULL */
    enum row_role role;
    enum row_number number;
    bool optional; /* a header need not have it, a row may be without it */
};

/* What an operation is called, in any case; "get*": how its name begins. */
struct row_verb {
    const char *name;
    enum op op;
    bool left_out; /* it is counted by name, as a command that the model does not execute */
};

enum row_clock {
    ROW_SECONDS, /* since whenever, or Unix; fractions allowed */
    ROW_MILLISECONDS,
    ROW_MICROSECONDS,
    ROW_FILETIME, /* 100 ns since 1601 */
    ROW_STAMP,    /* 20160201000000 */
    ROW_AUTO,     /* as its size tells, see times.h */
    ROW_UNTIMED,
};

struct row_layout {
    char delimiter; /* ' ': blanks and tabs, as many as there are. 0: the header's, a comma, a tab or blanks */
    bool needs_header;
    unsigned column_count, least; /* columns that a row without a header may and must have */
    bool more;                    /* it may have more of them */
    const struct row_column *columns;
    const struct row_verb *verbs;        /* up to one without a name; NULL: every row is a GET */
    const char *preamble, *preamble_end; /* if the first line is the one, the rows begin behind the other; or NULL */
    enum row_clock clock;
    int64_t first_s, last_s; /* times that the trace has, for its recognition; 0: any */
    bool in_order; /* for its recognition: all rows have `least` columns, and none is earlier than the one before */
    bool one_size; /* no column says how large a value is: --block-size does */
    uint32_t offset_unit, length_unit; /* bytes: 1, or 512 for sectors */
};

/* Where the layout's columns are in the file. */
struct row_places {
    unsigned least, most;     /* columns that a row must and may have; 0: as many as it likes */
    uint8_t place_of[PIECES]; /* by the layout's column; ROWS_NONE: it has no role, or is not there */
};
enum { ROWS_NONE = 255 };

/* The columns as the layout has them. */
void layout_places(struct row_places *places, const struct row_layout *layout);
/* The columns as a header has them. Returns how many of its names are known; 0 if it is no header. *missing becomes the name
 * of a column that it lacks, or NULL. */
unsigned layout_header(struct row_places *places, const struct row_layout *layout, const struct piece *pieces,
                       unsigned count, const char **missing);
/* What is between the columns, as the first line shows. */
char layout_delimiter(const struct row_layout *layout, const char *line, const char *end);

/* NULL if there is none of this name. */
const struct row_verb *layout_verb(const struct row_layout *layout, struct piece piece);
/* A time in microseconds. NULL, or why it is bad: "" if there is nothing to add. */
const char *layout_time(struct times *times, enum row_clock clock, struct piece piece, int64_t *time_us);
static inline bool layout_number(struct piece piece, enum row_number kind, uint64_t *number)
{
    return kind == ROW_HEX ? piece_hex(piece, number) : digits_scan(piece.text, piece.end, number);
}

/* How sure one can be that a text which begins so is of this layout. A header that has all that is needed settles it.
 * Otherwise all rows at the beginning fit the layout, or most, the first among them. */
enum format_sureness layout_detect(const struct row_layout *layout, const char *head, size_t bytes);

#endif

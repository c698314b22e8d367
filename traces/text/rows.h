/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rows: the engine of traces that are a table of text, one request a row, whose columns stand where a table says.
 *
 * A format of this kind is a struct row_layout: its columns in their order, what each says (enum row_role), the unit of
 * its times, what its operations are called. The rest is done here:
 *
 *     line -> columns -> record                  a key and its size: object stores, CDNs
 *                     -> record, record, ...     an offset and a number of bytes: one record for each block they touch
 *
 * Of blocks. A request of `bytes` bytes at `offset` touches the blocks from offset / B to (offset + bytes - 1) / B, each of
 * which is a key of its own, "volume:block", and weighs B bytes, also where it is touched in part: a cache holds whole
 * blocks. B is --block-size, or ROWS_BLOCK_BYTES. What tells volumes apart (host, disk, LUN, ASU, file) is the volume,
 * its columns joined by colons. A read is a GET, a write a SET. A request of no bytes touches no block, and is counted.
 *
 * If the first line has names of columns, they say which is which, in any order; otherwise the columns stand as the layout
 * has them. Names count as in header.h: without case and punctuation. Blanks and a pair of quotes around a column are no
 * part of it, nor are a byte order mark and CRLF. A column may be empty where nothing needs it.
 *
 * Disks complete requests in another order than they came: a row that is up to ROWS_LATE_US earlier than the one before
 * is taken to have come together with it, and counted. An earlier one is an error, as in every trace.
 *
 * Nothing is allocated for a row. Keys of objects are the source's own bytes, those of blocks are written into the state. */
#ifndef TRACES_TEXT_ROWS_H
#define TRACES_TEXT_ROWS_H

#include "sim/format.h"
#include "traces/text/lines.h"
#include "traces/text/times.h"

enum {
    ROWS_BLOCK_BYTES = 4096,
    ROWS_LATE_US = 60 * 1000000,
    ROWS_REQUEST_MOST = 256 << 20, /* bytes of one request of blocks: more shows a damaged row */
    ROWS_REPEATS_MOST = 1000000,   /* as often a row may stand for a request: likewise */
    ROWS_COLUMNS = 32,             /* at most so many have a role, or a place in a header */
    ROWS_VOLUME = 256,             /* bytes of a volume's name */
    ROWS_NAMES = 64 << 10,         /* bytes for the keys of the records of one call */
};

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

/* What an operation is called, in any case. */
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
    uint32_t unit_bytes;     /* of offsets and lengths: 1, or 512 for sectors */
};

/* Where the layout's columns are in the file. */
struct row_places {
    unsigned least, most;           /* columns that a row must and may have; 0: as many as it likes */
    uint8_t place_of[ROWS_COLUMNS]; /* by the layout's column; ROWS_NONE: it has no role, or is not there */
};
enum { ROWS_NONE = 255 };

/* The state of a format that is a struct row_layout. */
struct rows {
    const struct row_layout *layout;
    struct lines lines;
    const struct format_options *options;
    struct intake *intake;
    struct times times;
    char delimiter;
    uint32_t block_bytes;
    int64_t last_us;
    enum { ROWS_FIRST_LINE, ROWS_PREAMBLE, ROWS_BEGUN } at;
    struct row_places places;
    struct record record;         /* the current row, */
    uint64_t first_block, blocks; /* which is so many blocks, or 0: an object; */
    uint64_t handed, all;         /* so many of all its records were handed out */
    unsigned volume_bytes;
    char volume[ROWS_VOLUME]; /* of the current row, with a colon at its end */
    char names[ROWS_NAMES];
};

/* What struct format needs of a format which is a layout. */
enum format_sureness rows_detect(const struct row_layout *layout, const char *head, size_t bytes);
int rows_open(struct rows *rows, const struct row_layout *layout, struct source *source,
              const struct format_options *options, struct intake *intake, struct error *error);
int rows_read(void *state, struct record *records, int room, struct error *error);
void rows_forget(void *state, uint64_t line);

/* The functions of a format named NAME, whose layout is `layout`. */
#define ROWS_FORMAT_FUNCTIONS                                                                                          \
    static enum format_sureness detect(const char *head, size_t bytes)                                                 \
    {                                                                                                                  \
        return rows_detect(&layout, head, bytes);                                                                      \
    }                                                                                                                  \
    static int open(void *state, struct source *source, const struct format_options *options, struct intake *intake,   \
                    struct error *error)                                                                               \
    {                                                                                                                  \
        return rows_open(state, &layout, source, options, intake, error);                                              \
    }

#endif

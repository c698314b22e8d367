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
#include "traces/text/layout.h"
#include "traces/text/lines.h"
#include "traces/text/times.h"

enum {
    ROWS_BLOCK_BYTES = 4096,
    ROWS_LATE_US = 60 * 1000000,
    ROWS_VOLUME = 256,     /* bytes of a volume's name */
    ROWS_NAMES = 64 << 10, /* bytes for the keys of the records of one call */
};

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
int rows_open(struct rows *rows, const struct row_layout *layout, struct source *source,
              const struct format_options *options, struct intake *intake, struct error *error);
int rows_read(void *state, struct record *records, int room, struct error *error);
void rows_forget(void *state, uint64_t line);

/* The functions of a format named NAME, whose layout is `layout`. */
#define ROWS_FORMAT_FUNCTIONS                                                                                          \
    static enum format_sureness detect(const char *head, size_t bytes)                                                 \
    {                                                                                                                  \
        return layout_detect(&layout, head, bytes);                                                                    \
    }                                                                                                                  \
    static int open(void *state, struct source *source, const struct format_options *options, struct intake *intake,   \
                    struct error *error)                                                                               \
    {                                                                                                                  \
        return rows_open(state, &layout, source, options, intake, error);                                              \
    }

/* And what its struct format says besides its name, its summary, and whether every read has a size. */
#define ROWS_FORMAT_MEMBERS                                                                                            \
    .state_size = sizeof(struct rows), .lacks_fills = true, .zero_is_empty = true, .detect = detect, .open = open,     \
    .read = rows_read, .forget = rows_forget

#endif

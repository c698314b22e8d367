/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blocks: an .evt file that is being written: columns are filled, and become a block when it is time. */
#ifndef TRACES_EVT_BLOCKS_H
#define TRACES_EVT_BLOCKS_H

#include "sim/error.h"
#include "traces/evt/column.h"

#include <stdbool.h>
#include <stdio.h>

/* Integers of a section that is not one for each row. */
struct integers {
    int64_t *values;
    uint32_t count, capacity;
};

struct evt_blocks {
    FILE *out;
    const char *path;           /* for messages */
    struct ZSTD_CCtx_s *packer; /* owned; NULL: nothing is packed */
    char *json;                 /* behind the head; owned */
    bool can_go_back;
    uint32_t traits; /* enum evt_trait, at the end; of EVT_FORESEES from the beginning */

    int64_t *rows; /* EVT_ROWS of each kind */
    uint32_t row_count;
    bool used[EVT_ROW_KINDS]; /* some value is not 0 */
    struct integers more[EVT_KINDS];
    struct evt_buffer bytes[EVT_KINDS];
    uint64_t rows_written, keys, blocks; /* keys: those that the rows have named so far */
    struct evt_buffer body;
};

/* Writes the head, with these traits. The JSON becomes theirs. 0, or -1. */
int evt_blocks_open(struct evt_blocks *blocks, FILE *out, const char *path, bool packs, uint32_t traits, char *json,
                    struct error *error);
void evt_blocks_release(struct evt_blocks *blocks);

/* A value of the row that is being filled. */
static inline void evt_set(struct evt_blocks *blocks, enum evt_kind kind, int64_t value)
{
    blocks->rows[(size_t)kind * EVT_ROWS + blocks->row_count] = value;
    blocks->used[kind] |= value != 0;
}

/* A value, or bytes, of a section that is not one for each row. */
void evt_add_integer(struct evt_blocks *blocks, enum evt_kind kind, int64_t value);
void evt_add_bytes(struct evt_blocks *blocks, enum evt_kind kind, const char *bytes, size_t count);

/* The row is filled. Writes the block when it is full, or large. 0, or -1. */
int evt_end_row(struct evt_blocks *blocks, struct error *error);

/* Writes what is left, and the trailer with this JSON and these bytes; and in the head how much there is, if the file can
 * be gone back in. 0, or -1. */
int evt_blocks_close(struct evt_blocks *blocks, const char *json, const char *behind, size_t behind_bytes,
                     struct error *error);

#endif

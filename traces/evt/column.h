/* SPDX-License-Identifier: GPL-3.0-or-later */
/* column: the values of one section of an .evt file's block: integers in as few bits as the largest needs, or bytes.
 *
 * Written:  a struct section_writer chooses the encoding, puts the bytes behind a buffer, packed if that makes them fewer.
 * Read:     a struct column points into the block, or to what was unpacked of it; values are made when they are asked for,
 *           so that what nobody asks for costs nothing. */
#ifndef TRACES_EVT_COLUMN_H
#define TRACES_EVT_COLUMN_H

#include "traces/evt/layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow. Zeroed to begin with; the owner frees `bytes`. */
struct evt_buffer {
    char *bytes;
    size_t count, capacity;
};

/* Room for so many more, which the caller fills; they count. */
char *evt_buffer_add(struct evt_buffer *buffer, size_t bytes);

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

/* An entry of a block's table. */
struct section {
    uint16_t kind;
    uint8_t encoding, width;
    uint32_t stored, count, packing;
    int64_t base;
    uint64_t step;
};

/* Appends the section's bytes to `to` and fills its entry. packer is NULL: nothing is packed. */
void section_write_integers(struct section *section, enum evt_kind kind, const int64_t *values, uint32_t count,
                            struct ZSTD_CCtx_s *packer, struct evt_buffer *to);
void section_write_bytes(struct section *section, enum evt_kind kind, const char *bytes, uint32_t count,
                         struct ZSTD_CCtx_s *packer, struct evt_buffer *to);

void section_store(const struct section *section, char *to); /* EVT_SECTION_BYTES */
void section_load(struct section *section, const char *from);

struct column {
    struct section section;
    bool is_there;      /* else all values are 0 */
    const char *bytes;  /* as they are stored, */
    const char *values; /* and unpacked; NULL: not yet */
    char *unpacked;     /* owned */
    size_t capacity;    /* of it */
    uint32_t next;      /* value that is made next, of EVT_STEPS; */
    int64_t last;       /* the one before */
};

/* How many bytes a section is unpacked; UINT64_MAX if its entry says what cannot be. */
uint64_t section_bytes(const struct section *section);

/* Makes the values ready. 0, or -1: they cannot be unpacked. Nothing is done when it has been done. */
int column_unpack(struct column *column, struct ZSTD_DCtx_s *unpacker);

/* The next `count` values from `first` on, which for EVT_STEPS is where the last call ended; column_unpack has been
 * called. `less` is subtracted from each. */
void column_i64(struct column *column, uint32_t first, uint32_t count, int64_t *to);
void column_u32(struct column *column, uint32_t first, uint32_t count, uint32_t less, uint32_t *to);
void column_u16(struct column *column, uint32_t first, uint32_t count, uint16_t *to);

/* Whether all values are one, and which. */
bool column_is_one_value(const struct column *column, int64_t *value);

/* Whether no value can be less than the one before it, whatever the steps are. */
bool column_cannot_fall(const struct column *column);

#endif

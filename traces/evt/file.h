/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: an .evt file, read block by block: what is damaged is refused, and everything that a row names by a number is known.
 *
 *     evt_open()                        the head
 *     while (evt_next_block() > 0)      its columns, and what came first in it: keys, labels, texts, commands
 *         file->columns[EVT_TIME] ...
 *                                       0: the trailer was read, and agrees with what was before it
 *     evt_close()
 *
 * Errors are one line with the row, and the byte at which the block, or the trailer, begins:
 *
 *     x.evt:65537: block at byte 91288 is damaged: its checksum is wrong */
#ifndef TRACES_EVT_FILE_H
#define TRACES_EVT_FILE_H

#include "sim/input/source.h"
#include "traces/evt/about.h"
#include "traces/evt/column.h"

/* Texts, numbered as they came. */
struct evt_texts {
    struct evt_buffer bytes;
    uint64_t *begins; /* count + 1 of them, if there are any */
    uint32_t count, capacity;
};

struct evt_key {
    uint64_t number; /* or the place of its name */
    uint32_t bytes;  /* of it */
    bool is_number;
};

/* Of a key that is not in the wanted part: that it is not, that it is a number, and 30 bits of what stands for it. */
#define EVT_STAND_IN        (UINT32_C(1) << 31)
#define EVT_STAND_IN_NUMBER (UINT32_C(1) << 30)

struct evt_file {
    struct source *source;
    struct evt_about about;
    uint64_t rows, keys;            /* of the head: EVT_NOT_KNOWN, or how many in all */
    uint32_t version, traits;       /* enum evt_trait */
    bool has_head;                  /* else there was not a byte: an empty trace */
    bool keeps_keys;                /* the caller sets it before the first block: names or numbers of keys are kept, */
    const struct selection *wanted; /* of these alone; NULL: of all */
    bool ended;

    uint64_t begins;   /* place of its first byte among all that the source has handed out */
    uint64_t block_at; /* byte at which the block begins, */
    uint64_t rows_before;
    uint32_t block_rows, keys_known; /* those of the block among them */
    uint64_t blocks;
    struct column columns[EVT_KINDS];
    struct ZSTD_DCtx_s *unpacker;

    struct evt_texts labels; /* each ends with a 0 */
    struct evt_texts strings;
    struct evt_buffer names; /* of keys */
    struct evt_key *keys_of; /* by id; of a part by their order in it, */
    uint32_t key_capacity, part_keys;
    uint32_t *places; /* which this says by id: 31 bits, or EVT_STAND_IN and which name stands for it (evt_stand_in) */
    uint32_t place_capacity;
    uint16_t *commands; /* enum op, by place in the list */
    uint32_t command_count;
    struct evt_buffer behind; /* at the end: what the source has behind its last request */
};

int evt_open(struct evt_file *file, struct source *source, struct error *error);
void evt_close(struct evt_file *file);

/* The columns of the block before are gone. 1, 0 at the end, -1. */
int evt_next_block(struct evt_file *file, struct error *error);

/* Fails with the block's place. */
int evt_damaged(const struct evt_file *file, struct error *error, const char *why);

/* Makes the column ready to be read. 0, or -1. */
int evt_unpack(struct evt_file *file, enum evt_kind kind, struct error *error);

/* The same of several, from the first up to the end. */
int evt_unpack_all(struct evt_file *file, enum evt_kind first, enum evt_kind end, struct error *error);

/* A name for a key that is not in the wanted part: no other id has it, whatever `n`. */
enum { EVT_STAND_IN_BYTES = 32 };
uint32_t evt_stand_in_name(char *name, uint32_t id, uint32_t n);
uint64_t evt_stand_in_number(uint32_t id, uint32_t n);

/* Text number i, *bytes of them. */
const char *evt_text(const struct evt_texts *texts, uint32_t i, uint32_t *bytes);

#endif

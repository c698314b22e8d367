/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names: the names of keys by id, kept for the reports that print them, and only then.
 *
 *     id ──▶ chunk of 65,536 pointers ──▶ │ database │ length │ bytes │     in blocks of 1 MiB, one after the other
 *
 * Costs each key 8 bytes for the pointer, 2 for a database and a length below 128, and the name: a trace of a hundred
 * million keys of 40 bytes takes 5 GB. A numeric key's name is its decimal digits. Nothing ever moves, so cells may ask
 * for the keys of their batch while the reader adds others. */
#ifndef SIM_INPUT_NAMES_H
#define SIM_INPUT_NAMES_H

#include "sim/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_CHUNK_BITS = 16 };

struct key_names {
    const unsigned char **chunks[1 << (32 - NAME_CHUNK_BITS)];
    uint32_t chunk_end;      /* behind the last one that there is */
    unsigned char *block;    /* the one that is being filled; its first bytes point to the one before */
    size_t used, block_size; /* of it, in bytes */
    uint64_t bytes;          /* of host memory, all blocks and chunks */
};

struct key_names *key_names_new(void);
void key_names_free(struct key_names *names); /* NULL is fine */

/* Keeps the name of a key; of one that is known already nothing is kept twice. */
void key_names_note(struct key_names *names, uint32_t id, const struct record *record);

/* Another id for a key that `names` has noted under `of`: for who numbers keys anew. `view` has no names of its own, and
 * must not outlive them. */
void key_names_alias(struct key_names *view, uint32_t id, const struct key_names *names, uint32_t of);

/* Whether the key has been noted. */
static inline bool key_names_has(const struct key_names *names, uint32_t id)
{
    const unsigned char **chunk = names->chunks[id >> NAME_CHUNK_BITS];

    return chunk && chunk[id & ((1 << NAME_CHUNK_BITS) - 1)];
}

/* The name of a key that has been noted, *length bytes, not terminated, and its database. */
const char *key_names_of(const struct key_names *names, uint32_t id, size_t *length, uint32_t *db);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/names.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_BYTES = 1 << 20,
    NUMBER_BYTES = 5, /* of a 32-bit number, 7 bits in each */
    CHUNK_MASK = (1 << NAME_CHUNK_BITS) - 1,
};

struct key_names *key_names_new(void)
{
    return xcalloc(1, sizeof(struct key_names));
}

void key_names_free(struct key_names *names)
{
    if (!names)
        return;
    for (uint32_t i = 0; i < names->chunk_end; i++)
        free(names->chunks[i]);
    while (names->block) {
        unsigned char *before;

        memcpy(&before, names->block, sizeof before);
        free(names->block);
        names->block = before;
    }
    free(names);
}

/* Finds room for `bytes` in one piece. A name longer than a block gets a block of its own. */
static unsigned char *reserve(struct key_names *names, size_t bytes)
{
    if (!names->block || bytes > names->block_size - names->used) {
        size_t size = bytes + sizeof names->block > BLOCK_BYTES ? bytes + sizeof names->block : BLOCK_BYTES;
        unsigned char *block = xmalloc(size);

        memcpy(block, &names->block, sizeof names->block);
        names->block = block;
        names->block_size = size;
        names->used = sizeof names->block;
        names->bytes += size;
    }
    return names->block + names->used;
}

/* Writes seven bits per byte, the lowest first. The highest bit of a byte says that more follow. */
static unsigned char *put_number(unsigned char *at, uint32_t number)
{
    for (; number > 127; number >>= 7)
        *at++ = (unsigned char)(number | 128);
    *at++ = (unsigned char)number;
    return at;
}

static const unsigned char *get_number(const unsigned char *at, uint32_t *number)
{
    *number = 0;
    for (int shift = 0;; shift += 7) {
        *number |= (uint32_t)(*at & 127) << shift;
        if (!(*at++ & 128))
            return at;
    }
}

/* Where the key's name is, or will be. */
static const unsigned char **place_of(struct key_names *names, uint32_t id)
{
    uint32_t number = id >> NAME_CHUNK_BITS;
    const unsigned char ***chunk = &names->chunks[number];

    if (!*chunk) {
        *chunk = xcalloc((size_t)CHUNK_MASK + 1, sizeof **chunk);
        names->bytes += ((size_t)CHUNK_MASK + 1) * sizeof **chunk;
        if (number >= names->chunk_end)
            names->chunk_end = number + 1;
    }
    return &(*chunk)[id & CHUNK_MASK];
}

void key_names_note(struct key_names *names, uint32_t id, const struct record *record)
{
    const unsigned char **place = place_of(names, id);
    char digits[24];
    const char *name = record->key;
    uint32_t length = record->key_bytes;
    unsigned char *start, *at;

    if (*place)
        return;
    if (!name) {
        length = (uint32_t)snprintf(digits, sizeof digits, "%" PRIu64, record->key_number);
        name = digits;
    }
    start = reserve(names, 2 * NUMBER_BYTES + (size_t)length);
    at = put_number(put_number(start, record->db), length);
    if (length)
        memcpy(at, name, length);
    names->used += (size_t)(at - start) + length;
    *place = start;
}

void key_names_alias(struct key_names *view, uint32_t id, const struct key_names *names, uint32_t of)
{
    *place_of(view, id) = names->chunks[of >> NAME_CHUNK_BITS][of & CHUNK_MASK];
}

const char *key_names_of(const struct key_names *names, uint32_t id, size_t *length, uint32_t *db)
{
    uint32_t bytes;
    const unsigned char *at = get_number(names->chunks[id >> NAME_CHUNK_BITS][id & CHUNK_MASK], db);

    at = get_number(at, &bytes);
    *length = bytes;
    return (const char *)at;
}

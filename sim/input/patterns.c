/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/patterns.h"

#include "sim/alloc.h"
#include "sim/glob.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key_patterns *key_patterns_new(const char *const *patterns, unsigned count)
{
    struct key_patterns *new = xcalloc(1, sizeof *new);

    new->patterns = patterns;
    new->count = count;
    return new;
}

void key_patterns_free(struct key_patterns *patterns)
{
    if (!patterns)
        return;
    for (size_t i = 0; i < sizeof patterns->chunks / sizeof *patterns->chunks; i++)
        free(patterns->chunks[i]);
    free(patterns);
}

static void set_mask(struct key_patterns *patterns, uint32_t id, uint32_t mask)
{
    uint32_t **chunk = &patterns->chunks[id >> PATTERN_CHUNK_BITS];

    if (!*chunk)
        *chunk = xcalloc((size_t)1 << PATTERN_CHUNK_BITS, sizeof **chunk);
    (*chunk)[id & ((1u << PATTERN_CHUNK_BITS) - 1)] = mask;
}

void key_patterns_note(struct key_patterns *patterns, uint32_t id, const struct record *record)
{
    uint32_t mask = 0;
    char number[24];
    const char *name = record->key;
    size_t bytes = record->key_bytes - record->mark_bytes;

    if (!name) {
        bytes = (size_t)snprintf(number, sizeof number, "%" PRIu64, record->key_number);
        name = number;
    }
    for (unsigned i = 0; i < patterns->count; i++)
        mask |= (uint32_t)glob_matches(patterns->patterns[i], strlen(patterns->patterns[i]), name, bytes) << i;
    set_mask(patterns, id, mask);
}

void key_patterns_alias(struct key_patterns *view, uint32_t id, const struct key_patterns *patterns, uint32_t of)
{
    set_mask(view, id, patterns->chunks[of >> PATTERN_CHUNK_BITS][of & ((1u << PATTERN_CHUNK_BITS) - 1)]);
}

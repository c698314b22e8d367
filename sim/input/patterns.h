/* SPDX-License-Identifier: GPL-3.0-or-later */
/* patterns: which keys match which of a scenario's patterns.
 *
 * A key's name is compared once, when the key gets its id; what is kept is one bit per pattern, not the
 * name. Chunks never move, so cells may look at the keys of their batch while the reader adds others. */
#ifndef SIM_INPUT_PATTERNS_H
#define SIM_INPUT_PATTERNS_H

#include "sim/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATTERN_CHUNK_BITS = 16 };

struct key_patterns {
    const char *const *patterns; /* at most 32, as KEYS and SCAN take them; the caller's */
    unsigned count;
    uint32_t *chunks[1 << (32 - PATTERN_CHUNK_BITS)];
};

struct key_patterns *key_patterns_new(const char *const *patterns, unsigned count);
void key_patterns_free(struct key_patterns *patterns); /* NULL is fine */
void key_patterns_note(struct key_patterns *patterns, uint32_t id, const struct record *record);

/* The same patterns for who numbers keys anew, one key after the other. */
void key_patterns_alias(struct key_patterns *view, uint32_t id, const struct key_patterns *patterns, uint32_t of);

/* Whether the key, which has been noted, matches that pattern. */
static inline bool key_patterns_match(const struct key_patterns *patterns, uint32_t id, unsigned pattern)
{
    const uint32_t *chunk = patterns->chunks[id >> PATTERN_CHUNK_BITS];

    return chunk[id & ((1u << PATTERN_CHUNK_BITS) - 1)] >> pattern & 1;
}

#endif

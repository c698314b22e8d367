/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/patterns.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Whether `c` is in the set that begins after '['. Moves *set behind the set. */
static bool set_contains(const char **set, unsigned char c)
{
    const char *p = *set;
    bool negated = *p == '^', found = false;

    for (p += negated; *p && *p != ']'; p++) {
        unsigned char low, high;

        if (*p == '\\' && p[1])
            p++;
        low = high = (unsigned char)*p;
        if (p[1] == '-' && p[2] && p[2] != ']') {
            high = (unsigned char)p[2];
            p += 2;
        }
        if (low > high) {
            unsigned char swap = low;

            low = high;
            high = swap;
        }
        found |= low <= c && c <= high;
    }
    *set = *p ? p + 1 : p;
    return found != negated;
}

/* Whether `c` matches the next element of the glob, which is not '*'. Moves *glob behind it. */
static bool one_matches(const char **glob, unsigned char c)
{
    const char *p = *glob;

    *glob = p + 1;
    if (*p == '?')
        return true;
    if (*p == '[')
        return set_contains(glob, c);
    if (*p == '\\' && p[1]) {
        *glob = p + 2;
        return (unsigned char)p[1] == c;
    }
    return (unsigned char)*p == c;
}

bool glob_matches(const char *glob, const char *text, size_t bytes)
{
    const char *end = text + bytes, *star = NULL, *from = NULL; /* behind the last '*': glob and text */

    for (;;) {
        if (*glob == '*') {
            star = ++glob;
            from = text;
        } else if (text == end) {
            return !*glob;
        } else if (!*glob || !one_matches(&glob, (unsigned char)*text++)) {
            if (!star)
                return false;
            glob = star;
            text = ++from;
            if (from > end)
                return false;
        }
    }
}

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

void key_patterns_note(struct key_patterns *patterns, uint32_t id, const struct record *record)
{
    uint32_t **chunk = &patterns->chunks[id >> PATTERN_CHUNK_BITS], mask = 0;
    char number[24];
    const char *name = record->key;
    size_t bytes = record->key_bytes;

    if (!name) {
        bytes = (size_t)snprintf(number, sizeof number, "%" PRIu64, record->key_number);
        name = number;
    }
    for (unsigned i = 0; i < patterns->count; i++)
        mask |= (uint32_t)glob_matches(patterns->patterns[i], name, bytes) << i;
    if (!*chunk)
        *chunk = xcalloc((size_t)1 << PATTERN_CHUNK_BITS, sizeof **chunk);
    (*chunk)[id & ((1u << PATTERN_CHUNK_BITS) - 1)] = mask;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/text_index.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

enum { SMALLEST = 16 };

/* The slot of the text, or the free one where it would be. */
static size_t slot_of(const struct text_index *index, const char *text)
{
    size_t mask = index->capacity - 1, slot = (size_t)XXH3_64bits(text, strlen(text)) & mask;

    while (index->slots[slot] && strcmp(index->texts[index->slots[slot] - 1], text) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

/* At most half of the slots are taken. */
static void make_room(struct text_index *index)
{
    if (index->count < index->capacity / 2)
        return;
    index->capacity = index->capacity ? 2 * index->capacity : SMALLEST;
    index->texts = xrealloc(index->texts, index->capacity / 2 * sizeof *index->texts);
    free(index->slots);
    index->slots = xcalloc(index->capacity, sizeof *index->slots);
    for (size_t i = 0; i < index->count; i++)
        index->slots[slot_of(index, index->texts[i])] = i + 1;
}

size_t text_index_add(struct text_index *index, const char *text)
{
    size_t slot;

    make_room(index);
    slot = slot_of(index, text);
    if (!index->slots[slot]) {
        index->texts[index->count++] = xstrdup(text);
        index->slots[slot] = index->count;
    }
    return index->slots[slot] - 1;
}

bool text_index_find(const struct text_index *index, const char *text, size_t *number)
{
    size_t found = index->count ? index->slots[slot_of(index, text)] : 0;

    if (found)
        *number = found - 1;
    return found > 0;
}

void text_index_release(struct text_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free(index->texts[i]);
    free(index->texts);
    free(index->slots);
    *index = (struct text_index){0};
}

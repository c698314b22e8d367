/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/request.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

void batch_clear(struct batch *batch)
{
#define X(type, name)                                                                                                  \
    if (batch->has_##name)                                                                                             \
        memset(batch->name, 0, sizeof batch->name);                                                                    \
    batch->has_##name = false;
    SPARSE_COLUMNS(X)
#undef X
    batch->has_sparse = false;
    batch->count = 0;
    batch->list_count = 0;
}

void batch_release(struct batch *batch)
{
    free(batch->list);
    batch->list = NULL;
    batch->list_count = batch->list_capacity = 0;
}

struct element *batch_add_elements(struct batch *batch, uint32_t count)
{
    struct element *first;

    if (batch->list_count + count > batch->list_capacity) {
        batch->list_capacity = grown_capacity(batch->list_capacity, batch->list_count + count);
        batch->list = xrealloc(batch->list, batch->list_capacity * sizeof *batch->list);
    }
    first = &batch->list[batch->list_count];
    batch->list_count += count;
    return first;
}

void batch_add_sparse(struct batch *batch, uint32_t row, const struct record *record)
{
    batch->has_sparse = true;
#define X(type, name)                                                                                                  \
    if (record->name) {                                                                                                \
        batch->name[row] = record->name;                                                                               \
        batch->has_##name = true;                                                                                      \
    }
    SPARSE_COLUMNS(X)
#undef X
}

/* Gives rows that were just appended, from `row` on, their elements. Their first_element still is a place in the list
 * of `from`. */
static void append_elements(struct batch *to, const struct batch *from, uint32_t row)
{
    for (; row < to->count; row++) {
        uint32_t first = to->first_element[row];

        if (!to->elements[row])
            continue;
        to->first_element[row] = to->list_count;
        memcpy(batch_add_elements(to, to->elements[row]), &from->list[first], to->elements[row] * sizeof *from->list);
    }
    to->has_first_element = true;
}

void batch_append(struct batch *to, const struct batch *from, uint32_t first, uint32_t count)
{
    if (!count)
        return;
#define X(type, name) memcpy(&to->name[to->count], &from->name[first], count * sizeof(type));
    DENSE_COLUMNS(X)
#undef X
#define X(type, name)                                                                                                  \
    if (from->has_##name)                                                                                              \
        memcpy(&to->name[to->count], &from->name[first], count * sizeof(type));                                        \
    to->has_##name |= from->has_##name;
    SPARSE_COLUMNS(X)
#undef X
    to->has_sparse |= from->has_sparse;
    to->count += count;
    to->members = from->members;
    if (from->has_elements)
        append_elements(to, from, to->count - count);
}

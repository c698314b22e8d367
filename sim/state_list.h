/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_list: the state of something as a list of numbers, to be compared with what it was at another time.
 *
 * Each part of a whole adds its own numbers, always the same ones in the same order; times are added as distances
 * from now, so that the same state at two times gives the same list. */
#ifndef SIM_STATE_LIST_H
#define SIM_STATE_LIST_H

#include "sim/alloc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Zeroed before first use. */
struct state_list {
    size_t count, capacity;
    uint64_t *numbers; /* owned */
};

static inline void state_list_release(struct state_list *list)
{
    free(list->numbers);
    *list = (struct state_list){0};
}

static inline void state_list_add(struct state_list *list, uint64_t number)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 128;
        list->numbers = xrealloc(list->numbers, list->capacity * sizeof *list->numbers);
    }
    list->numbers[list->count++] = number;
}

static inline bool state_list_equal(const struct state_list *a, const struct state_list *b)
{
    return a->count == b->count && (!a->count || !memcmp(a->numbers, b->numbers, a->count * sizeof *a->numbers));
}

static inline void state_list_swap(struct state_list *a, struct state_list *b)
{
    struct state_list held = *a;

    *a = *b;
    *b = held;
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/list_place.h"

struct list_place list_seek(const struct list *list, uint64_t index)
{
    struct list_node *node;

    if (index >= list->count)
        return (struct list_place){0};
    if (index < list->count / 2) {
        for (node = list->head; index >= node->ring.count; node = node->next)
            index -= node->ring.count;
        return (struct list_place){node, (uint32_t)index};
    }
    index = list->count - 1 - index;
    for (node = list->tail; index >= node->ring.count; node = node->previous)
        index -= node->ring.count;
    return (struct list_place){node, node->ring.count - 1 - (uint32_t)index};
}

struct list_place list_end_place(const struct list *list, enum list_end end)
{
    if (!list->count)
        return (struct list_place){0};
    return end == LIST_HEAD ? (struct list_place){list->head, 0}
                            : (struct list_place){list->tail, list->tail->ring.count - 1};
}

struct list_place list_step(struct list_place place, enum list_end towards)
{
    if (towards == LIST_TAIL) {
        if (++place.offset == place.node->ring.count)
            place = (struct list_place){place.node->next, 0};
    } else if (place.offset-- == 0) {
        place.node = place.node->previous;
        place.offset = place.node ? place.node->ring.count - 1 : 0;
    }
    return place;
}

struct list_element list_at(struct list_place place)
{
    return *list_ring_at(&place.node->ring, place.offset);
}

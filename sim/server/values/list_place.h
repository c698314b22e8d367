/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_place: the nodes of a list, and the places of its elements in them. */
#ifndef SIM_SERVER_VALUES_LIST_PLACE_H
#define SIM_SERVER_VALUES_LIST_PLACE_H

#include "sim/server/state.h"
#include "sim/server/values/list_ring.h"

#include <stdbool.h>
#include <stdint.h>

struct list_node {
    struct list_node *previous, *next;
    uint64_t bytes; /* of its listpack, or of the plain element */
    struct list_ring ring;
    bool is_plain;
};

struct list {
    struct tallied tallied; /* first: see state.h */
    struct list_node *head, *tail;
    uint64_t count;      /* elements */
    uint64_t node_count; /* of a listpack 1 */
    uint64_t bytes;      /* of all blocks */
    int32_t fill;        /* list-max-listpack-size when the quicklist was made */
};

/* An element of a list. */
struct list_place {
    struct list_node *node; /* NULL: there is none */
    uint32_t offset;
};

enum list_end { LIST_HEAD, LIST_TAIL };

/* Of the element with this index, counted from 0; it may be beyond the end. */
struct list_place list_seek(const struct list *list, uint64_t index);
struct list_place list_end_place(const struct list *list, enum list_end end);
/* The place after, or with LIST_HEAD before. */
struct list_place list_step(struct list_place place, enum list_end towards);
struct list_element list_at(struct list_place place);

#endif

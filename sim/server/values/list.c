/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/list.h"

#include "sim/alloc.h"
#include "sim/server/values/listpack.h"

#include <stdlib.h>
#include <string.h>

enum {
    QUICKLIST_BYTES = 40,
    NODE_BYTES = 32,
    SIZE_LIMIT = 8192,  /* of a listpack that is bounded by its elements (SIZE_SAFETY_LIMIT) */
    ENTRY_OVERHEAD = 8, /* SIZE_ESTIMATE_OVERHEAD */
    FILL_LOWEST = -5,   /* QL_FILL_BITS of the field, and the levels that there are */
    FILL_HIGHEST = 32767,
};

/* ---- blocks ---- */

static void add_block(struct redis *redis, struct list *list, uint64_t bytes)
{
    uint64_t block = allocator_class(redis->allocator, bytes);

    redis->used += block;
    list->bytes += block;
}

static void free_block(struct redis *redis, struct list *list, uint64_t bytes)
{
    uint64_t block = allocator_class(redis->allocator, bytes);

    redis->used -= block;
    list->bytes -= block;
}

static void resize_block(struct redis *redis, struct list *list, struct list_node *node, uint64_t bytes)
{
    uint64_t before = allocator_class(redis->allocator, node->bytes);
    uint64_t after = allocator_class(redis->allocator, bytes);

    redis->used += after - before;
    list->bytes += after - before;
    node->bytes = bytes;
}

/* ---- a node's ring ---- */

static struct list_element *slot_of(const struct list_node *node, uint32_t offset)
{
    uint32_t slot = node->first + offset;

    return &node->ring[slot < node->capacity ? slot : slot - node->capacity];
}

/* In order from slot 0 on. */
static void straighten(struct list_node *node, uint32_t capacity)
{
    struct list_element *ring = xcalloc(capacity, sizeof *ring);

    for (uint32_t i = 0; i < node->count; i++)
        ring[i] = *slot_of(node, i);
    free(node->ring);
    node->ring = ring;
    node->first = 0;
    node->capacity = capacity;
}

/* The shorter side of the ring moves. */
static void ring_insert(struct list_node *node, uint32_t offset, struct list_element element)
{
    if (node->count == node->capacity)
        straighten(node, node->capacity < 2 ? node->capacity + 1 : node->capacity + node->capacity / 2);
    if (offset < node->count / 2 || offset == 0) {
        node->first = (node->first ? node->first : node->capacity) - 1;
        for (uint32_t i = 0; i < offset; i++)
            *slot_of(node, i) = *slot_of(node, i + 1);
    } else {
        for (uint32_t i = node->count; i > offset; i--)
            *slot_of(node, i) = *slot_of(node, i - 1);
    }
    node->count++;
    *slot_of(node, offset) = element;
}

static void ring_remove(struct list_node *node, uint32_t offset, uint32_t count)
{
    uint32_t behind = node->count - offset - count;

    if (offset < behind) {
        for (uint32_t i = offset; i-- > 0;)
            *slot_of(node, i + count) = *slot_of(node, i);
        node->first = (node->first + count) % node->capacity;
    } else {
        for (uint32_t i = offset; i < offset + behind; i++)
            *slot_of(node, i) = *slot_of(node, i + count);
    }
    node->count -= count;
}

/* ---- nodes ---- */

static void link_node(struct list *list, struct list_node *node, struct list_node *previous, struct list_node *next)
{
    node->previous = previous;
    node->next = next;
    *(previous ? &previous->next : &list->head) = node;
    *(next ? &next->previous : &list->tail) = node;
    list->node_count++;
}

/* Between two that are neighbours, or the ends. Its listpack is empty. */
static struct list_node *node_new(struct redis *redis, struct list *list, struct list_node *previous,
                                  struct list_node *next)
{
    struct list_node *node = xcalloc(1, sizeof *node);

    link_node(list, node, previous, next);
    node->bytes = LISTPACK_FRAME;
    add_block(redis, list, NODE_BYTES);
    add_block(redis, list, LISTPACK_FRAME);
    return node;
}

static void node_release(struct list *list, struct list_node *node)
{
    *(node->previous ? &node->previous->next : &list->head) = node->next;
    *(node->next ? &node->next->previous : &list->tail) = node->previous;
    list->node_count--;
    free(node->ring);
    free(node);
}

/* __quicklistDelNode */
static void node_delete(struct redis *redis, struct list *list, struct list_node *node)
{
    list->count -= node->count;
    free_block(redis, list, node->bytes);
    free_block(redis, list, NODE_BYTES);
    node_release(list, node);
}

static void node_insert(struct redis *redis, struct list *list, struct list_place place, struct list_element element)
{
    resize_block(redis, list, place.node, place.node->bytes + listpack_entry_bytes(element.text));
    ring_insert(place.node, place.offset, element);
    list->count++;
}

static void node_remove(struct redis *redis, struct list *list, struct list_place place, uint32_t count)
{
    uint64_t bytes = place.node->bytes;

    for (uint32_t i = 0; i < count; i++)
        bytes -= listpack_entry_bytes(slot_of(place.node, place.offset + i)->text);
    resize_block(redis, list, place.node, bytes);
    ring_remove(place.node, place.offset, count);
    list->count -= count;
}

/* ---- limits ---- */

/* optimization_level */
static uint64_t size_limit(int32_t fill)
{
    return fill < 0 ? UINT64_C(2048) << -fill : SIZE_LIMIT;
}

static int32_t clamped(int64_t fill)
{
    return (int32_t)(fill < FILL_LOWEST ? FILL_LOWEST : fill > FILL_HIGHEST ? FILL_HIGHEST : fill);
}

/* quicklistNodeExceedsLimit, for a listpack that is to have so many elements in so many bytes. */
static bool exceeds_limit(int32_t fill, uint64_t bytes, uint64_t count)
{
    if (bytes > size_limit(fill))
        return true;
    return fill >= 0 && count > (uint64_t)(fill ? fill : 1);
}

/* _quicklistNodeAllowInsert */
static bool allows_insert(const struct list *list, const struct list_node *node, struct text text)
{
    return node && !node->is_plain &&
           !exceeds_limit(list->fill, node->bytes + text.length + ENTRY_OVERHEAD, (uint64_t)node->count + 1);
}

/* isLargeElement */
static bool is_large(const struct redis *redis, const struct list *list, struct text text)
{
    return redis->profile->list_has_plain_nodes && text.length > size_limit(list->fill);
}

/* ---- the value ---- */

static struct list *quicklist_new(struct redis *redis)
{
    struct list *list = xcalloc(1, sizeof *list);

    list->fill = clamped(redis->config.list_max_listpack_size);
    add_block(redis, list, QUICKLIST_BYTES);
    return list;
}

static struct list *list_in_listpack(struct redis *redis)
{
    struct list *list = xcalloc(1, sizeof *list);
    struct list_node *node = xcalloc(1, sizeof *node);

    link_node(list, node, NULL, NULL);
    node->bytes = LISTPACK_FRAME;
    add_block(redis, list, LISTPACK_FRAME);
    return list;
}

struct list *list_new(struct redis *redis, enum encoding *encoding)
{
    bool is_listpack = redis->profile->list_begins_in_listpack;
    uint64_t used = redis->used;
    struct list *list = is_listpack ? list_in_listpack(redis) : quicklist_new(redis);

    redis->used = used;
    *encoding = is_listpack ? ENCODING_LIST_LISTPACK : ENCODING_LIST_QUICKLIST;
    return list;
}

struct list_element list_element_of(const struct redis *redis, uint32_t member)
{
    return (struct list_element){text_of_member(member_of(redis->members, member)), member};
}

uint64_t list_bytes(const struct redis *redis, const void *list)
{
    (void)redis;
    return ((const struct list *)list)->bytes;
}

void list_release(void *structure)
{
    struct list *list = structure;

    while (list->head)
        node_release(list, list->head);
    free(list);
}

/* quicklistDup, lpDup: node for node. */
void *list_copy(struct redis *redis, const void *structure)
{
    const struct list *from = structure;
    struct list *to = xcalloc(1, sizeof *to);

    (void)redis;
    for (const struct list_node *node = from->head; node; node = node->next) {
        struct list_node *copy = xcalloc(1, sizeof *copy);

        *copy = *node;
        copy->ring = NULL;
        copy->ring = xcalloc(node->capacity, sizeof *copy->ring);
        memcpy(copy->ring, node->ring, node->capacity * sizeof *copy->ring);
        link_node(to, copy, to->tail, NULL);
    }
    to->count = from->count;
    to->bytes = from->bytes;
    to->fill = from->fill;
    return to;
}

/* ---- from one encoding to the other ---- */

void list_expect(struct redis *redis, struct entry *entry, uint64_t elements, uint64_t bytes)
{
    struct list *list = list_of(entry);

    if (entry->encoding != ENCODING_LIST_LISTPACK || !exceeds_limit(clamped(redis->config.list_max_listpack_size),
                                                                    list->head->bytes + bytes, list->count + elements))
        return;
    entry->encoding = ENCODING_LIST_QUICKLIST;
    list->fill = clamped(redis->config.list_max_listpack_size);
    add_block(redis, list, QUICKLIST_BYTES);
    add_block(redis, list, NODE_BYTES);
    if (!list->count)
        node_delete(redis, list, list->head);
}

void list_has_shrunk(struct redis *redis, struct entry *entry)
{
    struct list *list = list_of(entry);
    int32_t fill = clamped(redis->config.list_max_listpack_size);

    if (!redis->profile->list_begins_in_listpack || entry->encoding != ENCODING_LIST_QUICKLIST ||
        list->node_count != 1 || list->head->is_plain)
        return;
    if (fill < 0 ? list->head->bytes > size_limit(fill) / 2 : list->count > (uint64_t)(fill ? fill : 1) / 2)
        return;
    entry->encoding = ENCODING_LIST_LISTPACK;
    free_block(redis, list, NODE_BYTES);
    free_block(redis, list, QUICKLIST_BYTES);
}

/* ---- both ends ---- */

static struct list_node *node_at_end(const struct list *list, enum list_end end)
{
    return end == LIST_HEAD ? list->head : list->tail;
}

/* A node of its own for the element, between two neighbours. */
static struct list_node *node_with(struct redis *redis, struct list *list, struct list_node *previous,
                                   struct list_node *next, struct list_element element)
{
    struct list_node *node = node_new(redis, list, previous, next);

    if (!is_large(redis, list, element.text)) {
        node_insert(redis, list, (struct list_place){node, 0}, element);
        return node;
    }
    node->is_plain = true;
    resize_block(redis, list, node, element.text.length);
    ring_insert(node, 0, element);
    list->count++;
    return node;
}

void list_push(struct redis *redis, struct entry *entry, struct list_element element, enum list_end end)
{
    struct list *list = list_of(entry);
    struct list_node *node = node_at_end(list, end);

    if (entry->encoding == ENCODING_LIST_LISTPACK || allows_insert(list, node, element.text))
        node_insert(redis, list, (struct list_place){node, end == LIST_HEAD ? 0 : node->count}, element);
    else
        node_with(redis, list, end == LIST_HEAD ? NULL : node, end == LIST_HEAD ? node : NULL, element);
}

/* quicklistDelIndex: a node goes with its last element. */
static void delete_at(struct redis *redis, struct entry *entry, struct list_place place)
{
    struct list *list = list_of(entry);

    if (entry->encoding == ENCODING_LIST_QUICKLIST && place.node->count == 1)
        node_delete(redis, list, place.node);
    else
        node_remove(redis, list, place, 1);
}

struct list_element list_pop(struct redis *redis, struct entry *entry, enum list_end end)
{
    struct list_place place = list_end_place(list_of(entry), end);
    struct list_element element = list_at(place);

    delete_at(redis, entry, place);
    return element;
}

void list_delete_range(struct redis *redis, struct entry *entry, uint64_t first, uint64_t count)
{
    struct list *list = list_of(entry);
    struct list_place place = list_seek(list, first);

    while (count) {
        struct list_node *next = place.node->next;
        uint32_t here = place.node->count - place.offset;

        here = here < count ? here : (uint32_t)count;
        if (entry->encoding == ENCODING_LIST_QUICKLIST && here == place.node->count)
            node_delete(redis, list, place.node);
        else
            node_remove(redis, list, place, here);
        count -= here;
        place = (struct list_place){next, 0};
    }
}

/* ---- places ---- */

struct list_place list_seek(const struct list *list, uint64_t index)
{
    struct list_node *node;

    if (index >= list->count)
        return (struct list_place){0};
    if (index < list->count / 2) {
        for (node = list->head; index >= node->count; node = node->next)
            index -= node->count;
        return (struct list_place){node, (uint32_t)index};
    }
    index = list->count - 1 - index;
    for (node = list->tail; index >= node->count; node = node->previous)
        index -= node->count;
    return (struct list_place){node, node->count - 1 - (uint32_t)index};
}

struct list_place list_end_place(const struct list *list, enum list_end end)
{
    if (!list->count)
        return (struct list_place){0};
    return end == LIST_HEAD ? (struct list_place){list->head, 0}
                            : (struct list_place){list->tail, list->tail->count - 1};
}

struct list_place list_step(struct list_place place, enum list_end towards)
{
    if (towards == LIST_TAIL) {
        if (++place.offset == place.node->count)
            place = (struct list_place){place.node->next, 0};
    } else if (place.offset-- == 0) {
        place.node = place.node->previous;
        place.offset = place.node ? place.node->count - 1 : 0;
    }
    return place;
}

struct list_element list_at(struct list_place place)
{
    return *slot_of(place.node, place.offset);
}

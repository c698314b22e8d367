/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/list.h"

#include "sim/alloc.h"
#include "sim/server/values/listpack.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SIZE_LIMIT = 8192,  /* SIZE_SAFETY_LIMIT: the most bytes of a listpack whose limit is a number of elements */
    ZIPLIST_FRAME = 11, /* the frame that 7.0 assumes when it merges */
    ENTRY_OVERHEAD = 8, /* SIZE_ESTIMATE_OVERHEAD */
    FILL_LOWEST = -5,   /* the limits of the field (QL_FILL_BITS) and of the optimization levels */
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

/* ---- nodes ---- */

static void link_node(struct list *list, struct list_node *node, struct list_node *previous, struct list_node *next)
{
    node->previous = previous;
    node->next = next;
    *(previous ? &previous->next : &list->head) = node;
    *(next ? &next->previous : &list->tail) = node;
    list->node_count++;
}

/* Makes a node with an empty listpack between two neighbors, which are NULL at the ends. */
static struct list_node *node_new(struct redis *redis, struct list *list, struct list_node *previous,
                                  struct list_node *next)
{
    struct list_node *node = xcalloc(1, sizeof *node);

    link_node(list, node, previous, next);
    node->bytes = LISTPACK_FRAME;
    add_block(redis, list, LIST_NODE_BYTES);
    add_block(redis, list, LISTPACK_FRAME);
    return node;
}

static void node_release(struct list *list, struct list_node *node)
{
    *(node->previous ? &node->previous->next : &list->head) = node->next;
    *(node->next ? &node->next->previous : &list->tail) = node->previous;
    list->node_count--;
    free(node->ring.slots);
    free(node);
}

/* As __quicklistDelNode. */
static void node_delete(struct redis *redis, struct list *list, struct list_node *node)
{
    list->count -= node->ring.count;
    free_block(redis, list, node->bytes);
    free_block(redis, list, LIST_NODE_BYTES);
    node_release(list, node);
}

static void node_insert(struct redis *redis, struct list *list, struct list_place place, struct list_element element)
{
    resize_block(redis, list, place.node, place.node->bytes + listpack_entry_bytes(element.text));
    list_ring_insert(&place.node->ring, place.offset, element);
    list->count++;
}

static void node_remove(struct redis *redis, struct list *list, struct list_place place, uint32_t count)
{
    uint64_t bytes = place.node->bytes;

    for (uint32_t i = 0; i < count; i++)
        bytes -= listpack_entry_bytes(list_ring_at(&place.node->ring, place.offset + i)->text);
    resize_block(redis, list, place.node, bytes);
    list_ring_remove(&place.node->ring, place.offset, count);
    list->count -= count;
}

/* ---- limits ---- */

/* The limit of optimization_level. */
static uint64_t size_limit(int32_t fill)
{
    return fill < 0 ? UINT64_C(2048) << -fill : SIZE_LIMIT;
}

static int32_t clamped(int64_t fill)
{
    return (int32_t)(fill < FILL_LOWEST ? FILL_LOWEST : fill > FILL_HIGHEST ? FILL_HIGHEST : fill);
}

/* As quicklistNodeExceedsLimit, for a listpack of this size with so many elements. */
static bool exceeds_limit(int32_t fill, uint64_t bytes, uint64_t count)
{
    if (bytes > size_limit(fill))
        return true;
    return fill >= 0 && count > (uint64_t)(fill ? fill : 1);
}

/* As _quicklistNodeAllowInsert. */
static bool allows_insert(const struct list *list, const struct list_node *node, struct text text)
{
    return node && !node->is_plain &&
           !exceeds_limit(list->fill, node->bytes + text.length + ENTRY_OVERHEAD, (uint64_t)node->ring.count + 1);
}

/* As isLargeElement. */
static bool is_large(const struct redis *redis, const struct list *list, struct text text)
{
    return redis->profile->list_has_plain_nodes && text.length > size_limit(list->fill);
}

/* ---- the value ---- */

struct list *list_new_quicklist(struct redis *redis)
{
    struct list *list = xcalloc(1, sizeof *list);

    list->fill = clamped(redis->config.list_max_listpack_size);
    add_block(redis, list, list_struct_bytes(redis));
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
    struct list *list = is_listpack ? list_in_listpack(redis) : list_new_quicklist(redis);

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

    for (struct list_node *node = list->head, *next; node; node = next) {
        next = node->next;
        free(node->ring.slots);
        free(node);
    }
    free(list);
}

/* As quicklistDup and lpDup: the copy has the same nodes. */
void *list_copy(struct redis *redis, const void *structure)
{
    const struct list *from = structure;
    struct list *to = xcalloc(1, sizeof *to);

    (void)redis;
    for (const struct list_node *node = from->head; node; node = node->next) {
        struct list_node *copy = xcalloc(1, sizeof *copy);

        *copy = *node;
        copy->ring = list_ring_copy(&node->ring);
        link_node(to, copy, to->tail, NULL);
    }
    to->count = from->count;
    to->bytes = from->bytes;
    to->fill = from->fill;
    return to;
}

/* ---- conversion ---- */

void list_expect(struct redis *redis, struct entry *entry, uint64_t elements, uint64_t bytes)
{
    struct list *list = list_of(entry);

    if (entry->encoding != ENCODING_LIST_LISTPACK || !exceeds_limit(clamped(redis->config.list_max_listpack_size),
                                                                    list->head->bytes + bytes, list->count + elements))
        return;
    entry->encoding = ENCODING_LIST_QUICKLIST;
    list->fill = clamped(redis->config.list_max_listpack_size);
    add_block(redis, list, list_struct_bytes(redis));
    add_block(redis, list, LIST_NODE_BYTES);
    if (!list->count)
        node_delete(redis, list, list->head);
}

void list_become_listpack(struct redis *redis, struct entry *entry, unsigned part)
{
    struct list *list = list_of(entry);
    int32_t fill = clamped(redis->config.list_max_listpack_size);

    if (!redis->profile->list_begins_in_listpack || entry->encoding != ENCODING_LIST_QUICKLIST ||
        list->node_count != 1 || list->head->is_plain)
        return;
    if (fill < 0 ? list->head->bytes > size_limit(fill) / part : list->count > (uint64_t)(fill ? fill : 1) / part)
        return;
    entry->encoding = ENCODING_LIST_LISTPACK;
    free_block(redis, list, LIST_NODE_BYTES);
    free_block(redis, list, list_struct_bytes(redis));
}

/* ---- both ends ---- */

static struct list_node *node_at_end(const struct list *list, enum list_end end)
{
    return end == LIST_HEAD ? list->head : list->tail;
}

/* Puts the element into a node of its own between two neighbors. */
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
    list_ring_insert(&node->ring, 0, element);
    list->count++;
    return node;
}

void list_push(struct redis *redis, struct entry *entry, struct list_element element, enum list_end end)
{
    struct list *list = list_of(entry);
    struct list_node *node = node_at_end(list, end);

    if (entry->encoding == ENCODING_LIST_LISTPACK || allows_insert(list, node, element.text))
        node_insert(redis, list, (struct list_place){node, end == LIST_HEAD ? 0 : node->ring.count}, element);
    else
        node_with(redis, list, end == LIST_HEAD ? NULL : node, end == LIST_HEAD ? node : NULL, element);
}

void list_load(struct redis *redis, struct list *list, struct list_element element, bool begins_node, bool is_plain)
{
    struct list_node *node = begins_node || !list->tail ? node_new(redis, list, list->tail, NULL) : list->tail;

    if (!is_plain) {
        node_insert(redis, list, (struct list_place){node, node->ring.count}, element);
        return;
    }
    node->is_plain = true;
    resize_block(redis, list, node, element.text.length);
    list_ring_insert(&node->ring, 0, element);
    list->count++;
}

/* As quicklistDelIndex: a node is freed with its last element. */
static void delete_at(struct redis *redis, struct entry *entry, struct list_place place)
{
    struct list *list = list_of(entry);

    if (entry->encoding == ENCODING_LIST_QUICKLIST && place.node->ring.count == 1)
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
        assert(place.node); /* there are so many elements */
        struct list_node *next = place.node->next;
        uint32_t here = place.node->ring.count - place.offset;

        here = here < count ? here : (uint32_t)count;
        if (entry->encoding == ENCODING_LIST_QUICKLIST && here == place.node->ring.count)
            node_delete(redis, list, place.node);
        else
            node_remove(redis, list, place, here);
        count -= here;
        place = (struct list_place){next, 0};
    }
}

/* ---- the middle of the list ---- */

struct list_place list_delete(struct redis *redis, struct entry *entry, struct list_place place, enum list_end towards)
{
    struct list_place next = list_step(place, towards);

    delete_at(redis, entry, place);
    if (next.node == place.node && towards == LIST_TAIL)
        next.offset--;
    return next;
}

/* As _quicklistSplitNode: the node keeps the first elements, and a new node after it has the others. */
static void split_node(struct redis *redis, struct list *list, struct list_node *node, uint32_t keeps)
{
    struct list_node *behind = node_new(redis, list, node, node->next);
    struct list_place tail = {behind, 0};

    for (; keeps + tail.offset < node->ring.count; tail.offset++)
        node_insert(redis, list, tail, *list_ring_at(&node->ring, keeps + tail.offset));
    node_remove(redis, list, (struct list_place){node, keeps}, node->ring.count - keeps);
}

/* As _quicklistNodeAllowMerge. */
static bool allows_merge(const struct redis *redis, const struct list *list, const struct list_node *a,
                         const struct list_node *b)
{
    const uint64_t frame = redis->profile->list_merges_exactly ? LISTPACK_FRAME : ZIPLIST_FRAME;

    return a && b && !a->is_plain && !b->is_plain &&
           !exceeds_limit(list->fill, a->bytes + b->bytes - frame, (uint64_t)a->ring.count + b->ring.count);
}

/* As _quicklistListpackMerge: the node takes over the elements of the next one. */
static bool merge_if_allowed(struct redis *redis, struct list *list, struct list_node *node)
{
    struct list_node *next = node ? node->next : NULL;

    if (!allows_merge(redis, list, node, next))
        return false;
    resize_block(redis, list, node, node->bytes + next->bytes - LISTPACK_FRAME);
    for (uint32_t i = 0; i < next->ring.count; i++)
        list_ring_insert(&node->ring, node->ring.count, *list_ring_at(&next->ring, i));
    list->count += next->ring.count;
    node_delete(redis, list, next);
    return true;
}

/* As _quicklistMergeNodes: merges the two nodes before and the two nodes after, then the results with the node. */
static void merge_around(struct redis *redis, struct list *list, struct list_node *node)
{
    struct list_node *previous = node->previous;

    if (previous)
        merge_if_allowed(redis, list, previous->previous);
    merge_if_allowed(redis, list, node->next);
    previous = node->previous;
    merge_if_allowed(redis, list, merge_if_allowed(redis, list, previous) ? previous : node);
}

/* As _quicklistInsert. */
static void quicklist_insert(struct redis *redis, struct list *list, struct list_place place,
                             struct list_element element, enum list_end side)
{
    struct list_node *node = place.node, *beside = side == LIST_TAIL ? node->next : node->previous;
    uint32_t offset = place.offset + (side == LIST_TAIL);
    bool is_at_end = offset == (side == LIST_TAIL ? node->ring.count : 0);

    if (allows_insert(list, node, element.text)) {
        node_insert(redis, list, (struct list_place){node, offset}, element);
    } else if (is_at_end && allows_insert(list, beside, element.text)) {
        node_insert(redis, list, (struct list_place){beside, side == LIST_TAIL ? 0 : beside->ring.count}, element);
    } else if (is_at_end) {
        node_with(redis, list, side == LIST_TAIL ? node : beside, side == LIST_TAIL ? beside : node, element);
    } else if (is_large(redis, list, element.text)) {
        split_node(redis, list, node, offset);
        node_with(redis, list, node, node->next, element);
    } else {
        /* In the server the new half takes the element, and merging begins at the old half. For LIST_HEAD the new
         * half is the front one, which is `node` here. */
        split_node(redis, list, node, offset);
        if (side == LIST_TAIL)
            node_insert(redis, list, (struct list_place){node->next, 0}, element);
        else
            node_insert(redis, list, (struct list_place){node, node->ring.count}, element);
        merge_around(redis, list, side == LIST_TAIL ? node : node->next);
    }
}

void list_insert(struct redis *redis, struct entry *entry, struct list_place place, struct list_element element,
                 enum list_end side)
{
    if (entry->encoding == ENCODING_LIST_QUICKLIST) {
        quicklist_insert(redis, list_of(entry), place, element, side);
        return;
    }
    place.offset += side == LIST_TAIL;
    node_insert(redis, list_of(entry), place, element);
}

/* As quicklistReplaceEntry for an element that does not fit into a listpack: it gets a node of its own at that
 * place. */
static void replace_by_node(struct redis *redis, struct list *list, struct list_place place,
                            struct list_element element)
{
    struct list_node *node = place.node, *made;

    if (place.offset != node->ring.count - 1)
        split_node(redis, list, node, place.offset + 1);
    made = node_with(redis, list, node, node->next, element);
    if (node->ring.count == 1) {
        node_delete(redis, list, node);
        return;
    }
    node_remove(redis, list, (struct list_place){node, node->ring.count - 1}, 1);
    merge_around(redis, list, made);
}

void list_replace(struct redis *redis, struct entry *entry, struct list_place place, struct list_element element)
{
    struct list *list = list_of(entry);
    struct list_node *node = place.node;
    bool is_plain = entry->encoding == ENCODING_LIST_QUICKLIST && is_large(redis, list, element.text);

    if (node->is_plain && !is_plain) {
        quicklist_insert(redis, list, place, element, LIST_TAIL);
        node_delete(redis, list, node);
    } else if (!node->is_plain && is_plain) {
        replace_by_node(redis, list, place, element);
    } else {
        resize_block(redis, list, node,
                     is_plain ? element.text.length
                              : node->bytes + listpack_entry_bytes(element.text) -
                                    listpack_entry_bytes(list_at(place).text));
        *list_ring_at(&node->ring, place.offset) = element;
    }
}

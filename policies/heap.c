/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/heap.h"

#include "sim/alloc.h"

#include <string.h>

enum { CHILDREN = 4, LEAST = 1024, CACHE_LINE = 64, LINE_AHEAD = 16 };

static bool is_less(const struct heap_node *a, const struct heap_node *b)
{
    return a->priority < b->priority || (a->priority == b->priority && a->turn < b->turn);
}

static bool is_live(const struct policy_context *context, const struct heap_node *node)
{
    return ((const struct heap_entry *)policy_entry(context, node->id))->node == node->turn;
}

static bool is_up_to_date(const struct policy_context *context, const struct heap_node *node)
{
    return ((const struct heap_entry *)policy_entry(context, node->id))->turn == node->turn;
}

static struct heap_node node_of(struct policy_context *context, uint32_t id)
{
    struct heap_entry *entry = policy_entry(context, id);

    entry->node = entry->turn;
    return (struct heap_node){.priority = entry->priority, .turn = entry->turn, .id = id};
}

static uint32_t least_child(const struct heap *heap, uint32_t place)
{
    uint32_t first = place * CHILDREN + 1, least = first;

    for (uint32_t child = first + 1; child < first + CHILDREN && child < heap->count; child++)
        if (is_less(&heap->nodes[child], &heap->nodes[least]))
            least = child;
    return least;
}

/* All grandchildren lie side by side, and all are prefetched: once it is known which of them are next, a prefetch comes
 * too late. Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void fetch_grandchildren(const struct heap *heap, uint32_t place)
{
    size_t first = ((size_t)place * CHILDREN + 1) * CHILDREN + 1, bytes = CHILDREN * CHILDREN * sizeof *heap->nodes;

    if (first + CHILDREN * CHILDREN > heap->count)
        return;
    for (size_t line = 0; line < bytes; line += CACHE_LINE)
        __builtin_prefetch((const char *)&heap->nodes[first] + line);
}

/* Puts the node at this place, or below it where the order requires it. */
static void sink(struct heap *heap, uint32_t place, struct heap_node node)
{
    while (place * CHILDREN + 1 < heap->count) {
        uint32_t child = least_child(heap, place);

        fetch_grandchildren(heap, place);
        if (!is_less(&heap->nodes[child], &node))
            break;
        heap->nodes[place] = heap->nodes[child];
        place = child;
    }
    heap->nodes[place] = node;
}

static void rise(struct heap *heap, uint32_t place, struct heap_node node)
{
    while (place && is_less(&node, &heap->nodes[(place - 1) / CHILDREN])) {
        heap->nodes[place] = heap->nodes[(place - 1) / CHILDREN];
        place = (place - 1) / CHILDREN;
    }
    heap->nodes[place] = node;
}

__attribute__((always_inline)) static inline void fetch(const struct policy_context *context, uint32_t id)
{
    __builtin_prefetch(policy_entry(context, id), 1);
}

/* One of the top's children is the next top, so their entries are prefetched. */
__attribute__((always_inline)) static inline void fetch_next(const struct policy_context *context,
                                                             const struct heap *heap)
{
    for (uint32_t child = 1; child <= CHILDREN && child < heap->count; child++)
        fetch(context, heap->nodes[child].id);
}

static void drop_top(struct heap *heap)
{
    heap->count--;
    if (heap->count)
        sink(heap, 0, heap->nodes[heap->count]);
}

/* Throws away dead nodes of the heap and updates the others. Enlarges the array unless that freed half of it. */
static void make_room(struct policy_context *context, struct heap *heap)
{
    uint32_t count = 0;

    for (uint32_t place = 0; place < heap->count; place++)
        if (is_live(context, &heap->nodes[place]))
            heap->nodes[count++] = node_of(context, heap->nodes[place].id);
    heap->count = count;
    for (uint32_t place = count; place--;)
        sink(heap, place, heap->nodes[place]);
    if (heap->capacity < 2 * count + LEAST) {
        heap->capacity = 2 * count + LEAST;
        heap->nodes = xrealloc(heap->nodes, heap->capacity * sizeof *heap->nodes);
    }
}

void heap_release(struct heap *heap)
{
    free(heap->nodes);
    free(heap->line);
}

void one_heap_release(struct policy_context *context)
{
    heap_release(context->state);
}

/* A new node usually follows an eviction. Then it takes the victim's place at the top, which saves a removal. */
static void add_node(struct policy_context *context, struct heap *heap, uint32_t id)
{
    if (heap->count && !is_live(context, &heap->nodes[0])) {
        sink(heap, 0, node_of(context, id));
        return;
    }
    if (heap->count >= heap->capacity)
        make_room(context, heap);
    heap->count++;
    rise(heap, heap->count - 1, node_of(context, id));
}

static struct heap_node *in_line(const struct heap *heap, uint32_t number)
{
    uint32_t place = heap->line_begin + number;

    return &heap->line[place < heap->line_capacity ? place : place - heap->line_capacity];
}

/* What lies before the end of the array goes to the end of the larger one. */
static void enlarge_line(struct heap *heap)
{
    uint32_t old = heap->line_capacity, more = old / 2 + LEAST;
    bool is_split = heap->line_begin + heap->line_count > old;

    heap->line_capacity = old + more;
    heap->line = xrealloc(heap->line, heap->line_capacity * sizeof *heap->line);
    if (!is_split)
        return;
    memmove(&heap->line[heap->line_begin + more], &heap->line[heap->line_begin],
            (old - heap->line_begin) * sizeof *heap->line);
    heap->line_begin += more;
}

/* Throws away dead nodes of the line. Enlarges it unless that freed a third of it. */
static void make_room_in_line(const struct policy_context *context, struct heap *heap)
{
    uint32_t count = 0;

    for (uint32_t number = 0; number < heap->line_count; number++) {
        const struct heap_node *node = in_line(heap, number);

        if (is_live(context, node))
            *in_line(heap, count++) = *node;
    }
    heap->line_count = count;
    if (count >= heap->line_capacity / 3 * 2)
        enlarge_line(heap);
}

/* At the end of the line, if that is its place there. */
static bool queue_up(struct policy_context *context, struct heap *heap, uint32_t id)
{
    struct heap_node node = node_of(context, id);

    if (heap->line_count && is_less(&node, in_line(heap, heap->line_count - 1)))
        return false;
    if (heap->line_count == heap->line_capacity)
        make_room_in_line(context, heap);
    *in_line(heap, heap->line_count++) = node;
    return true;
}

static void note_use(struct heap *heap, struct heap_entry *entry, double priority)
{
    entry->turn = ++heap->turn;
    entry->priority = priority;
}

void heap_push(struct policy_context *context, struct heap *heap, uint32_t id, double priority)
{
    note_use(heap, policy_entry(context, id), priority);
    heap->keys++;
    if (!queue_up(context, heap, id))
        add_node(context, heap, id);
}

void heap_use(struct policy_context *context, struct heap *heap, uint32_t id, double priority)
{
    struct heap_entry *entry = policy_entry(context, id);
    bool falls = priority < entry->priority;

    note_use(heap, entry, priority);
    if (falls) {
        entry->node = 0;
        add_node(context, heap, id);
    }
}

void heap_take(struct policy_context *context, struct heap *heap, uint32_t id)
{
    ((struct heap_entry *)policy_entry(context, id))->node = 0;
    heap->keys--;
}

/* The first of the line, which is up to date; NULL: there is none. */
static const struct heap_node *first_in_line(struct policy_context *context, struct heap *heap)
{
    while (heap->line_count) {
        const struct heap_node *first = in_line(heap, 0);

        if (heap->line_count > LINE_AHEAD)
            fetch(context, in_line(heap, LINE_AHEAD)->id);
        if (is_live(context, first) && is_up_to_date(context, first))
            return first;
        if (is_live(context, first))
            add_node(context, heap, first->id);
        heap->line_begin = heap->line_begin + 1 < heap->line_capacity ? heap->line_begin + 1 : 0;
        heap->line_count--;
    }
    return NULL;
}

/* The top of the heap, which is up to date; NULL: there is none. */
static const struct heap_node *top(struct policy_context *context, struct heap *heap)
{
    while (heap->count) {
        const struct heap_node *top = &heap->nodes[0];

        fetch_next(context, heap);
        if (!is_live(context, top))
            drop_top(heap);
        else if (is_up_to_date(context, top))
            return top;
        else
            sink(heap, 0, node_of(context, top->id));
    }
    return NULL;
}

uint32_t heap_least(struct policy_context *context, struct heap *heap)
{
    const struct heap_node *first = first_in_line(context, heap);
    const struct heap_node *least =
        heap->count && (!first || is_less(&heap->nodes[0], first)) ? top(context, heap) : NULL;

    if (!least || (first && is_less(first, least)))
        least = first;
    return least ? least->id : NO_KEY;
}

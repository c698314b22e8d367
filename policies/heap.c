/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/heap.h"

#include "sim/alloc.h"

enum { CHILDREN = 4, LEAST = 1024, CACHE_LINE = 64 };

static bool is_less(const struct heap_node *a, const struct heap_node *b)
{
    return a->priority < b->priority || (a->priority == b->priority && a->turn < b->turn);
}

static bool is_live(const struct policy_context *context, const struct heap_node *node)
{
    return ((const struct heap_entry *)policy_entry(context, node->id))->node == node->turn;
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

/* One of the top's children is the next top, so their entries are prefetched. */
__attribute__((always_inline)) static inline void fetch_next(const struct policy_context *context,
                                                             const struct heap *heap)
{
    for (uint32_t child = 1; child <= CHILDREN && child < heap->count; child++)
        __builtin_prefetch(policy_entry(context, heap->nodes[child].id), 1);
}

static void drop_top(struct heap *heap)
{
    heap->count--;
    if (heap->count)
        sink(heap, 0, heap->nodes[heap->count]);
}

/* Throws away dead nodes and updates the others. Enlarges the array unless that freed half of it. */
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

static void note_use(struct heap *heap, struct heap_entry *entry, double priority)
{
    entry->turn = ++heap->turn;
    entry->priority = priority;
}

void heap_push(struct policy_context *context, struct heap *heap, uint32_t id, double priority)
{
    note_use(heap, policy_entry(context, id), priority);
    heap->keys++;
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

uint32_t heap_least(struct policy_context *context, struct heap *heap)
{
    while (heap->count) {
        struct heap_node *top = &heap->nodes[0];
        const struct heap_entry *entry = policy_entry(context, top->id);

        fetch_next(context, heap);
        if (entry->node != top->turn)
            drop_top(heap);
        else if (entry->turn == top->turn)
            return top->id;
        else
            sink(heap, 0, node_of(context, top->id));
    }
    return NO_KEY;
}

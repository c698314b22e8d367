/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/rax.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 4, /* the bit fields of raxNode */
    POINTER = 8,
    TREE_BYTES = 24,           /* struct rax */
    SIZE_MOST = (1 << 29) - 1, /* RAX_NODE_MAX_SIZE: the most edges of a node, or bytes of a compressed one */
    PATH_MOST = 512,           /* the most nodes above another; keys are short */
};

struct rax_node {
    bool is_key, has_value;
    bool is_compressed; /* the node has one edge of `size` bytes to its only child */
    uint32_t size;
    uint64_t block; /* bytes requested of the allocator; a node that shrinks may keep its block */
    uint64_t value;
    unsigned char *edges;
    struct rax_node **children; /* one if compressed, else one per edge */
};

static uint64_t node_bytes(uint32_t size, bool is_compressed, bool has_value)
{
    uint64_t padding = (POINTER - (size + HEADER) % POINTER) % POINTER;
    uint64_t pointers = is_compressed ? 1 : size;

    return HEADER + size + padding + POINTER * (pointers + has_value);
}

/* As raxNodeCurrentLength. */
static uint64_t current_bytes(const struct rax_node *node)
{
    return node_bytes(node->size, node->is_compressed, node->is_key && node->has_value);
}

static void count_block(struct rax *rax, uint64_t before, uint64_t after)
{
    uint64_t change =
        (after ? allocator_class(rax->allocator, after) : 0) - (before ? allocator_class(rax->allocator, before) : 0);

    rax->bytes += change;
    *rax->memory += change;
}

static void set_block(struct rax *rax, struct rax_node *node, uint64_t bytes)
{
    count_block(rax, node->block, bytes);
    node->block = bytes;
}

static uint32_t child_count(const struct rax_node *node)
{
    return node->is_compressed ? 1 : node->size;
}

/* Makes a node with these edges. The caller sets the children. */
static struct rax_node *new_node(struct rax *rax, const unsigned char *edges, uint32_t size, bool is_compressed)
{
    struct rax_node *node = xcalloc(1, sizeof *node);

    node->size = size;
    node->is_compressed = is_compressed;
    if (size) {
        node->edges = xmalloc(size);
        memcpy(node->edges, edges, size);
        node->children = xcalloc(child_count(node), sizeof *node->children);
    }
    set_block(rax, node, current_bytes(node));
    rax->nodes++;
    return node;
}

static void free_node(struct rax *rax, struct rax_node *node)
{
    set_block(rax, node, 0);
    rax->nodes--;
    free(node->edges);
    free(node->children);
    free(node);
}

void rax_init_with(struct rax *rax, const struct allocator *allocator, uint64_t *memory, uint64_t metadata)
{
    *rax = (struct rax){.allocator = allocator, .memory = memory};
    count_block(rax, 0, TREE_BYTES + metadata);
    rax->head = new_node(rax, NULL, 0, false);
}

void rax_init(struct rax *rax, const struct allocator *allocator, uint64_t *memory)
{
    rax_init_with(rax, allocator, memory, 0);
}

static void release_below(struct rax_node *node)
{
    for (uint32_t i = 0; node->size && i < child_count(node); i++)
        release_below(node->children[i]);
    free(node->edges);
    free(node->children);
    free(node);
}

void rax_release(struct rax *rax)
{
    if (rax->head)
        release_below(rax->head);
    rax->head = NULL;
}

void rax_clear(struct rax *rax)
{
    *rax->memory -= rax->bytes;
    rax->bytes = 0;
    rax_release(rax);
}

/* ---- walking ---- */

/* The place that a key leads to: a node, or a point within the edge of a compressed node. */
struct walk {
    struct rax_node *node;
    struct rax_node **link; /* the link to this node */
    size_t matched;         /* matched bytes of the key */
    uint32_t split;         /* matched bytes of a compressed node's edge */
    struct rax_node *path[PATH_MOST];
    struct rax_node **links[PATH_MOST]; /* the links to the nodes of path */
    size_t depth;
};

/* As raxLowWalk. */
static void walk_to(struct walk *walk, struct rax_node **head, const unsigned char *key, size_t length)
{
    walk->node = *head;
    walk->link = head;
    walk->matched = 0;
    walk->split = 0;
    walk->depth = 0;
    while (walk->node->size && walk->matched < length) {
        struct rax_node *node = walk->node;
        uint32_t edge = 0;

        if (node->is_compressed) {
            while (edge < node->size && walk->matched < length && node->edges[edge] == key[walk->matched]) {
                edge++;
                walk->matched++;
            }
            walk->split = edge;
            if (edge != node->size)
                return;
            edge = 0;
        } else {
            while (edge < node->size && node->edges[edge] != key[walk->matched])
                edge++;
            if (edge == node->size)
                return;
            walk->matched++;
        }
        assert(walk->depth < PATH_MOST);
        walk->path[walk->depth] = node;
        walk->links[walk->depth++] = walk->link;
        walk->link = &node->children[edge];
        walk->node = *walk->link;
        walk->split = 0;
    }
}

static bool is_at_node(const struct walk *walk, size_t length)
{
    return walk->matched == length && !(walk->node->is_compressed && walk->split);
}

bool rax_find(const struct rax *rax, const unsigned char *key, size_t length, uint64_t *value)
{
    struct rax_node *head = rax->head;
    struct walk walk;

    walk_to(&walk, &head, key, length);
    if (!is_at_node(&walk, length) || !walk.node->is_key)
        return false;
    if (value)
        *value = walk.node->value;
    return true;
}

/* Finds the first key below the node that is not less than `key`, whose first `depth` bytes lead to the node.
 * `is_free`: all keys below the node are greater. Writes the key that it finds over `key`. */
static bool seek(const struct rax_node *node, unsigned char *key, size_t length, size_t depth, bool is_free,
                 uint64_t *value)
{
    if (depth == length) {
        if (node->is_key && value)
            *value = node->value;
        return node->is_key;
    }
    if (node->is_compressed) {
        int order = is_free ? 1 : memcmp(node->edges, key + depth, node->size);

        if (order < 0)
            return false;
        memcpy(key + depth, node->edges, node->size);
        return seek(node->children[0], key, length, depth + node->size, is_free || order > 0, value);
    }
    for (uint32_t edge = 0; edge < node->size; edge++) {
        unsigned char wanted = key[depth];

        if (!is_free && node->edges[edge] < wanted)
            continue;
        key[depth] = node->edges[edge];
        if (seek(node->children[edge], key, length, depth + 1, is_free || node->edges[edge] > wanted, value))
            return true;
        key[depth] = wanted;
    }
    return false;
}

bool rax_seek(const struct rax *rax, unsigned char *key, size_t length, uint64_t *value)
{
    return seek(rax->head, key, length, 0, false, value);
}

/* ---- inserting ---- */

/* As raxReallocForData and raxSetData. */
static void set_key(struct rax *rax, struct rax_node *node, bool has_value, uint64_t value)
{
    if (has_value && !(node->is_key && node->has_value))
        set_block(rax, node, current_bytes(node) + POINTER);
    node->is_key = true;
    node->has_value = has_value;
    node->value = value;
}

/* The part of a compressed node before `bytes`, as a node that keeps the node's key. NULL if it is empty. */
static struct rax_node *cut_before(struct rax *rax, const struct rax_node *node, uint32_t bytes)
{
    struct rax_node *trimmed;

    if (!bytes)
        return NULL;
    trimmed = new_node(rax, node->edges, bytes, bytes > 1);
    trimmed->is_key = node->is_key;
    trimmed->has_value = node->has_value;
    trimmed->value = node->value;
    set_block(rax, trimmed, current_bytes(trimmed));
    return trimmed;
}

/* The part of the edge from `bytes` on, as a node; the child if it is empty. */
static struct rax_node *cut_after(struct rax *rax, const struct rax_node *node, uint32_t bytes)
{
    uint32_t size = node->size - bytes;
    struct rax_node *postfix;

    if (!size)
        return node->children[0];
    postfix = new_node(rax, node->edges + bytes, size, size > 1);
    postfix->children[0] = node->children[0];
    return postfix;
}

/* The key leaves a compressed edge in the middle. A node with one edge is put there, to which the key's own edge will
 * be added. */
static struct rax_node *split(struct rax *rax, struct walk *walk)
{
    struct rax_node *node = walk->node, *trimmed = cut_before(rax, node, walk->split);
    struct rax_node *fork = new_node(rax, &node->edges[walk->split], 1, false);

    fork->children[0] = cut_after(rax, node, walk->split + 1);
    if (trimmed) {
        trimmed->children[0] = fork;
        *walk->link = trimmed;
    } else {
        if (node->is_key)
            set_key(rax, fork, node->has_value, node->value);
        *walk->link = fork;
    }
    free_node(rax, node);
    return fork;
}

/* The key ends within a compressed edge. The rest of the edge becomes a node, and the key ends at it. */
static void split_at_end(struct rax *rax, struct walk *walk, bool has_value, uint64_t value)
{
    struct rax_node *node = walk->node, *trimmed = cut_before(rax, node, walk->split);
    struct rax_node *postfix = cut_after(rax, node, walk->split);

    set_key(rax, postfix, has_value, value);
    trimmed->children[0] = postfix;
    *walk->link = trimmed;
    free_node(rax, node);
}

/* As raxAddChild, which keeps the edges in order. */
static struct rax_node *add_edge(struct rax *rax, struct rax_node *node, unsigned char edge)
{
    struct rax_node *child = new_node(rax, NULL, 0, false);
    uint32_t place = 0;

    node->edges = xrealloc(node->edges, node->size + 1);
    node->children = xrealloc(node->children, (node->size + 1) * sizeof *node->children);
    while (place < node->size && node->edges[place] < edge)
        place++;
    memmove(&node->edges[place + 1], &node->edges[place], node->size - place);
    memmove(&node->children[place + 1], &node->children[place], (node->size - place) * sizeof *node->children);
    node->edges[place] = edge;
    node->children[place] = child;
    node->size++;
    set_block(rax, node, current_bytes(node));
    return child;
}

/* As raxCompressNode: an empty node gets one long edge. */
static struct rax_node *add_long_edge(struct rax *rax, struct rax_node *node, const unsigned char *bytes, uint32_t size)
{
    struct rax_node *child = new_node(rax, NULL, 0, false);

    node->edges = xmalloc(size);
    memcpy(node->edges, bytes, size);
    node->children = xmalloc(sizeof *node->children);
    node->children[0] = child;
    node->size = size;
    node->is_compressed = true;
    set_block(rax, node, current_bytes(node));
    return child;
}

bool rax_insert(struct rax *rax, const unsigned char *key, size_t length, bool has_value, uint64_t value)
{
    struct walk walk;
    struct rax_node *node;
    size_t i;

    walk_to(&walk, &rax->head, key, length);
    node = walk.node;
    i = walk.matched;
    if (is_at_node(&walk, length)) {
        bool is_new = !node->is_key;

        set_key(rax, node, has_value, value);
        rax->count += is_new;
        return is_new;
    }
    rax->count++;
    if (node->is_compressed && i == length) {
        split_at_end(rax, &walk, has_value, value);
        return true;
    }
    if (node->is_compressed)
        node = split(rax, &walk);
    while (i < length) {
        if (!node->size && length - i > 1) {
            size_t size = length - i < SIZE_MOST ? length - i : SIZE_MOST;

            node = add_long_edge(rax, node, key + i, (uint32_t)size);
            i += size;
        } else {
            node = add_edge(rax, node, key[i++]);
        }
    }
    set_key(rax, node, has_value, value);
    return true;
}

/* ---- removing ---- */

/* As raxRemoveChild. A compressed node loses its edge and keeps its block. */
static void remove_edge(struct rax *rax, struct rax_node *node, const struct rax_node *child)
{
    uint32_t place = 0;

    if (node->is_compressed) {
        node->is_compressed = false;
        node->size = 0;
        free(node->edges);
        free(node->children);
        node->edges = NULL;
        node->children = NULL;
        return;
    }
    while (node->children[place] != child)
        place++;
    node->size--;
    memmove(&node->edges[place], &node->edges[place + 1], node->size - place);
    memmove(&node->children[place], &node->children[place + 1], (node->size - place) * sizeof *node->children);
    set_block(rax, node, current_bytes(node));
}

/* No key ends at the node and it has one edge, so it may become part of a longer edge. */
static bool is_passed_through(const struct rax_node *node)
{
    return !node->is_key && (node->is_compressed || node->size == 1);
}

/* Replaces the nodes of one edge around here, from the highest to the lowest, by one compressed node. */
static void join(struct rax *rax, struct walk *walk, struct rax_node *node, struct rax_node **link)
{
    struct rax_node *start, *joined, *below;
    struct rax_node **start_link;
    uint64_t size;
    unsigned nodes = 1;

    while (walk->depth && is_passed_through(walk->path[walk->depth - 1])) {
        walk->depth--;
        node = walk->path[walk->depth];
        link = walk->links[walk->depth];
    }
    start = node;
    start_link = link;
    size = start->size;
    for (below = start->children[0]; below->size && is_passed_through(below) && size + below->size <= SIZE_MOST;
         below = below->children[0]) {
        size += below->size;
        nodes++;
    }
    if (nodes == 1)
        return;
    joined = xcalloc(1, sizeof *joined);
    joined->is_compressed = true;
    joined->edges = xmalloc(size);
    joined->children = xmalloc(sizeof *joined->children);
    for (node = start; nodes; nodes--) {
        struct rax_node *next = node->children[0];

        memcpy(joined->edges + joined->size, node->edges, node->size);
        joined->size += node->size;
        free_node(rax, node);
        node = next;
    }
    joined->children[0] = node;
    set_block(rax, joined, current_bytes(joined));
    rax->nodes++;
    *start_link = joined;
}

bool rax_remove(struct rax *rax, const unsigned char *key, size_t length)
{
    struct walk walk;
    struct rax_node *node;
    struct rax_node **link;
    bool joins = false;

    walk_to(&walk, &rax->head, key, length);
    node = walk.node;
    link = walk.link;
    if (!is_at_node(&walk, length) || !node->is_key)
        return false;
    node->is_key = node->has_value = false;
    rax->count--;
    if (!node->size) {
        struct rax_node *child = NULL;

        /* Goes up to a node that is a key or has other edges, and frees the nodes below it. */
        while (node != rax->head) {
            if (child)
                free_node(rax, child);
            child = node;
            walk.depth--;
            node = walk.path[walk.depth];
            link = walk.links[walk.depth];
            if (node->is_key || (!node->is_compressed && node->size != 1))
                break;
        }
        if (child) {
            remove_edge(rax, node, child);
            free_node(rax, child);
            joins = node->size == 1 && !node->is_key;
        }
    } else if (node->size == 1) {
        joins = true;
    }
    if (joins)
        join(rax, &walk, node, link);
    return true;
}

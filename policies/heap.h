/* SPDX-License-Identifier: GPL-3.0-or-later */
/* heap: keys by priority, least first, for policies in which a use can only raise a key's priority.
 *
 *     nodes   { 1 c }            what a key's priority was when its node last moved
 *            /   |   \
 *       { 3 a } { 2 b } { 7 d }
 *     entries  a: 5   b: 2   c: 4   d: 7     what it is
 *
 * A use writes the entry and leaves the node behind: it says too little, never too much. When it comes to the
 * top it is brought up to date and sinks; the first one that is up to date is the least of all. So a hit costs
 * one write to memory that is at hand anyway, and however often a key was used between two visits to the top,
 * it sinks once. A key that leaves, or whose priority falls, leaves its node to be thrown away at the top, or
 * when the array is full of such nodes: nodes do not know of each other's moves, and nothing but the array is
 * written while one sinks.
 *
 *     line    { 1 x } { 1 y } { 1 z }      not before one another: so the first is the least of them
 *
 * A key that comes in goes to the end of a line, if it does not rank before the last one there, and most do not: under lfu
 * each has been used once. The least of all is the first of the line or the top of the heap. Most keys are not used again
 * before they are evicted: they come and go at the two ends of the line, and the heap, where each would sink past all of
 * its kind, never sees them. One that was used goes from the line to the heap when it is first.
 *
 * Among equals the one that was used longest ago is the least.
 *
 * A policy's entry begins with struct heap_entry. A key is in one heap at most. */
#ifndef POLICIES_HEAP_H
#define POLICIES_HEAP_H

#include "sim/policy.h"

#include <stdlib.h>

/* Packed: entries are 4-byte aligned. */
struct heap_entry {
    uint64_t node; /* the turn at which the key's node was made or last moved; 0: the key is not in the heap */
    uint64_t turn; /* of the last use */
    double priority;
} __attribute__((packed, aligned(4)));

struct heap_node {
    double priority;
    uint64_t turn;
    uint32_t id;
};

struct heap {
    struct heap_node *line; /* a ring */
    uint32_t line_begin, line_count, line_capacity;
    struct heap_node *nodes; /* 0 .. count - 1; the children of i are 4 i + 1 .. 4 i + 4 */
    uint32_t count, capacity;
    uint32_t keys;
    uint64_t turn; /* of the last use of any key */
};

/* Of the host, for a key: a node in the line, whose room grows by half, and one in the heap. */
enum { HEAP_BYTES_PER_KEY = 5 * sizeof(struct heap_node) / 2 };

void heap_release(struct heap *heap);
void one_heap_release(struct policy_context *context); /* the hook, of a state that begins with its only heap */

/* The key, which is not in the heap, comes in as just used. Amortized O(log n). */
void heap_push(struct policy_context *context, struct heap *heap, uint32_t id, double priority);
/* It is there, and was just used. O(1); O(log n) if the priority falls. */
void heap_use(struct policy_context *context, struct heap *heap, uint32_t id, double priority);
/* It is there and leaves. O(1). */
void heap_take(struct policy_context *context, struct heap *heap, uint32_t id);
/* The key of the least priority, which stays; NO_KEY when there is none. Amortized O(log n). */
uint32_t heap_least(struct policy_context *context, struct heap *heap);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stack: the lru stack of a trace, and how deep in it each key lies.
 *
 *     top   | k7 | k2 |hole| k5 | k1 | ...   bottom
 *           '------- distance of k5 --------  = the smallest lru cache that still holds k5, in bytes or objects
 *
 * A touch moves a key to the top and pushes down what was above it; the key's old place takes up what is pushed.
 * A deletion leaves a hole, which is room in every cache that reaches so far: what is pushed down next fills the
 * topmost hole, and nothing below it moves. With unit sizes, distances are exact for any sequence of touches and
 * deletions; with bytes, as long as sizes do not change and nothing is deleted.
 *
 * Depths are sums over a Fenwick tree by time of last touch: O(log n), with n keys. Source: Mattson et al. 1970;
 * Bennett and Kruskal, LRU stack processing, IBM J. R&D 19(4), 1975. Holes follow from the rule that a cache evicts
 * only when it is full. */
#ifndef SIM_MRC_STACK_H
#define SIM_MRC_STACK_H

#include <stdint.h>

struct stack {
    uint64_t *tree;    /* Fenwick tree over slots 1 .. capacity */
    uint64_t *weights; /* by slot: a key, a hole, or 0 */
    uint32_t *ids;     /* by slot; NO_KEY: a hole */
    uint32_t *slots;   /* by id; 0: absent */
    uint32_t *holes;   /* a heap of slots, the most recent first */
    uint32_t capacity, last, live, hole_count, hole_capacity, id_capacity;
    uint64_t total; /* of all weights */
};

void stack_init(struct stack *stack);
void stack_release(struct stack *stack);

/* Moves the key to the top, with this weight from now on (> 0). Returns the distance at which it lay, its own former
 * weight included; 0 when it was absent. */
uint64_t stack_touch(struct stack *stack, uint32_t id, uint64_t weight);
void stack_remove(struct stack *stack, uint32_t id); /* absent keys are fine */
/* As if the key had never been: it leaves no hole. */
void stack_forget(struct stack *stack, uint32_t id);
/* What the key weighs; 0 when it is absent. */
uint64_t stack_weight(const struct stack *stack, uint32_t id);

#endif

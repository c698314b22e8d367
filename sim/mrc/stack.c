/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mrc/stack.h"

#include "sim/alloc.h"
#include "sim/policy.h"

#include <stdlib.h>
#include <string.h>

void stack_init(struct stack *stack)
{
    *stack = (struct stack){0};
}

void stack_release(struct stack *stack)
{
    free(stack->tree);
    free(stack->weights);
    free(stack->ids);
    free(stack->slots);
    free(stack->holes);
}

/* ---- the tree of sums ---- */

/* `difference` may be negative, modulo 2^64. */
static void tree_add(struct stack *stack, uint32_t slot, uint64_t difference)
{
    stack->weights[slot] += difference;
    stack->total += difference;
    for (; slot <= stack->capacity; slot += slot & -slot)
        stack->tree[slot] += difference;
}

/* The sum of slots 1 to slot. */
static uint64_t tree_sum(const struct stack *stack, uint32_t slot)
{
    uint64_t sum = 0;

    for (; slot; slot -= slot & -slot)
        sum += stack->tree[slot];
    return sum;
}

static void tree_build(struct stack *stack)
{
    memset(stack->tree, 0, (stack->capacity + 1) * sizeof *stack->tree);
    for (uint32_t slot = 1; slot <= stack->capacity; slot++) {
        uint32_t parent = slot + (slot & -slot);

        stack->tree[slot] += slot <= stack->last ? stack->weights[slot] : 0;
        if (parent <= stack->capacity)
            stack->tree[parent] += stack->tree[slot];
    }
}

/* ---- holes: a binary heap, the largest slot at index 0 ---- */

static void hole_sink(struct stack *stack, uint32_t i)
{
    for (;;) {
        uint32_t child = 2 * i + 1, slot = stack->holes[i];

        if (child >= stack->hole_count)
            return;
        if (child + 1 < stack->hole_count && stack->holes[child + 1] > stack->holes[child])
            child++;
        if (stack->holes[child] <= slot)
            return;
        stack->holes[i] = stack->holes[child];
        stack->holes[child] = slot;
        i = child;
    }
}

static void hole_push(struct stack *stack, uint32_t slot)
{
    uint32_t i = stack->hole_count++;

    if (stack->hole_count > stack->hole_capacity) {
        stack->hole_capacity = stack->hole_capacity * 2 + 64;
        stack->holes = xrealloc(stack->holes, stack->hole_capacity * sizeof *stack->holes);
    }
    for (; i && stack->holes[(i - 1) / 2] < slot; i = (i - 1) / 2)
        stack->holes[i] = stack->holes[(i - 1) / 2];
    stack->holes[i] = slot;
}

static void hole_pop(struct stack *stack)
{
    stack->holes[0] = stack->holes[--stack->hole_count];
    hole_sink(stack, 0);
}

/* The weight that was pushed down fills the topmost holes. */
static void fill_holes(struct stack *stack, uint64_t weight)
{
    while (weight && stack->hole_count) {
        uint32_t slot = stack->holes[0];
        uint64_t filled = weight < stack->weights[slot] ? weight : stack->weights[slot];

        tree_add(stack, slot, -filled);
        weight -= filled;
        if (!stack->weights[slot])
            hole_pop(stack);
    }
}

/* ---- slots ---- */

/* Renumbers the slots that are in use, in the same order, and makes room for as many again. */
static void renumber(struct stack *stack)
{
    uint32_t capacity = 2 * (stack->live + stack->hole_count) + 1024, last = 0;
    uint64_t *weights = xcalloc((size_t)capacity + 1, sizeof *weights);
    uint32_t *ids = xcalloc((size_t)capacity + 1, sizeof *ids);

    stack->hole_count = 0;
    for (uint32_t slot = 1; slot <= stack->last; slot++) {
        if (!stack->weights[slot])
            continue;
        weights[++last] = stack->weights[slot];
        ids[last] = stack->ids[slot];
        if (ids[last] == NO_KEY)
            hole_push(stack, last);
        else
            stack->slots[ids[last]] = last;
    }
    free(stack->weights);
    free(stack->ids);
    stack->weights = weights;
    stack->ids = ids;
    stack->tree = xrealloc(stack->tree, ((size_t)capacity + 1) * sizeof *stack->tree);
    stack->capacity = capacity;
    stack->last = last;
    tree_build(stack);
}

static void reserve_id(struct stack *stack, uint32_t id)
{
    if (id >= stack->id_capacity)
        stack->slots = xgrow(stack->slots, &stack->id_capacity, id + 1, sizeof *stack->slots);
}

/* Turns the key's slot into a hole. */
static void leave(struct stack *stack, uint32_t id)
{
    uint32_t slot = stack->slots[id];

    stack->ids[slot] = NO_KEY;
    stack->slots[id] = 0;
    stack->live--;
    hole_push(stack, slot);
}

uint64_t stack_touch(struct stack *stack, uint32_t id, uint64_t weight)
{
    uint64_t distance = 0;

    reserve_id(stack, id);
    if (stack->last == stack->capacity)
        renumber(stack);
    if (stack->slots[id]) {
        distance = stack->total - tree_sum(stack, stack->slots[id] - 1);
        leave(stack, id);
    }
    fill_holes(stack, weight);
    stack->slots[id] = ++stack->last;
    stack->ids[stack->last] = id;
    stack->weights[stack->last] = 0;
    stack->live++;
    tree_add(stack, stack->last, weight);
    return distance;
}

void stack_remove(struct stack *stack, uint32_t id)
{
    if (id < stack->id_capacity && stack->slots[id])
        leave(stack, id);
}

void stack_forget(struct stack *stack, uint32_t id)
{
    uint32_t slot = id < stack->id_capacity ? stack->slots[id] : 0;

    if (!slot)
        return;
    tree_add(stack, slot, -stack->weights[slot]);
    stack->slots[id] = 0;
    stack->live--;
}

uint64_t stack_weight(const struct stack *stack, uint32_t id)
{
    return id < stack->id_capacity && stack->slots[id] ? stack->weights[stack->slots[id]] : 0;
}

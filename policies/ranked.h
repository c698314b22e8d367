/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ranked: keys in an order that are asked for by rank, and put where the rank says.
 *
 *              d                 a treap: in the order of the keys from left to right, and in that of a hash of their
 *            /   \               numbers from the root down, so that it is as deep as a random tree, about 2 ln n. A node
 *           b     e              counts the keys below it, itself included: the rank is what lies to the left
 *          / \
 *         a   c                  rank   a: 0   b: 1   c: 2   d: 3   e: 4
 *
 * A key's links are `offset` bytes into its entry. Whether a key is in an order is for the policy to know. Every function
 * takes O(log n), ranked_keys O(1). */
#ifndef POLICIES_RANKED_H
#define POLICIES_RANKED_H

#include "sim/policy.h"

struct ranked_links {
    uint32_t left, right, parent; /* NO_KEY: none */
    uint32_t keys;                /* from here down */
};

struct ranked {
    uint32_t root; /* NO_KEY: no key is there */
    uint32_t offset;
};

static inline void ranked_init(struct ranked *order, size_t offset)
{
    *order = (struct ranked){.root = NO_KEY, .offset = (uint32_t)offset};
}

static inline struct ranked_links *ranked_links_of(const struct policy_context *context, const struct ranked *order,
                                                   uint32_t id)
{
    return (struct ranked_links *)(void *)((char *)policy_entry(context, id) + order->offset);
}

/* From this node down; 0 for NO_KEY. */
static inline uint32_t ranked_keys_below(const struct policy_context *context, const struct ranked *order, uint32_t id)
{
    return id == NO_KEY ? 0 : ranked_links_of(context, order, id)->keys;
}

static inline uint32_t ranked_keys(const struct policy_context *context, const struct ranked *order)
{
    return ranked_keys_below(context, order, order->root);
}

/* How many keys are before this one, which is there. */
uint32_t ranked_rank(const struct policy_context *context, const struct ranked *order, uint32_t id);
/* The key before which there are so many; NO_KEY when there are not so many. */
uint32_t ranked_at(const struct policy_context *context, const struct ranked *order, uint32_t rank);
/* The key, which is not there, comes in with so many before it: at most those that are there. */
void ranked_insert(struct policy_context *context, struct ranked *order, uint32_t id, uint32_t rank);
/* The key, which is there, leaves. */
void ranked_take(struct policy_context *context, struct ranked *order, uint32_t id);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/ranked.h"

/* Which of two keys is nearer to the root. Distinct for distinct keys: every step can be undone. */
static uint32_t height_of(uint32_t id)
{
    id = (id ^ id >> 16) * UINT32_C(0x7feb352d);
    id = (id ^ id >> 15) * UINT32_C(0x846ca68b);
    return id ^ id >> 16;
}

static struct ranked_links *links(const struct policy_context *context, const struct ranked *order, uint32_t id)
{
    return ranked_links_of(context, order, id);
}

static uint32_t left_keys(const struct policy_context *context, const struct ranked *order, uint32_t id)
{
    return ranked_keys_below(context, order, links(context, order, id)->left);
}

/* Where the parent, or the order, has this node. */
static uint32_t *holder_of(const struct policy_context *context, struct ranked *order, uint32_t id)
{
    uint32_t parent = links(context, order, id)->parent;

    if (parent == NO_KEY)
        return &order->root;
    return links(context, order, parent)->left == id ? &links(context, order, parent)->left
                                                     : &links(context, order, parent)->right;
}

/* Makes `child`, which may be NO_KEY, the node that `holder`, of `parent`, has. */
static void hang(const struct policy_context *context, const struct ranked *order, uint32_t *holder, uint32_t parent,
                 uint32_t child)
{
    *holder = child;
    if (child != NO_KEY)
        links(context, order, child)->parent = parent;
}

static void recount(const struct policy_context *context, const struct ranked *order, uint32_t id)
{
    struct ranked_links *node = links(context, order, id);

    node->keys = 1 + ranked_keys_below(context, order, node->left) + ranked_keys_below(context, order, node->right);
}

uint32_t ranked_rank(const struct policy_context *context, const struct ranked *order, uint32_t id)
{
    uint32_t rank = left_keys(context, order, id), parent;

    for (; (parent = links(context, order, id)->parent) != NO_KEY; id = parent)
        if (links(context, order, parent)->right == id)
            rank += left_keys(context, order, parent) + 1;
    return rank;
}

uint32_t ranked_at(const struct policy_context *context, const struct ranked *order, uint32_t rank)
{
    uint32_t id = order->root;

    while (id != NO_KEY) {
        uint32_t before = left_keys(context, order, id);

        if (rank == before)
            return id;
        if (rank < before) {
            id = links(context, order, id)->left;
        } else {
            rank -= before + 1;
            id = links(context, order, id)->right;
        }
    }
    return NO_KEY;
}

/* Cuts the tree under `id` in two, the first `rank` keys and the rest, which become the children of `top`. */
static void split(const struct policy_context *context, const struct ranked *order, uint32_t id, uint32_t rank,
                  uint32_t top)
{
    struct ranked_links *node = links(context, order, top);
    uint32_t *left = &node->left, *right = &node->right, left_parent = top, right_parent = top;

    while (id != NO_KEY) {
        uint32_t before = left_keys(context, order, id);

        if (rank <= before) {
            hang(context, order, right, right_parent, id);
            right = &links(context, order, id)->left;
            right_parent = id;
            id = *right;
        } else {
            rank -= before + 1;
            hang(context, order, left, left_parent, id);
            left = &links(context, order, id)->right;
            left_parent = id;
            id = *left;
        }
    }
    *left = *right = NO_KEY;
    for (uint32_t up = left_parent; up != top; up = links(context, order, up)->parent)
        recount(context, order, up);
    for (uint32_t up = right_parent; up != top; up = links(context, order, up)->parent)
        recount(context, order, up);
    recount(context, order, top);
}

void ranked_insert(struct policy_context *context, struct ranked *order, uint32_t id, uint32_t rank)
{
    uint32_t parent = NO_KEY, below = order->root, *holder = &order->root;

    while (below != NO_KEY && height_of(below) > height_of(id)) {
        struct ranked_links *node = links(context, order, below);
        uint32_t before = left_keys(context, order, below);

        node->keys++;
        parent = below;
        holder = rank <= before ? &node->left : &node->right;
        rank -= rank <= before ? 0 : before + 1;
        below = *holder;
    }
    hang(context, order, holder, parent, id);
    split(context, order, below, rank, id);
}

void ranked_take(struct policy_context *context, struct ranked *order, uint32_t id)
{
    struct ranked_links *node = links(context, order, id);
    uint32_t *holder = holder_of(context, order, id), parent = node->parent;
    uint32_t left = node->left, right = node->right;

    for (uint32_t up = parent; up != NO_KEY; up = links(context, order, up)->parent)
        links(context, order, up)->keys--;
    while (left != NO_KEY && right != NO_KEY) { /* the higher of the two hangs, the other comes in below it */
        if (height_of(left) > height_of(right)) {
            hang(context, order, holder, parent, left);
            links(context, order, left)->keys += ranked_keys_below(context, order, right);
            parent = left;
            holder = &links(context, order, left)->right;
            left = *holder;
        } else {
            hang(context, order, holder, parent, right);
            links(context, order, right)->keys += ranked_keys_below(context, order, left);
            parent = right;
            holder = &links(context, order, right)->left;
            right = *holder;
        }
    }
    hang(context, order, holder, parent, left != NO_KEY ? left : right);
}

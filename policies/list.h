/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: keys in a ring, linked through their entries.
 *
 *     oldest --newer--> k --newer--> k --newer--> newest --newer--> oldest ...
 *
 * For what queue.h, which is faster, cannot do: a key may be in several lists at a time (its entry has a link for
 * each), its neighbours are known, and hands may go round. A link is `offset` bytes into the entry. Whether a key
 * is in a list is for the policy to know. */
#ifndef POLICIES_LIST_H
#define POLICIES_LIST_H

#include "sim/policy.h"

struct list_link {
    uint32_t older, newer;
};

struct list {
    uint32_t oldest; /* NO_KEY: the list is empty */
    uint32_t keys;
    uint32_t offset;
    uint64_t bytes; /* the policy's to count, where it does */
};

static inline void list_init(struct list *list, size_t offset)
{
    *list = (struct list){.oldest = NO_KEY, .offset = (uint32_t)offset};
}

static inline struct list_link *list_link_of(const struct policy_context *context, const struct list *list, uint32_t id)
{
    return (struct list_link *)(void *)((char *)policy_entry(context, id) + list->offset);
}

/* The neighbour on the newer side; the oldest, of the newest. */
static inline uint32_t list_newer(const struct policy_context *context, const struct list *list, uint32_t id)
{
    return list_link_of(context, list, id)->newer;
}

/* NO_KEY when the list is empty. */
static inline uint32_t list_newest(const struct policy_context *context, const struct list *list)
{
    return list->oldest == NO_KEY ? NO_KEY : list_link_of(context, list, list->oldest)->older;
}

/* The key, which is not in this list, becomes the newest. */
static inline void list_push(struct policy_context *context, struct list *list, uint32_t id)
{
    struct list_link *link = list_link_of(context, list, id);

    if (!list->keys++) {
        list->oldest = link->older = link->newer = id;
        return;
    }
    link->newer = list->oldest;
    link->older = list_newest(context, list);
    list_link_of(context, list, link->older)->newer = id;
    list_link_of(context, list, link->newer)->older = id;
}

/* The key, which is in this list, leaves it. */
static inline void list_take(struct policy_context *context, struct list *list, uint32_t id)
{
    const struct list_link *link = list_link_of(context, list, id);

    list_link_of(context, list, link->older)->newer = link->newer;
    list_link_of(context, list, link->newer)->older = link->older;
    if (list->oldest == id)
        list->oldest = --list->keys ? link->newer : NO_KEY;
    else
        list->keys--;
}

/* The key, which is in this list, becomes the newest. */
static inline void list_renew(struct policy_context *context, struct list *list, uint32_t id)
{
    if (list_newer(context, list, id) == list->oldest)
        return;
    list_take(context, list, id);
    list_push(context, list, id);
}

#endif

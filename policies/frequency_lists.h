/* SPDX-License-Identifier: GPL-3.0-or-later */
/* frequency_lists: keys by how often they were used, in constant time.
 *
 *     lists    1: a - f - c     2: -     3: b - d        the oldest of a list first, its newest last
 *              ^ least: no key is below
 *
 * A use moves a key to the newest end of the next list. Both ends of the lowest list can be asked for: lfu takes the
 * oldest, CR-LFU the newest. Counts stop at FREQUENCY_MOST; there a use only makes a key the newest.
 *
 * A policy's entry holds a struct frequency_links, anywhere: the lists are told its offset. */
#ifndef POLICIES_FREQUENCY_LISTS_H
#define POLICIES_FREQUENCY_LISTS_H

#include "sim/policy.h"

enum { FREQUENCY_MOST = (1 << 22) - 1 };

struct frequency_links {
    uint32_t older, newer; /* 1 + id; 0: none */
    uint32_t frequency;    /* kept when the key leaves: the policy's to remember */
};

struct frequency_list {
    uint32_t oldest, newest; /* 1 + id; 0: none */
};

struct frequency_lists {
    struct frequency_list *lists; /* by frequency, below capacity */
    uint32_t capacity;
    uint32_t least; /* no list below this has a key */
    uint32_t keys;
    size_t offset; /* of struct frequency_links in an entry */
};

void frequency_lists_init(struct frequency_lists *lists, size_t offset);
void frequency_lists_release(struct frequency_lists *lists);

/* The key, which is in no list, becomes the newest of this frequency (1 or more). */
void frequency_push(const struct policy_context *context, struct frequency_lists *lists, uint32_t id,
                    uint32_t frequency);
/* The key, which is in a list, leaves it. */
void frequency_take(const struct policy_context *context, struct frequency_lists *lists, uint32_t id);
/* The key, which is in a list, was used once more. */
void frequency_use(const struct policy_context *context, struct frequency_lists *lists, uint32_t id);

/* Of the least frequency; NO_KEY when there is no key. */
uint32_t frequency_oldest(struct frequency_lists *lists);
uint32_t frequency_newest(struct frequency_lists *lists);

static inline struct frequency_links *frequency_links_of(const struct policy_context *context,
                                                         const struct frequency_lists *lists, uint32_t id)
{
    return (struct frequency_links *)(void *)((char *)policy_entry(context, id) + lists->offset);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slots: what a dict's slots weigh, of a dict of which nothing else is of interest: the scripts, the watched keys.
 *
 * A full table doubles, and the one before stays until all of its slots have been moved, one at every look at the dict.
 *
 * Source: dictExpand, _dictRehashStep (dict.c). */
#ifndef SIM_SERVER_TABLES_SLOTS_H
#define SIM_SERVER_TABLES_SLOTS_H

#include <stdint.h>

enum { SLOT_BYTES = 8, SLOTS_LEAST = 4 };

/* Zeroed to begin with. */
struct slots {
    uint64_t now, before; /* slots; before: of the table that is emptied, 0: none */
    uint64_t moved;       /* of those */
};

static inline uint64_t slots_bytes(const struct slots *slots)
{
    return SLOT_BYTES * (slots->now + slots->before);
}

/* So many looks at the dict: returns how many bytes less it weighs then. */
static inline uint64_t slots_looked(struct slots *slots, uint64_t looks)
{
    uint64_t before = slots->before;

    slots->moved += looks;
    if (!before || slots->moved < before)
        return 0;
    slots->before = 0;
    return SLOT_BYTES * before;
}

/* There are so many entries: returns how many bytes more it weighs then. */
static inline uint64_t slots_added(struct slots *slots, uint64_t entries)
{
    if (entries <= slots->now || slots->before)
        return 0;
    slots->before = slots->now;
    slots->moved = 0;
    slots->now = slots->now ? 2 * slots->now : SLOTS_LEAST;
    return SLOT_BYTES * slots->now;
}

#endif

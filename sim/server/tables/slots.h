/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slots: what a dict's slots weigh, of a dict of which nothing else is of interest: the scripts, the watched keys.
 *
 * A full table doubles, and the one before stays until all of its slots have been moved. Every look at the dict moves one that
 * has entries, and passes the empty ones before it: which those are depends on the server's hash seed. In the mean 63 % of the
 * slots of a full table have entries.
 *
 * In some servers a table of which an eighth is used at most shrinks. Then most slots are empty, and a look passes in the mean
 * as many as there are to an entry.
 *
 * Source: dictExpand, _dictRehashStep, _dictShrinkIfNeeded (dict.c). */
#ifndef SIM_SERVER_TABLES_SLOTS_H
#define SIM_SERVER_TABLES_SLOTS_H

#include <stdint.h>

enum { SLOT_BYTES = 8, SLOTS_LEAST = 4, PASSED_WHEN_FULL = 158, PASSED_WHEN_EMPTY = 800 };

/* Zeroed to begin with. */
struct slots {
    uint64_t now, before; /* slots; before: of the table that is emptied, 0: none */
    uint64_t passed;      /* of those, in hundredths, */
    uint64_t stride;      /* so many at each look, likewise */
};

static inline uint64_t slots_bytes(const struct slots *slots)
{
    return SLOT_BYTES * (slots->now + slots->before);
}

/* So many looks at the dict: returns how many bytes less it weighs then. */
static inline uint64_t slots_looked(struct slots *slots, uint64_t looks)
{
    uint64_t before = slots->before;

    slots->passed += looks * slots->stride;
    if (!before || slots->passed < 100 * before)
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
    slots->passed = 0;
    slots->stride = PASSED_WHEN_FULL;
    slots->now = slots->now ? 2 * slots->now : SLOTS_LEAST;
    return SLOT_BYTES * slots->now;
}

/* So many entries are left: returns how many bytes more it weighs then, if it is one that shrinks. An empty table has nothing
 * to move. */
static inline int64_t slots_removed(struct slots *slots, uint64_t entries)
{
    enum { SHRINKS_BELOW = 8 }; /* HASHTABLE_MIN_FILL */
    uint64_t before = slots->now, now = SLOTS_LEAST;

    if (slots->before && !entries)
        slots->passed = 100 * slots->before; /* the next look finds that out */
    if (slots->before || before <= SLOTS_LEAST || entries * SHRINKS_BELOW > before)
        return 0;
    while (now < entries)
        now *= 2;
    slots->now = now;
    if (!entries)
        return (int64_t)(SLOT_BYTES * now) - (int64_t)(SLOT_BYTES * before);
    slots->before = before;
    slots->passed = 0;
    slots->stride = PASSED_WHEN_EMPTY;
    return (int64_t)(SLOT_BYTES * now);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetches: what misses cost, and how many readers ask for one key at once (a stampede). --miss-cost.
 *
 * A missed read makes its application fetch the value from what stands behind: that takes the miss cost, and a read that
 * misses the same key meanwhile fetches it, too. The first fetch of a key opens a window of the miss cost; every fetch in
 * it is at once with the first, and repeats it. Where the model fills a miss (--on-miss fill), it does so at once, but the
 * value would come at the window's end: so a hit within the window is counted as a fetch. Nothing else of the run changes: it
 * stays a hit.
 *
 *     miss          hit      hit        hit          cost 5 ms: three fetches at once,
 *     |-------------|--------|-----|    |            two of them repeated; the last one is a hit
 *     0 ms          2        4     5    7
 *
 * Only keys whose window is open are kept, in a table by id with open addressing. It is emptied of the others when it is
 * half full, so that its size follows the number of windows that are open at once. */
#ifndef SIM_FETCHES_H
#define SIM_FETCHES_H

#include "sim/group_account.h"
#include "sim/miss_costs.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stdint.h>

struct fetch_window {
    uint32_t id;      /* NO_KEY: empty */
    uint32_t fetches; /* in it so far */
    int64_t end_us;
};

struct fetches {
    int64_t cost_us;     /* of a miss, > 0; 0: nobody asked, and nothing may be noted */
    bool hits_are_early; /* a hit within a window is a fetch */
    struct fetch_window *windows;
    uint32_t used, capacity; /* a power of two */
    struct miss_load load;
    /* Where groups of keys are told apart; else NULL. */
    struct group_account *groups;
    const struct miss_costs *costs; /* NULL: cost_us for all */
    int64_t *group_cost_us;         /* by group, -1: not looked up; owned */
};

/* A cost of 0 allocates nothing. */
void fetches_init(struct fetches *fetches, int64_t cost_us, bool hits_are_early);
/* Counts in the groups, too, unless there are none (NULL); with costs of their own, unless `costs` is NULL. */
void fetches_by_group(struct fetches *fetches, struct group_account *groups, const struct miss_costs *costs);
void fetches_release(struct fetches *fetches);

static inline bool fetches_are_counted(const struct fetches *fetches)
{
    return __builtin_expect(fetches->cost_us != 0, 0);
}

/* A read at now_us, which does not run backwards, found the key or missed it. */
void fetches_note(struct fetches *fetches, uint32_t id, int64_t now_us, bool found);

#endif

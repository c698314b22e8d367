/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idle_search: what a server keeps of the search for a round of its idle time. idle.h says what it is for. */
#ifndef SIM_SERVER_IDLE_SEARCH_H
#define SIM_SERVER_IDLE_SEARCH_H

#include "sim/request.h"
#include "sim/state_list.h"

#include <stdbool.h>
#include <stdint.h>

/* The counts that only grow: their values at a tick, or by how much a round moves them. */
struct idle_counts {
    int64_t time_us;
    uint64_t cron_calls, seconds; /* of replicationCron */
    uint64_t expire_db;           /* of the expiry cycle, likewise: */
    uint64_t cursors[DB_MAX];
};

/* The search for a round. */
struct idle_search {
    bool has_kept; /* the tick that later ones are compared with */
    struct state_list kept;
    struct idle_counts kept_counts;
    uint64_t ticks, power; /* since that tick; after how many a newer one is kept */
    bool has_round;        /* the round has been found: the next two are known */
    struct idle_counts round;
    int64_t round_ends_us; /* up to then rounds repeat: no ttl and no child ends */
};

struct idle {
    bool walks;       /* every tick is walked: for the test that compares */
    int64_t until_us; /* of the next request, or of the end */
    struct idle_search alone, with_info;
    bool info_came; /* since the last tick */
    struct state_list current;
};

#endif

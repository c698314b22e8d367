/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options: everything that affects a number in a report, apart from the grid itself (server, policy,
 * maxmemory, seed). One value is shared, read-only, by all cells of a run. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim/config.h"
#include "sim/trim_rules.h"
#include "sim/ttl_rules.h"

#include <stdbool.h>
#include <stdint.h>

struct census;
struct key_groups;
struct key_visitor;
struct key_slots;
struct miss_costs;
struct minute_log;
struct policy_wrap;
struct scenario;
struct slot_census;

/* How fast a server does what its time limits are about. Both depend on its machine, and on its values. 0: it takes no
 * time, so that no limit strikes. */
struct speed {
    uint64_t deletions;   /* keys evicted per second, maxmemory-eviction-tenacity limits one call */
    uint64_t expirations; /* keys deleted per second by the active expiry cycle, active-expire-effort limits one run */
    uint64_t elements;    /* of values with many blocks, freed per second besides: see entry_free_effort() */
};

/* Keys that are not there at the end, by why; and elements that a bound has taken away (trim_rules.h). */
struct losses {
    uint64_t evicted, expired, trimmed;
};

struct simulation_options {
    struct redis_config redis;
    bool fill;                           /* a missed read is followed by SET key value [EX ttl] */
    const char *allocator;               /* instead of the server's own; NULL: that */
    bool unit_sizes;                     /* every object weighs 1; flat only */
    bool weighs_keys;                    /* an object weighs its key, too, see weight.h; flat only */
    bool libcachesim;                    /* requests as libCacheSim counts them, see request_asks(); flat only */
    uint64_t baseline_memory;            /* used_memory that INFO said before the first request; 0: the profile's */
    bool clients_stay;                   /* no client leaves before the end */
    const struct departures *departures; /* the clients that do (input/departures.h); NULL: none. A replay finds them */
    const uint32_t
        *client_numbers;   /* of a shard: 1 + the number that a client of the trace has there, or 0; NULL: the same */
    int64_t info_every_us; /* a client sends INFO at the start, this often, and at the end; 0: never */
    int64_t miss_cost_us;  /* from a missed read until its application has the value (fetches.h); 0: not asked */
    const struct miss_costs
        *miss_costs;                 /* by group of keys: then miss_cost_us is the smallest; NULL: all cost the same */
    int64_t warmup_us;               /* since the first request: totals leave it out (warmup.h); 0: nothing */
    int64_t interval_us;             /* between curve samples; 0: chosen to give a few hundred */
    bool rss;                        /* which pages are in memory is followed, too: server/resident.h */
    struct speed speed;              /* of the machine that the server runs on */
    uint32_t key_parts;              /* the keys are one in so many of those that the result is to be about
                                        (engine/key_parts.h); 0: all */
    int64_t start_unix_us;           /* Unix time of the trace's first request */
    const struct key_groups *groups; /* of the trace's keys, which results tell apart; NULL: they do not */
    const struct key_slots *slots;   /* of a cluster, in which the keys are; NULL: nobody knows */
    const struct key_visitor
        *visitor; /* of one cell, whose keys it is shown at the end (key_visit.h); NULL: nobody asks */
    struct slot_census *slot_census; /* of one cell, which fills it at the end (slot_census.h); NULL: nobody asks */
    struct minute_log *minutes;      /* of one cell: its minutes one by one (evictions.h); NULL: nobody asks */
    const struct scenario *scenario; /* events besides the trace; NULL: none */
    struct losses *losses;           /* of one cell, which fills it; NULL: nobody asks */
    struct census *census;           /* of one cell, which fills it (census.h); NULL: nobody asks */
    struct ttl_rules ttl_rules;   /* ttls that the application would give its keys; `keys` is filled in by the replay */
    struct trim_rules trim_rules; /* bounds that it would set to lists, sorted sets and streams; by the same keys */
    const struct policy_wrap *wrap; /* a listener to the policy's hooks (hooks.h), of one cell; NULL: none */
};

#endif

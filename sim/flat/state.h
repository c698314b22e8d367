/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state: everything that one flat cache consists of.
 *
 *     flat.c       its life: batches in, counters out
 *     due.c        what happens between requests: the scenario, samples
 *     execute.c    what each command does
 *     plain.c      batches of nothing but reads
 *     nest.c       such batches in caches of several sizes at once
 *     cache.c      objects: inserted, resized, evicted, expired
 *     view.c       what policies and admission rules see of it  */
#ifndef SIM_FLAT_STATE_H
#define SIM_FLAT_STATE_H

#include "sim/absence.h"
#include "sim/admission.h"
#include "sim/engine/curve.h"
#include "sim/evictions.h"
#include "sim/group_account.h"
#include "sim/fetches.h"
#include "sim/warmup.h"
#include "sim/flat/id_set.h"
#include "sim/policy.h"
#include "sim/request.h"
#include "sim/result.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stdint.h>

struct object {
    union {
        uint32_t size;
        struct absence absence; /* of an absent object */
    };
    uint32_t position; /* 0: absent; else 1 + place among the residents, or just 1 (see flat.tracked) */
};

struct flat {
    const struct cell_config *config;
    struct error *error; /* of the call of replay or finish that is under way */
    char *entries;       /* struct object and the policy's bytes, by id */
    size_t stride;
    uint32_t capacity;
    uint32_t key_count; /* every id so far is below it */
    uint64_t maxmemory, used, keys;
    uint64_t wanted; /* that room is being made for */
    bool fill, unit_sizes, weighs_keys, libcachesim;
    bool tracked;    /* the policy samples: residents is kept */
    bool offline;    /* the policy knows the future */
    bool all_wanted; /* the keys of the MSETNX or MSETEX at hand were as it wants them, when it began */
    struct id_set residents;
    struct id_set expiring;    /* keys with a ttl; kept once there is one */
    int64_t *expire_ms;        /* by id; allocated when the first ttl turns up. Of a victim: the ttl that it had */
    uint32_t *expire_position; /* 1 + place in expiring, 0 = no ttl */
    int64_t start_unix_us, next_sample_us, now_us;
    int64_t next_ms_us; /* when the policy's clock goes on */
    struct scenario_cursor scenario;
    int64_t scenario_us; /* when its next event is due */
    bool is_between;     /* one is happening */
    gsl_rng *rng;
    struct policy_context eviction;
    struct admission_context admission;
    uint32_t named; /* the victim that the admission rule was told of; NO_KEY */
    struct counters counters;
    struct moments moments;
    bool in_script;         /* until the warm-up ends: the last row was a script, or called by one */
    int64_t warmup_ends_us; /* EVENT_NEVER: there is none, or it is over */
    struct warmup warmup;
    struct fetches fetches;
    struct evictions evictions;
    struct group_account *groups; /* NULL: nobody asks */
    struct curve_recorder recorder;
    struct nest *nest; /* that it is replayed in; NULL: none. Owned by the cache that leads it */
    bool leads;
};

static inline struct object *object_of(const struct flat *flat, uint32_t id)
{
    return (struct object *)(void *)(flat->entries + (size_t)id * flat->stride);
}

/* Rows between the fetch of an object and its use. */
enum { FLAT_PREFETCH_ROWS = 32 };

/* Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void flat_prefetch_row(const struct flat *flat, const struct batch *batch,
                                                                    uint32_t row)
{
    if (row < batch->count && batch->id[row] != NO_KEY)
        __builtin_prefetch(object_of(flat, batch->id[row]), 1);
}

/* The policy's clock stands still for a millisecond, and most requests come within one. */
static inline void flat_set_clock(struct flat *flat, int64_t now_us)
{
    struct policy_clock *clock = &flat->eviction.clock;

    flat->now_us = now_us;
    if (now_us < flat->next_ms_us)
        return;
    clock->unix_ms = (flat->start_unix_us + now_us) / 1000;
    clock->lru_clock = (uint32_t)(clock->unix_ms / 1000) & ((1 << 24) - 1);
    flat->next_ms_us = (clock->unix_ms + 1) * 1000 - flat->start_unix_us;
}

/* Sets what the policy may know of the future of the row's key. */
static inline void flat_set_future(struct flat *flat, const struct batch *batch, uint32_t row)
{
    flat->eviction.row = batch->first_row + row;
    flat->eviction.next_access = batch->next_access[row];
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy: the contract of an eviction policy. One policy is one file in policies/ and one line in its registry.
 *
 * A policy names the keys that should go, and does nothing else. It never frees a key, never counts bytes, and never
 * sees the budget. A model (a Redis server, or the flat cache) tells it what happens to the keys, asks it for a victim
 * when memory is short, removes that key, and tells it so:
 *
 *     the model                                      calls
 *     a key that is absent will be written           arriving(id)   before room is made for it
 *     may it come in at all?                         admits(id)     asked by the flat cache, before room is made
 *     the key is there now                           added(id)
 *     it was found, and only read                    read(id)       GET, STRLEN, EXPIRE, TOUCH ...
 *     it was found, and its value was written        written(id)    SET on an existing key, APPEND, INCR ...
 *     it was given a ttl, another one, or none       retimed(id)    EXPIRE, PERSIST, SET EX
 *     who should go?                                 victim()       returns an id, or NO_KEY
 *     who else should go, though there is room?      surplus()      returns an id, or NO_KEY
 *     the victim is gone                             evicted(id)    or removed, for a policy that has no evicted
 *     a key is gone for another reason               removed(id)    DEL, expiry, FLUSHALL
 *
 * A hook that a policy does not need stays NULL; victim() it must have, unless its scope is SCOPE_NONE.
 *
 * Keys are numbers, counted from 0 (uint32_t). A policy may keep entry_size bytes for each key: policy_entry(context,
 * id). They are zero before the key is first added, and they stay when the key goes, so that this is also the place
 * for what is remembered of absent keys (ghosts). What a policy keeps besides goes into its state: context->state, of
 * state_size bytes.
 *
 * Rules.
 *   - victim() returns a key that is there now and in scope, or NO_KEY if there is none. Any other answer ends the run
 *     with an error, and so it is with surplus(). NO_KEY while there are keys in scope is allowed: then the write is
 *     refused, as under noeviction.
 *   - victim() may change the policy's own state, but not the keyspace.
 *   - Random numbers come from context->rng, and time from context->clock. Two caches may be simulated side by side: a
 *     policy has no globals and no static variables.
 *   - arriving(id) need not be followed by added(id): the write may still be refused. A key may be evicted to make room
 *     for its own new value: then arriving(id) comes after evicted(id).
 *
 * A policy that needs to know the future is marked offline: the trace is then read twice, unless it says itself what comes next (.evt). Before each hook the model
 * sets context->next_access. It also calls read(id) for every row of the trace whose key is there afterwards, even if
 * the command did not touch it, so that the next access of a key is never in the past.
 *
 * policies/README.md shows a policy of your own in ten minutes; it ends with POLICY_PLUGIN (policy_plugin.h). */
#ifndef SIM_POLICY_H
#define SIM_POLICY_H

#include "sim/error.h"

#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_KEY UINT32_MAX

/* When a key is requested next, for offline policies: a row of the trace, counted from 0, so that 0 is never next. */
#define NEXT_UNKNOWN 0         /* the command is not of the trace: what was known before still holds */
#define NEXT_NEVER   INT64_MAX /* never, or not before it is deleted */

/* Which keys may be victims. */
enum scope {
    SCOPE_NONE,     /* none: noeviction */
    SCOPE_ALLKEYS,  /* all */
    SCOPE_VOLATILE, /* those with a ttl */
};

/* The time, set by the model before each call. */
struct policy_clock {
    int64_t unix_ms;    /* now */
    uint32_t lru_clock; /* Redis's LRU clock: seconds modulo 2^24, as its cron last saw it */
};

/* Redis's options of these names. CONFIG SET in a scenario may change them at any time. */
struct policy_options {
    uint32_t maxmemory_samples;
    uint32_t lfu_log_factor;
    uint32_t lfu_decay_time; /* minutes; 0 = never */
};

/* What a policy may ask about the keys, through context->view. Databases are numbered from 0 to database_count - 1. */
struct keyspace_view {
    /* How many keys of the database are in scope. Kept for policies that sample (see struct policy). */
    uint32_t (*candidates)(const void *keyspace, int db, enum scope scope);
    /* Whether the key is there and in scope. */
    bool (*is_candidate)(const void *keyspace, uint32_t id, enum scope scope);
    /* Up to `want` keys in scope, drawn as Redis's dictGetSomeKeys does. Returns how many, which may be 0. */
    int (*sample)(void *keyspace, int db, enum scope scope, int want, uint32_t *ids);
    /* One key in scope, drawn as Redis's dictGetRandomKey does. There must be one. */
    uint32_t (*random_key)(void *keyspace, int db, enum scope scope);
    /* When the key expires, in Unix milliseconds. It must have a ttl. */
    int64_t (*expire_ms)(const void *keyspace, uint32_t id);
    /* What the key weighs, in bytes of the model, or 1 with unit sizes. The key must be there. Its size changes
     * only with `written` and `retimed`. */
    uint64_t (*size)(const void *keyspace, uint32_t id);
    /* How many bytes all keys together may take; UINT64_MAX without a limit. A server needs memory for other
     * things, too: there it is what the policy's keys take now, which the policy says (held), plus what is free. */
    uint64_t (*capacity)(const void *keyspace, uint64_t held);
};

/* A number that the user may set: --policy 's3fifo:small=0.1'. */
struct policy_parameter {
    const char *name;
    double initial, least, most;
    const char *summary;
};

enum { POLICY_PARAMETERS = 8 }; /* at most, of one policy */

struct policy;
struct redis_policy;

/* A policy at work in one cache. Every hook gets it. */
struct policy_context {
    const struct policy *policy;
    void *state;   /* policy->state_size bytes, zero before init */
    char *entries; /* see policy_entry(): the entry of key 0, which moves when the keyspace grows, */
    size_t stride; /* and how many bytes there are from one key's entry to the next */
    enum scope scope;
    struct policy_clock clock;
    const struct policy_options *options;
    double parameters[POLICY_PARAMETERS]; /* in the order of policy->parameters */
    uint64_t arriving_bytes;              /* in `arriving`, `admits`: what the key will weigh, as far as is known */
    int64_t row;                          /* for offline policies: which row of the trace is being replayed, and */
    int64_t next_access;                  /* in which row the hook's key comes next; NEXT_NEVER, NEXT_UNKNOWN */
    gsl_rng *rng;
    void *keyspace; /* what the functions of the view take */
    const struct keyspace_view *view;
    int database_count;
    /* Of Redis's own policies: some keys in scope may not be evicted (is_candidate says which), and victim() has met nothing else in so
     * many rounds that it gave up: it says so with NO_KEY. */
    bool spares_keys, met_spared_only;
};

/* A key that victim() has weighed, for --explain. */
struct policy_candidate {
    uint32_t id;
    double score;
};

typedef void policy_hook_fn(struct policy_context *context, uint32_t id);

struct policy {
    const char *name;                          /* as maxmemory-policy has it, or the literature */
    const char *summary;                       /* one line, for evsim policies and the README */
    const char *source;                        /* the paper; NULL: Redis */
    const struct policy_parameter *parameters; /* the last one has no name; NULL: none */
    const char *libcachesim; /* parameters under --compat libcachesim, as "rigid=1,share=0.5"; NULL: the initial ones */
    enum scope scope;
    size_t state_size;    /* bytes of context->state */
    size_t entry_size;    /* bytes for each key, aligned to 4 */
    size_t state_per_key; /* bytes that the state keeps for each key besides, for forecasts of memory; 0: 32 at most */
    bool samples;         /* it calls view->candidates, sample or random_key: the model keeps what these need */
    bool offline;         /* it needs context->row and next_access, see above */
    bool is_lru;          /* the victim is always the key whose last use, read or written, was longest ago */
    int (*init)(struct policy_context *context, struct error *error); /* 0, or -1 with an error */
    void (*release)(struct policy_context *context);                  /* frees what init and the hooks have allocated */
    /* A hook may soon be called with the key: fetches what that will touch besides the key's entry, which has been
     * fetched. It changes nothing. For speed alone: a model need not call it. */
    void (*soon)(const struct policy_context *context, uint32_t id);
    policy_hook_fn *arriving, *added, *read, *written, *retimed, *removed, *evicted;
    /* Whether a key of context->arriving_bytes may come in. NULL: every key that fits. A Redis server does not ask: it
     * stores what it is told to store. */
    bool (*admits)(struct policy_context *context, uint32_t id);
    uint32_t (*victim)(struct policy_context *context);
    /* For a policy that limits the room of some of its keys: a key that must go although there is room in the cache
     * as a whole. It is asked after a write has got its room, and in the flat cache after every hit, until it says
     * NO_KEY. */
    uint32_t (*surplus)(struct policy_context *context);
    /* For --explain: the keys among which victim() has just chosen, at most so many, the one that it named first.
     * How many they are. They may be gone meanwhile, or be there twice, if the policy takes them so. NULL: it
     * cannot say. */
    int (*candidates)(const struct policy_context *context, struct policy_candidate *list, int most);
    const char *score; /* what a candidate's score is: "idle ms" */

    /* Of evsim's own; NULL in every other policy. */
    const struct redis_policy *redis; /* one of Redis's eight: what a server knows of it besides (redis_policy.h) */
    const struct policy *inner; /* this one stands in front of another, and tells it of keys with a ttl (scope.h) */
    void *owner;                /* somebody listens to the hooks (hook_trace.h) */
};

/* The bytes that the policy keeps for a key. */
static inline void *policy_entry(const struct policy_context *context, uint32_t id)
{
    return context->entries + (size_t)id * context->stride;
}

/* See struct keyspace_view. */
static inline uint64_t policy_size(const struct policy_context *context, uint32_t id)
{
    return context->view->size(context->keyspace, id);
}

static inline uint64_t policy_capacity(const struct policy_context *context, uint64_t held)
{
    return context->view->capacity(context->keyspace, held);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy: the contract of an eviction policy. One policy, one file in policies/, one registry line.
 *
 * A policy names victims and nothing else. It never frees, never counts bytes, never sees the
 * budget. The model that asks it (a Redis server, or the flat cache) removes the victim, counts it,
 * and then calls `removed`.
 *
 *     model                                    policy
 *     an absent key will be written  ->        arriving(id)   before room is made for it
 *     may it come in?                ->        admits(id)     asked by flat, before room is made
 *     a new key became resident      ->        added(id)
 *     a hit that only reads          ->        read(id)       GET, STRLEN, EXPIRE, TOUCH ...
 *     a hit that writes the value    ->        written(id)    SET on an existing key, APPEND, INCR ...
 *     its ttl was set or dropped     ->        retimed(id)    EXPIRE, PERSIST, SET EX
 *     who should go?                 ->        victim()       id, or NO_KEY
 *     who else, though there is room ->        surplus()      id, or NO_KEY
 *     the victim is gone             ->        evicted(id)    (removed, where a policy has no evicted)
 *     gone for another reason        ->        removed(id)    DEL, expiry, FLUSHALL
 *
 * Keys are dense uint32_t ids. Per-key state of the policy (entry_size bytes, zeroed before the key's
 * first `added`, kept over removals) lies beside the model's own state of the key, so that one cache
 * line serves both: policy_entry(policy context, id). An absent key's entry is the policy's to use: that is
 * where ghosts live. `arriving` may come without an `added` after it: the write may be refused. It comes after the
 * evictions of a key that was evicted to make room for its own new value.
 *
 * An offline policy knows the trace to its end. The model sets context->next_access before each hook, and besides
 * the hooks above calls `read` for every row of the trace whose key is resident after it, touched or not: so what
 * such a policy knows of a key never lies in the past.
 *
 * Rules. `victim` is required unless scope is SCOPE_NONE; a hook that is NULL means "I do not care".
 * `victim` returns a key that is resident now and within scope, or NO_KEY when there is none; it may
 * change its own state, never the keyspace. Any other answer, of `surplus` too, ends the run with an error (hooks.h).
 * NO_KEY while there are keys in scope does not: the write is refused, as it is under noeviction. Randomness only from
 * context->rng, time only from context->clock. Two cells never share state: no globals, no static locals. */
#ifndef SIM_POLICY_H
#define SIM_POLICY_H

#include "sim/error.h"

#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_KEY UINT32_MAX

/* When a key is requested next, for offline policies. Rows count from 0, so 0 is nobody's next request. */
#define NEXT_UNKNOWN 0         /* a command that is not the trace's: what was known before holds */
#define NEXT_NEVER   INT64_MAX /* not any more, or not before it is deleted */

/* Which keys may be victims. */
enum scope {
    SCOPE_NONE, /* none: noeviction */
    SCOPE_ALLKEYS,
    SCOPE_VOLATILE, /* keys with a ttl */
};

/* What the first four bytes of a policy's entry are. Redis keeps 24 bits per key, and a change of
 * maxmemory-policy gives the same bits another meaning. */
enum keeps {
    KEEPS_OTHER,   /* nothing, or something of its own */
    KEEPS_CLOCK,   /* those 24 bits as the LRU clock */
    KEEPS_COUNTER, /* as 16 bits of minutes above 8 of a counter */
};

/* What a policy's state is, for a change of maxmemory-policy: the server's own lives on. */
enum policy_state {
    STATE_OWN,
    STATE_POOL, /* the pool of candidates (policies/pool.h) */
    STATE_TURN, /* whose turn it is among the databases */
    STATE_KINDS
};

/* Time as the policies need it, set by the model before each call. */
struct policy_clock {
    int64_t unix_ms;    /* now */
    uint32_t lru_clock; /* Redis's LRU clock: seconds modulo 2^24, as its cron last saw it */
};

/* maxmemory-* and lfu-* options, live: CONFIG SET changes them under the policy's feet. */
struct policy_options {
    uint32_t maxmemory_samples;
    uint32_t lfu_log_factor;
    uint32_t lfu_decay_time; /* minutes; 0 = never */
};

/* What a model offers to policies that look at keys other than those they are told of. Databases
 * are numbered from 0 to database_count - 1. */
struct keyspace_view {
    uint32_t (*candidates)(const void *keyspace, int db, enum scope scope); /* keys in scope */
    bool (*is_candidate)(const void *keyspace, uint32_t id, enum scope scope);
    /* Up to `want` keys in scope, drawn as Redis's dictGetSomeKeys does; returns how many. */
    int (*sample)(void *keyspace, int db, enum scope scope, int want, uint32_t *ids);
    /* One key, drawn as Redis's dictGetRandomKey does. The scope is not empty. */
    uint32_t (*random_key)(void *keyspace, int db, enum scope scope);
    int64_t (*expire_ms)(const void *keyspace, uint32_t id); /* Unix ms; a key with a ttl */
    /* What a resident key weighs in the model's bytes: 1 with unit sizes. Valid from `added` to `evicted`
     * or `removed`, and changed by `written` and `retimed` only. */
    uint64_t (*size)(const void *keyspace, uint32_t id);
    /* Bytes that keys may take in all. A server counts more than keys: there it is what the policy's keys
     * take now, `held`, and what is free besides. UINT64_MAX without a limit. */
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

/* A policy at work in one cell. The model fills it, policy_open() adds state. */
struct policy_context {
    const struct policy *policy;
    void *state;   /* policy->state_size bytes, zeroed before init */
    char *entries; /* the entry of key 0; moves when the keyspace grows */
    size_t stride; /* bytes from one key's entry to the next */
    enum scope scope;
    struct policy_clock clock;
    const struct policy_options *options;
    double parameters[POLICY_PARAMETERS]; /* in the order of policy->parameters */
    uint64_t arriving_bytes;              /* what the key of `arriving` will weigh, as far as is known */
    int64_t row;                          /* of the trace, the one at hand; for offline policies, likewise: */
    int64_t next_access;                  /* row of the next request of the key of the hook; NEXT_NEVER, NEXT_UNKNOWN */
    gsl_rng *rng;
    void *keyspace;
    const struct keyspace_view *view;
    int database_count;
};

typedef void policy_hook_fn(struct policy_context *context, uint32_t id);

struct policy {
    const char *name;                          /* as maxmemory-policy has it, or the literature */
    const char *summary;                       /* one line for --help and the README */
    const char *source;                        /* the paper; NULL: Redis */
    const struct policy_parameter *parameters; /* ended by one without a name; NULL: none */
    const char *libcachesim; /* parameters under --compat libcachesim, as "rigid=1,share=0.5"; NULL: the initial ones */
    bool is_redis;           /* a value of maxmemory-policy: one of those that "all" means */
    enum scope scope;
    size_t state_size; /* of the policy as a whole */
    size_t entry_size; /* per key; at most 4-byte aligned */
    enum keeps keeps;
    enum policy_state state_kind;
    bool samples;          /* calls view->sample or random_key: the model must keep tables */
    bool offline;          /* needs row and next_access: the trace is read twice */
    bool private_integers; /* needs an object per value: Redis then shares no small integers */
    int (*init)(struct policy_context *context, struct error *error);
    void (*release)(struct policy_context *context);
    policy_hook_fn *arriving, *added, *read, *written, *retimed, *removed, *evicted;
    /* Whether a key of context->arriving_bytes may come in at all; NULL: any that fits. A Redis server stores
     * what it is told to store, and does not ask. */
    bool (*admits)(struct policy_context *context, uint32_t id);
    uint32_t (*victim)(struct policy_context *context);
    /* For a policy whose queues have room of their own: a key that must go although there is room now in the cache
     * as a whole. Asked once a write has its room, and by flat after a hit, until it says NO_KEY. */
    uint32_t (*surplus)(struct policy_context *context);
    /* Of evsim's own, that stand in front of a policy and see what it sees; NULL for every other. */
    const struct policy *inner; /* the one behind, which knows the keys with a ttl only (scope.h) */
    void *owner;                /* whoever listens to the hooks (hook_trace.h) */
};

/* ---- policies in a shared object ----
 *
 * A policy of your own is a file that ends in POLICY_PLUGIN(the policy), made with cc -shared -fPIC and named with
 * its path: --policy ./mine.so. What it was compiled against must be what evsim was: POLICY_ABI grows with every
 * change of this file that an object would notice. */
#define POLICY_ABI 1

struct policy_plugin {
    uint32_t abi;           /* POLICY_ABI */
    uint32_t policy_bytes;  /* sizeof(struct policy) */
    uint32_t context_bytes; /* sizeof(struct policy_context) */
    uint32_t view_bytes;    /* sizeof(struct keyspace_view) */
    const struct policy *policy;
};

#define POLICY_PLUGIN(name)                                                                                            \
    extern const struct policy_plugin evsim_policy_plugin;                                                             \
    const struct policy_plugin evsim_policy_plugin = {                                                                 \
        POLICY_ABI, sizeof(struct policy), sizeof(struct policy_context), sizeof(struct keyspace_view), &(name)}

static inline void *policy_entry(const struct policy_context *context, uint32_t id)
{
    return context->entries + (size_t)id * context->stride;
}

static inline uint64_t policy_size(const struct policy_context *context, uint32_t id)
{
    return context->view->size(context->keyspace, id);
}

static inline uint64_t policy_capacity(const struct policy_context *context, uint64_t held)
{
    return context->view->capacity(context->keyspace, held);
}

#endif

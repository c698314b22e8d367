/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model: the contract of what a cell simulates, a Redis server or a flat cache.
 *
 * The engine gives a model one batch after the other, in trace order, and asks for its counters at
 * the end. A model owns its event queue and its random stream; it shares nothing with other cells
 * but the read-only batch, so cells may run on any thread in any order. Cells that their model replays
 * as one (join) run on one thread, and have the results that they have alone. */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include "sim/admission.h"
#include "sim/error.h"
#include "sim/options.h"
#include "sim/policy.h"
#include "sim/request.h"
#include "sim/result.h"

#include <stddef.h>
#include <stdint.h>

struct dealing;
struct server;

/* A policy as a cell takes it: with its parameters, under the name that results give it. */
struct named_policy {
    const struct policy *policy;
    const double *parameters; /* NULL: the initial ones */
    const char *label;        /* NULL: the policy's name */
    const char *path;         /* of the shared object that it comes from; NULL: none */
};

/* One point of the grid. */
struct cell_config {
    const struct server *server;
    const struct policy *policy;
    const double *parameters;           /* of the policy; NULL: the initial ones */
    const char *policy_label;           /* how results name it; NULL: its name */
    const char *policy_path;            /* the shared object it comes from; NULL: none */
    const struct admission *admission;  /* in front of the policy; NULL: none */
    const double *admission_parameters; /* NULL: the initial ones */
    uint64_t maxmemory;                 /* bytes; 0 = no limit */
    uint64_t seed;
    const struct simulation_options *options;
    struct dealing
        *dealing;   /* of the trace to shards, of which this is one (engine/dealing.h); NULL: all of the trace */
    uint32_t shard; /* its place */
};

/* The state of a model at some moment, between calls or within one, for --explain (explain/explain.h). */
struct model_look {
    bool is_between; /* what runs is serverCron or a scenario, not a request */
    int64_t now_us;  /* of the trace */
    uint64_t used;   /* what counts against maxmemory now, */
    uint64_t wanted; /* and what is about to be added to it: room is made for both */
    uint64_t maxmemory;
    const struct counters *counters; /* so far */
    const struct policy_context *eviction;
};

/* Takes a line. */
typedef void model_tell_fn(void *owner, const char *line);

/* What tells a model's servers from one another, in groups: "layout of keys", "allocator" ... */
/* A way to take a profile's rules apart: pieces, numbered from 0 on. */
struct model_pieces {
    const char *(*word)(size_t piece); /* one word for it; NULL: there are no more */
    bool (*differs)(const void *a, const void *b, size_t piece);
    /* The piece's rules in a profile are those of another from now on, with those that it cannot be without. */
    void (*exchange)(void *profile, const void *from, size_t piece);
};

struct model_rules {
    size_t profile_size;
    const char *(*group_name)(size_t group); /* of a group; NULL: there are no more */
    /* Tells in which rules of the group b differs from a, a line each: "+ so it is in b", "- so it was in a", or "  what: a -> b". Whether
     * there is one. `tell` may be NULL. */
    bool (*differences)(const void *a, const void *b, size_t group, model_tell_fn *tell, void *owner);
    struct model_pieces groups; /* "layout", "allocator" ... */
    struct model_pieces single; /* rule by rule, over all groups: "reserves_ttl" ... */
};

struct model {
    const struct model_rules *rules; /* NULL: its servers have no profile */
    /* Whether the server takes this configuration, at its start or by CONFIG SET; NULL: it takes any. -1 with what it
     * objects to. */
    int (*check_config)(const struct server *server, const struct redis_config *config, struct error *error);
    /* Whether a policy of Redis's own is one that this server has, so that --policy all means it. It can be simulated all
     * the same: then it is a what-if. */
    bool (*has_policy)(const struct server *server, const struct policy *policy);
    size_t state_size; /* bytes of private state, zeroed before init */
    /* Bytes of the host that such a cell keeps for each key, beside what the policy keeps in its own state. */
    size_t (*key_bytes)(const struct cell_config *config);
    /* The configuration outlives the state. */
    int (*init)(void *state, const struct cell_config *config, struct error *error);
    /* 0, or -1 with an error: the policy gave an answer that cannot be (hooks.h). Then there is no result, and nothing
     * but release may follow. */
    int (*replay)(void *state, const struct batch *batch, struct error *error);
    /* Takes a cell that has just been initialized, as the leader has, into the leader's team: from now on replay() of the leader replays
     * both. False: they cannot be a team. NULL: no cells of this model ever can. */
    bool (*join)(void *leader, void *state);
    /* Whether the leader's team has found that its cells cannot be replayed together any more: then each is replayed by
     * itself again from now on, as the leader has done meanwhile. */
    bool (*disband)(void *leader);
    /* The trace ended at end_us: last events, then counters, quality and curve of the result, whose arrays pass to
     * the caller. 0, or -1 likewise: then there are none. */
    int (*finish)(void *state, int64_t end_us, struct result *result, struct error *error);
    void (*release)(void *state); /* safe after a failed init */
    struct model_look (*look)(const void *state);
};

/* A name that --server takes: a model and what makes this one different. */
struct server {
    const char *name;
    const char *alias; /* a shorter name for the same; NULL: none */
    const char *summary;
    const struct model *model;
    const void *profile; /* struct server_profile of the Redis model, NULL for flat */
    bool
        is_read; /* what its model knows was read, in its source text and its release notes: it was not run and measured */
};

#endif

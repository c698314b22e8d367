/* SPDX-License-Identifier: GPL-3.0-or-later */
/* simulations: what was replayed to answer how much memory is needed: each server and policy (a line) at some sizes,
 * with some seeds; of each what the goals compare, in the whole trace and in every window of it.
 *
 * Nothing is simulated twice; and one reading of the trace replays as many cells as this machine has room for. */
#ifndef SIM_ADVICE_SIMULATIONS_H
#define SIM_ADVICE_SIMULATIONS_H

#include "sim/advice/goals.h"
#include "sim/advice/headroom.h"
#include "sim/advice/instances.h"
#include "sim/advice/sizing.h"
#include "sim/engine/grid.h"
#include "sim/engine/replay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIZE_WINDOWS = 400 };

struct size_request {
    struct replay_plan plan; /* without cells; options.interval_us is set here if there are windows */
    struct grid grid; /* servers, policies, first_seed, admission; seeds: 0: as many as suit the trace; no sizes */
    struct goals goals;
    double precision;
    uint64_t windows;  /* so many parts of the trace are looked at by themselves; 0: none, or of this duration: */
    int64_t window_us; /* 0: no */
    struct headroom_request headroom;
    const struct instance_rule *rule; /* NULL: no machine is looked for */
    double price;                     /* of a GB of its memory; NaN: not known */
    /* Called for each line with what a sample of a long trace's keys says, twice: during the first reading, of so many commands;
     * and after it, of all (0). Size 0: it says that no size will do. NULL: nobody asks. */
    void (*tell_first)(void *owner, const char *server, const char *policy, uint64_t size, double share,
                       uint64_t commands);
    /* Called before each reading but the first, with how many simulations it makes; NULL: nobody asks. */
    void (*tell)(void *owner, uint64_t reading, size_t simulations);
    void *tell_owner;
};

/* One cell that was replayed. */
struct simulated {
    uint64_t size, seed; /* seeds are counted from 0 */
    struct counters counters;
    struct headroom_facts facts;
    struct headroom_facts *shard_facts; /* of a cluster's shards; else NULL; owned */
    double hit_ratio, keys;
    double *values; /* of the whole trace by goal, then of each window; owned */
};

/* What the shards of a cluster of one reading did, before they were summed up. */
struct simulated_shards {
    struct headroom_facts *facts; /* by shard; owned */
    double *worst;                /* by window and goal: the ratio of the shard that is worst off; NaN: none; owned */
};

/* A policy of a server. */
struct simulated_line {
    const struct server *server;
    const struct named_policy *policy;
    struct simulated *simulated;
    size_t count, room;
};

struct simulations {
    const struct size_request *request;
    struct sizing *sizing; /* the first reading fills its run; all of them its counts */
    struct replay_plan plan;
    struct simulated_line *lines;
    size_t line_count, windows;
    int64_t window_us;
    bool fills;                      /* misses are filled */
    struct simulated_shards *shards; /* by cell of the present reading; owned */
    const struct run *reading;       /* the present one's; NULL: there is none */
};

/* The request's servers and policies. They must outlive it, as must the sizing. */
void simulations_init(struct simulations *simulations, const struct size_request *request, struct sizing *sizing);
void simulations_release(struct simulations *simulations);

/* Once the trace has been read: when a window ends; 0 is the start. */
int64_t simulations_window_end(const struct simulations *simulations, size_t window);
/* What was simulated is forgotten: windows have changed. */
void simulations_forget(struct simulations *simulations);

/* Of two lines that are alike without a limit, the other takes over what was simulated of the one. */
void simulations_share(struct simulations *simulations, size_t one, size_t other);

/* NULL: it was not. */
const struct simulated *simulated_find(const struct simulated_line *line, uint64_t size, uint64_t seed);
/* How many of the first seeds were simulated at the size. */
uint64_t simulated_seeds(const struct simulated_line *line, uint64_t size);

/* Cells that are to be replayed; zeroed: none. */
struct simulated_cells {
    struct cell_config *configs;
    struct simulated_place {
        size_t line;
        uint64_t seed;
    } * places;
    size_t count, room;
};

/* Asks for a cell, unless it was simulated or is asked for already. */
void simulated_cells_add(const struct simulations *simulations, struct simulated_cells *cells, size_t line,
                         uint64_t size, uint64_t seed);
/* Replays them, in as many readings as are needed, and releases them. 0 or -1, as replay_run. */
int simulations_run(struct simulations *simulations, struct simulated_cells *cells, struct error *error);

/* A goal of a line at a size, of the first `seeds` seeds, all of which were simulated; window 0 is the whole trace. In a
 * window in which there is nothing to measure a goal is met. `number` is the goal's place among those of the request,
 * of which it may differ by its target. */
struct sized_value simulated_value(const struct simulations *simulations, size_t line, const struct goal *goal,
                                   size_t number, size_t window, uint64_t size, uint64_t seeds);

#endif

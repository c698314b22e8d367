/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay: replays a trace through cells, with everything around it, and fills a struct run with the results.
 *
 *     plan ─▶ the future, if a policy knows it   (a first reading: input/future.h)
 *          ─▶ the scenario's keys get ids; the first requests tell whether the application fills its misses
 *          ─▶ the bounds watch the batches       (flat/bounds.h)
 *          ─▶ the sweep                          (sweep.h)
 *
 * This is what a subcommand calls: it knows nothing of a command line. */
#ifndef SIM_ENGINE_REPLAY_H
#define SIM_ENGINE_REPLAY_H

#include "sim/error.h"
#include "sim/engine/sharding.h"
#include "sim/input/trace.h"
#include "sim/model.h"
#include "sim/options.h"
#include "sim/result.h"
#include "sim/scenario/scenario.h"
#include "sim/weight.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the application fills a miss with a SET. AUTO: a trace that writes at least half as often as it reads is
 * that of a store, whose own writes are all there is: NONE. Any other is that of a cache in front of something:
 * FILL. */
enum on_miss { ON_MISS_FILL, ON_MISS_NONE, ON_MISS_AUTO };

/* How far the sweep is. */
struct replay_progress {
    uint64_t commands;       /* read so far */
    uint64_t position, size; /* of the file, in bytes; size 0: not known */
};

/* Called before the first request is replayed and between rounds; returns false to stop. */
typedef bool replay_progress_fn(void *owner, const struct replay_progress *progress);

typedef void replay_ended_fn(void *owner, const struct reader *reader);

struct explain_request;
struct selection;

struct replay_plan {
    struct trace_request trace;
    format_choose_fn *choose_format;
    /* Cells without options take those below. Of a cell's own, fill, weighs_keys, scenario, start_unix_us
     * and warmup_us are settled here too; libcachesim and unit_sizes are those of all. */
    const struct cell_config *cells;
    size_t cell_count;
    struct simulation_options options;
    enum on_miss on_miss;
    enum weigh weigh;
    /* The cells are clusters; of no table: servers. The results are those of all cells with the first table, then with the
     * second, and so on. Cells in cluster mode are clusters of one shard in any case, without being told of as such. */
    struct sharding_plan sharding;
    bool keeps_names;                /* of keys, for a census (census.h) */
    const struct split_rule *split;  /* keys that are several instead (sim/split.h); NULL: none is */
    const struct group_rule *by;     /* how keys are grouped (input/groups.h); NULL: they are not */
    const char *const *ttl_patterns; /* of the cells' ttl rules, which count in them; at most 32 */
    unsigned ttl_pattern_count;
    struct selection *selection; /* the requests that are wanted (input/selection.h); NULL: all */
    struct scenario *scenario;   /* NULL: none; its keys are given ids */
    const uint64_t *bounded_at;  /* the maxmemory sizes for which bounds are wanted; NULL: none are */
    size_t bounded_count;
    const struct explain_request *explain; /* what is told of the one cell there is (explain.h); NULL: nothing */
    reader_watch_fn *watch;                /* is shown every batch (reader.h), without bounds; NULL: nobody is */
    void *watch_owner;
    replay_ended_fn
        *ended; /* is told that all of it was read, while names of keys can still be asked for; NULL: nobody is */
    void *ended_owner;
    int workers;                  /* threads, 1 or more */
    double *replay_seconds;       /* filled for each result: CPU time on this host; NULL: nobody asks */
    replay_progress_fn *progress; /* NULL: nobody asks */
    void *progress_owner;
};

/* Replays the plan and fills the run's results, in the order of the cells, and what it knows of the trace, of on-miss
 * and of the bounds. The version, the command, the settings and seed_count are the caller's. 0; or -1 on a trace that
 * cannot be read, or is not to be read twice where a policy needs that, or has nothing to replay; on a bad cell; on a
 * stop (ERROR_INTERRUPTED). The run is to be released either way. */
int replay_run(const struct replay_plan *plan, struct run *run, struct error *error);

#endif

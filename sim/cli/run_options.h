/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_options: the options of evsim run, and what follows from them: a grid, a scenario, options of the model. A
 * subcommand that replays a trace otherwise takes the groups that it shares with run, and the same struct. */
#ifndef SIM_CLI_RUN_OPTIONS_H
#define SIM_CLI_RUN_OPTIONS_H

#include "sim/cli/choice.h"
#include "sim/cli/cli.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/sample_options.h"
#include "sim/cli/shard_options.h"
#include "sim/cli/what_if.h"
#include "sim/explain/explain.h"
#include "sim/engine/replay.h"
#include "sim/engine/size_shares.h"
#include "sim/engine/warmup_wish.h"
#include "sim/engine/work_units.h"
#include "sim/miss_costs.h"
#include "sim/input/groups.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RUN_LIST_MAX = 256 };

enum compat { COMPAT_NO, COMPAT_LIBCACHESIM };

/* Everything the command line says. */
struct run_request {
    const struct catalog *catalog;
    enum outcome_kind answers;    /* what it makes: a run, unless a subcommand says otherwise */
    bool finds_sizes;             /* there is no --maxmemory: sizes are what is looked for */
    const char *default_policies; /* where neither --policy nor the file names one; NULL: all */
    struct trace_request trace;
    struct output_request output;
    struct redis_request redis;
    const char *servers, *policies, *maxmemory, *admission_text, *scenario_path, *speed;
    struct choice_list policy;
    struct admission_choice admission;
    enum scope scope;
    const struct server *server[RUN_LIST_MAX];
    uint64_t sizes[RUN_LIST_MAX];
    double shares[RUN_LIST_MAX];    /* sizes as shares of what the data take, */
    struct whole_size *whole_sizes; /* by server: which is found by a reading, or a plan says */
    size_t whole_size_count;
    uint64_t bounded[2 * RUN_LIST_MAX]; /* with --bounds: all sizes, once shares are known */
    size_t bounded_count;
    size_t server_count, size_count, share_count;
    uint64_t seed, seeds; /* 0 seeds: nobody said */
    uint64_t budget;      /* simulations that may be added where a curve over maxmemory is steep; 0: none */
    struct jobs_request jobs;
    enum on_miss on_miss;
    enum compat compat;
    enum weigh weigh;
    bool timing, bounds;
    struct work_limits limits; /* of what is replayed at a time */
    struct sample_request sample;
    const char *by_text, *separator;
    struct group_rule *by; /* where there is a text */
    const char *explain_text;
    struct explain_request explain; /* where there is a text */
    const char *miss_cost_text;
    struct miss_costs miss_costs; /* where it names a file */
    const char *warmup_text;
    struct warmup_wish warmup; /* where there is a text */
    struct what_if_options what_if;
    struct simulation_options options;
    struct scenario *scenario;
    struct shard_request clusters;
    double *replay_seconds; /* by result; 0: another process has replayed it */
};

enum { RUN_OPTION_GROUPS = 20 };
extern const struct option_group run_option_groups[RUN_OPTION_GROUPS];

/* Those that others share; each takes only what does something there. The grid is policies, servers and the first seed, without
 * sizes; flat: of caches of plain sizes. */
enum {
    RUN_MAXMEMORY_OPTIONS = 1,
    RUN_GRID_OPTIONS = 2,
    RUN_ADMISSION_OPTIONS = 1,
    RUN_SERVER_OPTIONS = 3,
    RUN_ONE_SERVER_OPTIONS = 3, /* --maxmemory, --policy and --server of who looks at one server as it is set */
    RUN_REPLAY_OPTIONS = 7,
    RUN_TOTALS_OPTIONS = 6, /* the first of these: all but --interval, of who has nothing over time */
    RUN_RSS_OPTIONS = 1,
    RUN_FLAT_OPTIONS = 3
};
extern const struct option run_maxmemory_options[RUN_MAXMEMORY_OPTIONS], run_grid_options[RUN_GRID_OPTIONS],
    run_admission_options[RUN_ADMISSION_OPTIONS], run_server_options[RUN_SERVER_OPTIONS],
    run_one_server_options[RUN_ONE_SERVER_OPTIONS], run_replay_options[RUN_REPLAY_OPTIONS],
    run_rss_options[RUN_RSS_OPTIONS], run_flat_options[RUN_FLAT_OPTIONS];

/* After the command line was parsed: reads the files that it names, and fills the lists. 0 or -1; to be released
 * either way. */
int run_request_settle(struct run_request *request, const struct option_set *set, struct error *error);
/* -1 with a usage error: the scenario sets maxmemory, which the subcommand varies, from the beginning to the end. */
int run_request_check_sizes(const struct run_request *request, struct error *error);
void run_request_release(struct run_request *request);

/* The replay that a settled request asks for: its cells, who is told of progress, and what one subcommand alone can ask for are the
 * caller's. */
struct replay_plan run_request_plan(const struct run_request *request);

#endif

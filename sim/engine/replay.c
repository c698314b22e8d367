/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/replay.h"

#include "sim/alloc.h"
#include "sim/explain/explain.h"
#include "sim/engine/sweep.h"
#include "sim/flat/bounds.h"
#include "sim/input/departures.h"
#include "sim/input/future.h"
#include "sim/input/selection.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- readings beforehand ---- */

/* The label of the first policy that knows the future; NULL if there is none. */
static const char *offline_policy(const struct replay_plan *plan)
{
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct cell_config *cell = &plan->cells[i];

        if (cell->policy->offline)
            return cell->policy_label ? cell->policy_label : cell->policy->name;
    }
    return NULL;
}

/* A reading of the same rows besides that of the replay, to know beforehand what they will bring. What it counts of the trace nobody
 * looks at. It must stay where it is while it is open. */
struct reading_ahead {
    struct trace trace;
    struct intake intake;
    struct selection selection;
};

static int read_ahead(const struct replay_plan *plan, struct reading_ahead *ahead, struct error *error)
{
    memset(ahead, 0, sizeof *ahead);
    if (trace_open(&ahead->trace, plan->choose_format, &plan->trace, &ahead->intake, error))
        return -1;
    if (plan->selection) {
        ahead->selection = *plan->selection;
        reader_select(ahead->trace.reader, &ahead->selection);
    }
    return 0;
}

/* The first of two readings. It reports the trace's errors; the second counts the rows that were left out. */
static int read_future(const struct replay_plan *plan, struct future *future, struct error *error)
{
    struct reading_ahead ahead;
    int status;

    if (read_ahead(plan, &ahead, error))
        return -1;
    status = future_read(future, ahead.trace.reader, &plan->options, error);
    trace_close(&ahead.trace);
    return status;
}

/* The trace says itself what comes next, or it is read twice. 0, or -1. */
static int foresee(const struct replay_plan *plan, const char *policy, struct trace *trace, struct future *future,
                   struct error *error)
{
    if (!plan->split && !plan->selection && reader_foresees(trace->reader) & future_rules(&plan->options)) {
        reader_foresee(trace->reader);
        return 0;
    }
    if (!trace_is_rereadable(plan->trace.path))
        return error_set(error, ERROR_USAGE,
                         "%s reads the trace twice: give a file, or what evsim convert --next-access has written",
                         policy);
    if (read_future(plan, future, error))
        return -1;
    future_tell(future, trace->reader);
    return 0;
}

/* ---- the clients that leave ---- */

/* Whether the cells are in cluster mode. */
static bool is_cluster(const struct replay_plan *plan)
{
    bool all = true;

    for (size_t i = 0; i < plan->cell_count; i++)
        all &= plan->cells[i].options ? plan->cells[i].options->redis.cluster_enabled
                                      : plan->options.redis.cluster_enabled;
    return all || plan->sharding.table_count;
}

static bool has_servers(const struct replay_plan *plan)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].server->profile)
            return true;
    return false;
}

/* Reads a trace of several clients once more, to know who leaves when. Of a trace that can be read but once all stay. With
 * `timeout` the server itself closes who is silent: then nothing is concluded. */
static int find_departures(const struct replay_plan *plan, struct intake *intake, struct departures *departures,
                           struct error *error)
{
    const bool are_shown = intake->closings_shown;
    struct reading_ahead ahead;
    int status;

    intake->closings_shown = false;
    if (intake->clients < 2 || plan->options.clients_stay || !has_servers(plan) ||
        (plan->options.redis.timeout && !are_shown) || !trace_is_rereadable(plan->trace.path))
        return 0;
    if (read_ahead(plan, &ahead, error))
        return -1;
    status = departures_read(departures, ahead.trace.reader, error);
    intake->clients_gone = departures->count;
    intake->closings_shown = departures->are_shown;
    trace_close(&ahead.trace);
    return status;
}

/* ---- bounds ---- */

struct bounds_watch {
    const struct simulation_options *options;
    struct bounds *bounds;
};

static void watch_bounds(void *owner, const struct batch *batch)
{
    struct bounds_watch *watch = owner;

    bounds_see(watch->bounds, watch->options, batch);
}

static void collect_bounds(const struct replay_plan *plan, const struct bounds *bounds, struct run *run)
{
    run->bounds = xcalloc(plan->bounded_count + 1, sizeof *run->bounds);
    for (size_t i = 0; i < plan->bounded_count; i++)
        run->bounds[run->bound_count++] = bounds_at(bounds, plan->bounded_at[i]);
    if (!run_bound(run, 0))
        run->bounds[run->bound_count++] = bounds_at(bounds, 0);
}

/* ---- options that depend on the trace ---- */

/* Decides whether misses are filled: the format says so, or the first requests. The reason is shown in reports. */
static bool fills_by_trace(const struct format *format, const struct reader_mix *mix, char *reason, size_t bytes)
{
    char reads[UNITS_TEXT], writes[UNITS_TEXT], rows[UNITS_TEXT];

    if (format->loads) {
        snprintf(reason, bytes, "auto: a dump has no requests");
        return false;
    }
    if (format->lacks_fills) {
        snprintf(reason, bytes, "auto: the writes of %s are not those of a cache's misses", format->name);
        return true;
    }
    snprintf(reason, bytes, "auto: %s write%s to %s read%s in the first %s request%s", print_count(writes, mix->writes),
             mix->writes == 1 ? "" : "s", print_count(reads, mix->reads), mix->reads == 1 ? "" : "s",
             print_count(rows, mix->rows), mix->rows == 1 ? "" : "s");
    return mix->writes * 2 < mix->reads;
}

static bool weighs_keys(enum weigh weigh, const struct simulation_options *options, const struct intake *intake)
{
    return weigh == WEIGH_KEY_AND_VALUE || (weigh == WEIGH_AUTO && options->libcachesim && intake->has_key_sizes);
}

/* Sets fill, weighs_keys and start_unix_us of the options, and records them in the run. */
static int settle(const struct replay_plan *plan, struct trace *trace, struct simulation_options *options,
                  struct run *run, struct error *error)
{
    struct reader_mix mix;
    char reason[200];

    if (trace_look_ahead(trace, &run->intake, &mix, error))
        return -1;
    snprintf(reason, sizeof reason, options->libcachesim ? "--compat libcachesim" : "asked for");
    options->fill = plan->on_miss == ON_MISS_FILL || options->libcachesim;
    if (plan->on_miss == ON_MISS_AUTO && !options->libcachesim)
        options->fill = fills_by_trace(trace->format, &mix, reason, sizeof reason);
    options->weighs_keys = weighs_keys(plan->weigh, options, &run->intake);
    run->weighs_keys = options->weighs_keys;
    run->has_rss = options->rss;
    run->miss_cost_us = options->miss_cost_us;
    run->miss_costs_differ = options->miss_costs != NULL;
    options->start_unix_us = reader_start_unix_us(trace->reader, &run->start_assumed);
    run->on_miss = xstrdup(options->fill ? "fill" : "none");
    run->on_miss_reason = xstrdup(reason);
    run->start_unix_us = options->start_unix_us;
    run->warmup_us = options->warmup_us;
    return 0;
}

/* The plan's cells, each with its complete options. */
struct settled_cells {
    struct cell_config *cells;
    struct simulation_options *options;
};

static struct settled_cells settle_cells(const struct replay_plan *plan, const struct simulation_options *settled)
{
    struct settled_cells all = {
        .cells = xcalloc(plan->cell_count, sizeof *all.cells),
        .options = xcalloc(plan->cell_count, sizeof *all.options),
    };

    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct simulation_options *own = plan->cells[i].options;
        struct simulation_options *options = &all.options[i];

        *options = own ? *own : *settled;
        assert(options->libcachesim == settled->libcachesim && options->unit_sizes == settled->unit_sizes);
        options->fill = settled->fill;
        options->weighs_keys = settled->weighs_keys;
        options->scenario = settled->scenario;
        options->start_unix_us = settled->start_unix_us;
        options->warmup_us = settled->warmup_us;
        options->groups = settled->groups;
        options->ttl_rules.keys = settled->ttl_rules.keys;
        options->slots = settled->slots;
        options->departures = settled->departures;
        all.cells[i] = plan->cells[i];
        all.cells[i].options = options;
    }
    return all;
}

static void release_cells(struct settled_cells *all)
{
    free(all->cells);
    free(all->options);
}

/* ---- the replay ---- */

struct watcher {
    const struct replay_plan *plan;
    const struct source *source;
    const struct reader *reader;
};

static bool show_progress(void *owner, uint64_t commands)
{
    const struct watcher *watcher = owner;
    struct replay_progress progress = {
        .commands = commands,
        .position = source_position(watcher->source),
        .size = source_size(watcher->source),
    };

    return !watcher->plan->progress || watcher->plan->progress(watcher->plan->progress_owner, &progress);
}

static bool reading_goes_on(void *owner)
{
    const struct watcher *watcher = owner;

    return show_progress(owner, reader_commands(watcher->reader));
}

/* ---- clusters ---- */

/* One server in cluster mode, which has all slots, is a cluster of one shard; nothing is told of that shard. */
static void forget_shards(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        result_forget_shards(&run->results[i]);
}

/* Replays clusters, each shard as a cell, and makes results of theirs. */
static int sweep_shards(const struct replay_plan *plan, const struct sharding_plan *clusters, struct trace *trace,
                        const struct cell_config *cells, struct watcher *watcher, struct run *run, struct error *error)
{
    struct sharding *sharding = sharding_new(clusters, trace->reader, cells, plan->cell_count);
    size_t count;
    const struct cell_config *shards = sharding_cells(sharding, &count);
    struct result *parts = xcalloc(count, sizeof *parts);
    double *seconds = xcalloc(count, sizeof *seconds);
    int status = sweep_run(trace->reader, shards, count, plan->workers, show_progress, watcher, parts, seconds, error);

    if (!status) {
        sharding_collect(sharding, reader_last_time_us(trace->reader), parts, seconds, run->results,
                         plan->replay_seconds);
        for (size_t i = 0; i < run->result_count; i++) {
            run->results[i].maxmemory = cells[i % plan->cell_count].maxmemory;
            run->results[i].seed = cells[i % plan->cell_count].seed;
        }
    }
    free(parts);
    free(seconds);
    sharding_free(sharding);
    return status;
}

static int sweep_cells(const struct replay_plan *plan, struct trace *trace, const struct cell_config *cells,
                       struct watcher *watcher, struct run *run, struct error *error)
{
    struct slot_table *all;
    struct sharding_plan one = {.table_count = 1};
    int status;

    if (plan->sharding.table_count)
        return sweep_shards(plan, &plan->sharding, trace, cells, watcher, run, error);
    if (!is_cluster(plan))
        return sweep_run(trace->reader, cells, plan->cell_count, plan->workers, show_progress, watcher, run->results,
                         plan->replay_seconds, error);
    all = slot_table_deal(1);
    one.tables = (const struct slot_table *const *)&all;
    status = sweep_shards(plan, &one, trace, cells, watcher, run, error);
    if (!status)
        forget_shards(run);
    slot_table_free(all);
    return status;
}

/* Replays the one cell and explains it, instead of a sweep. */
static int explain(const struct replay_plan *plan, struct trace *trace, const struct cell_config *cell,
                   struct watcher *watcher, struct run *run, struct error *error)
{
    assert(plan->cell_count == 1);
    if (explain_run(trace->reader, cell, plan->explain, show_progress, watcher, run->results, error))
        return -1;
    if (!run->results[0].server) /* the replay ended before the end of the trace */
        run->result_count = 0;
    return 0;
}

static int sweep(const struct replay_plan *plan, struct trace *trace, const struct simulation_options *options,
                 struct run *run, struct error *error)
{
    struct bounds_watch watch = {.options = options, .bounds = plan->bounded_at ? bounds_new() : NULL};
    struct watcher watcher = {.plan = plan, .source = trace->source, .reader = trace->reader};
    struct settled_cells all = settle_cells(plan, options);
    int status = 0;

    if (watch.bounds)
        reader_watch(trace->reader, watch_bounds, &watch);
    else if (plan->watch)
        reader_watch(trace->reader, plan->watch, plan->watch_owner);
    run->result_count = plan->cell_count * (plan->sharding.table_count ? plan->sharding.table_count : 1);
    run->results = xcalloc(run->result_count, sizeof *run->results);
    if (!show_progress(&watcher, 0))
        status = stop_error(error);
    source_ask(trace->source, reading_goes_on, &watcher);
    if (!status && plan->explain)
        status = explain(plan, trace, all.cells, &watcher, run, error);
    else if (!status)
        status = sweep_cells(plan, trace, all.cells, &watcher, run, error);
    if (!status && watch.bounds)
        collect_bounds(plan, watch.bounds, run);
    source_ask(trace->source, NULL, NULL);
    if (!status && plan->ended)
        plan->ended(plan->ended_owner, trace->reader);
    bounds_free(watch.bounds);
    release_cells(&all);
    return status;
}

static void describe_trace(const struct trace *trace, struct run *run)
{
    run->format = xstrdup(trace->format->name);
    run->commands = reader_commands(trace->reader);
    run->key_count = reader_key_count(trace->reader);
    run->duration_us = reader_last_time_us(trace->reader);
    reader_made_from(trace->reader, run->trace_digest, &run->trace_bytes);
}

/* How long the trace is, is known at its end. */
static int check_warmup(const struct run *run, struct error *error)
{
    char warmup[UNITS_TEXT], trace[UNITS_TEXT];

    if (!run->warmup_us || run->warmup_us < run->duration_us)
        return 0;
    return error_set(error, ERROR_USAGE, "the warm-up takes %s, and the trace ends after %s: leave out less",
                     print_duration(warmup, run->warmup_us), print_duration(trace, run->duration_us));
}

static int replay(const struct replay_plan *plan, struct trace *trace, struct run *run, struct error *error)
{
    struct simulation_options options = plan->options;
    struct departures departures = {0};
    int status;

    options.scenario = plan->scenario;
    if (plan->selection)
        reader_select(trace->reader, plan->selection);
    if (plan->split)
        reader_split(trace->reader, plan->split);
    if (plan->explain || plan->keeps_names)
        reader_keep_names(trace->reader);
    if (is_cluster(plan))
        options.slots = reader_find_slots(trace->reader);
    if (plan->sharding.table_count)
        reader_keep_names(trace->reader);
    if (plan->by)
        options.groups = reader_group_keys(trace->reader, plan->by);
    if (plan->ttl_pattern_count)
        options.ttl_rules.keys = reader_match_keys(trace->reader, plan->ttl_patterns, plan->ttl_pattern_count);
    if (plan->scenario)
        reader_expect(trace->reader, plan->scenario);
    if (settle(plan, trace, &options, run, error) || find_departures(plan, &run->intake, &departures, error))
        return -1;
    options.departures = departures.count ? &departures : NULL;
    status = sweep(plan, trace, &options, run, error);
    departures_release(&departures);
    if (status)
        return -1;
    describe_trace(trace, run);
    if (check_warmup(run, error))
        return -1;
    if (plan->scenario)
        run->scenario = scenario_print(plan->scenario);
    return 0;
}

/* A dump has values of Redis, of which a model of sizes alone knows nothing. */
static int check_preload(const struct replay_plan *plan, struct error *error)
{
    for (size_t i = 0; plan->trace.preload && i < plan->cell_count; i++)
        if (!plan->cells[i].server->profile)
            return error_set(
                error, ERROR_USAGE,
                "--preload: %s is filled by requests alone; --server redis-7.0.15 and the like load a dump",
                plan->cells[i].server->name);
    return 0;
}

int replay_run(const struct replay_plan *plan, struct run *run, struct error *error)
{
    const char *foreseeing = offline_policy(plan);
    struct future future = {0};
    struct trace trace;
    int status = -1;

    run->trace = trace_request_name(&plan->trace);
    if (check_preload(plan, error) || trace_open(&trace, plan->choose_format, &plan->trace, &run->intake, error))
        return -1;
    if (!foreseeing || !foresee(plan, foreseeing, &trace, &future, error))
        status = replay(plan, &trace, run, error);
    future_release(&future);
    trace_close(&trace);
    return status;
}

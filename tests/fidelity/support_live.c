/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_live.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/input/reader.h"
#include "sim/engine/sweep.h"
#include "sim/scenario/scenario.h"
#include "sim/server/registry.h"
#include "tests/fidelity/support_script.h"
#include "tests/support_run.h"
#include "traces/command.h"
#include "traces/registry.h"

#include <gsl/gsl_rng.h>

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const live_count_names[LIVE_COUNTS] = {
    "hits", "evicted", "expired", "oom", "keys", "expires", "used_memory", "curve",
};

/* used_memory moves in blocks of the allocator, the others by one. */
static const double units[LIVE_COUNTS] = {1, 1, 1, 1, 1, 1, 16, 0};

enum { INFO_EVERY_S = 60 };

/* ---- workloads ---- */

static double between(gsl_rng *rng, double least, double most)
{
    return least + (most - least) * gsl_rng_uniform(rng);
}

/* For what spans orders of magnitude. */
static double log_between(gsl_rng *rng, double least, double most)
{
    return exp(between(rng, log(least), log(most)));
}

/* What both workloads draw alike. Sizes reach from a few bytes to megabytes: far past what the connection's
 * buffers hold. */
static void draw_common(struct generate_params *params, gsl_rng *rng, bool quick)
{
    generate_defaults(params);
    params->seed = (uint32_t)gsl_rng_get(rng);
    params->requests = (uint64_t)between(rng, quick ? 15000 : 60000, quick ? 25000 : 120000);
    params->keys = (uint32_t)((double)params->requests / between(rng, 5, 12));
    params->zipf_exponent = between(rng, 0.6, 1.1);
    params->drift = between(rng, 0, 0.01);
    params->value_mean_bytes = log_between(rng, 250, 10000);
    params->value_sigma = between(rng, 1.3, 2.1);
    params->value_max_bytes = (uint32_t)log_between(rng, 60000, 4000000);
    generate_set_duration(params, (int64_t)(between(rng, quick ? 300 : 1200, quick ? 700 : 3600) * 1e6));
}

static void draw_cache(struct live_workload *workload, gsl_rng *rng, bool quick)
{
    struct generate_params *params = &workload->params;

    draw_common(params, rng, quick);
    workload->name = "cache";
    workload->fill = true;
    params->read_share = between(rng, 0.85, 0.99);
    params->write_share = between(rng, 0, 0.1);
    params->delete_share = between(rng, 0, 0.02);
    params->ttl_share = between(rng, 0.5, 1);
    params->ttl_min_s = (uint32_t)between(rng, 5, 60);
    params->ttl_max_s = (uint32_t)between(rng, 300, 3600);
}

static void draw_store(struct live_workload *workload, gsl_rng *rng, bool quick)
{
    struct generate_params *params = &workload->params;

    draw_common(params, rng, quick);
    workload->name = "store";
    params->read_share = between(rng, 0.4, 0.7);
    params->write_share = between(rng, 0.3, 0.5);
    params->delete_share = between(rng, 0, 0.05);
    params->ttl_share = between(rng, 0.02, 0.25);
    params->ttl_min_s = (uint32_t)between(rng, 10, 120);
    params->ttl_max_s = (uint32_t)between(rng, 600, 7200);
}

/* ---- simulation ---- */

static void set_options(struct simulation_options *options, const struct live_workload *workload, uint64_t baseline)
{
    memset(options, 0, sizeof *options);
    redis_config_init(&options->redis);
    options->fill = workload->fill;
    options->baseline_memory = baseline;
    options->info_every_us = INFO_EVERY_S * INT64_C(1000000);
    options->start_unix_us = INT64_C(1700000000000000);
}

static bool keep_on(void *owner, uint64_t commands)
{
    (void)owner;
    (void)commands;
    return !server_interrupted();
}

/* Replays the trace through the cells. */
static int simulate(const char *trace, struct scenario *scenario, const struct cell_config *configs, size_t count,
                    struct result *results, struct error *error)
{
    struct intake intake = {0};
    struct format_options plain = {0};
    struct source *source = source_open(trace, error);
    const struct format *format = source ? format_choose(source, "twitter", NULL, error) : NULL;
    struct reader *reader = format ? reader_open(source, format, &plain, &intake, error) : NULL;
    int status = -1;

    if (reader && scenario)
        reader_expect(reader, scenario);
    if (reader)
        status =
            sweep_run(reader, configs, count, (int)sysconf(_SC_NPROCESSORS_ONLN), keep_on, NULL, results, NULL, error);
    reader_close(reader);
    source_close(source);
    return status;
}

/* What the trace needs in a server without a limit. */
static int measure_need(struct live_workload *workload, const struct live_options *options, const char *trace,
                        struct error *error)
{
    struct simulation_options simulation;
    struct cell_config config = {
        .server = server_find(options->model),
        .policy = policy_find("noeviction"),
        .seed = 1,
        .options = &simulation,
    };
    struct result result = {0};

    set_options(&simulation, workload, 0);
    if (simulate(trace, NULL, &config, 1, &result, error))
        return -1;
    workload->empty_bytes = result.counters.baseline_memory;
    workload->need_bytes = result.counters.used_memory_peak - workload->empty_bytes;
    result_release(&result);
    return 0;
}

static uint64_t limit_at(const struct live_workload *workload, double share)
{
    return workload->empty_bytes + (uint64_t)(share * (double)workload->need_bytes);
}

/* Less memory, another policy, more memory than at first. */
static void draw_changes(struct live_workload *workload, double share, gsl_rng *rng)
{
    double duration_s = (double)workload->params.requests / workload->params.rate_per_s;
    const struct policy *policy;

    do
        policy = policies[gsl_rng_uniform_int(rng, policy_count)];
    while (!policy->is_redis);
    snprintf(workload->changes, sizeof workload->changes,
             "at %.1fs CONFIG SET maxmemory %" PRIu64 "\n"
             "at %.1fs CONFIG SET maxmemory-policy %s\n"
             "at %.1fs CONFIG SET maxmemory %" PRIu64 "\n",
             duration_s * between(rng, 0.2, 0.4), limit_at(workload, share * between(rng, 0.4, 0.9)),
             duration_s * between(rng, 0.45, 0.6), policy->name, duration_s * between(rng, 0.65, 0.8),
             limit_at(workload, share * between(rng, 1.05, 1.5)));
}

/* ---- one workload ---- */

/* counts[run][which] of one side of one cell. */
typedef double count_row[LIVE_COUNTS];

static void count_server(count_row row, const struct server_run *run)
{
    row[LIVE_HITS] = (double)run->hits;
    row[LIVE_EVICTED] = (double)run->evicted;
    row[LIVE_EXPIRED] = (double)run->expired;
    row[LIVE_OOM] = (double)run->oom;
    row[LIVE_KEYS] = (double)run->keys;
    row[LIVE_EXPIRES] = (double)run->expires;
    row[LIVE_USED_MEMORY] = (double)run->used_memory;
    row[LIVE_CURVE] = run->curve_mean;
}

static double curve_mean(const struct curve *curve)
{
    double sum = 0;

    for (size_t i = 0; i < curve->count; i++)
        sum += (double)curve->samples[i].used_memory;
    return sum / (double)curve->count;
}

static void count_evsim(count_row row, const struct result *result)
{
    row[LIVE_HITS] = (double)result->counters.hits;
    row[LIVE_EVICTED] = (double)result->counters.evicted_keys;
    row[LIVE_EXPIRED] = (double)result->counters.expired_keys;
    row[LIVE_OOM] = (double)result->counters.oom_rejections;
    row[LIVE_KEYS] = (double)result->counters.keys;
    row[LIVE_EXPIRES] = (double)result->counters.expires;
    row[LIVE_USED_MEMORY] = (double)result->counters.used_memory;
    row[LIVE_CURVE] = curve_mean(&result->curve);
}

static void summarize(struct sample_moments *moments, count_row *rows, size_t count)
{
    double *values = xcalloc(count, sizeof *values);

    for (int which = 0; which < LIVE_COUNTS; which++) {
        for (size_t i = 0; i < count; i++)
            values[i] = rows[i][which];
        moments[which] = sample_moments(values, count);
    }
    free(values);
}

/* The scenario as the model has it: the server is sent the same file's commands as they are. */
static struct scenario *read_scenario(const char *path, struct error *error)
{
    const struct scenario_language language = {policies, policy_count, command_parse};

    struct scenario *scenario = scenario_read(path, &language, error);

    for (size_t i = 0; scenario && i < scenario->count; i++) {
        const struct scenario_event *event = &scenario->events[i];

        if (event->period_us || (event->kind != SCENARIO_COMMAND && event->kind != SCENARIO_CONFIG)) {
            error_set(error, ERROR_USAGE, "%s:%d: not a command that a server can be sent as it is", path, event->line);
            scenario_free(scenario);
            return NULL;
        }
    }
    return scenario;
}

static int simulate_cells(struct live_workload *workload, const struct live_options *options,
                          const struct server_run *runs, size_t cells, const char *trace, struct scenario *scenario,
                          struct error *error)
{
    size_t count = cells * options->seeds;
    struct cell_config *configs = xcalloc(count, sizeof *configs);
    struct simulation_options *simulations = xcalloc(count, sizeof *simulations);
    struct result *results = xcalloc(count, sizeof *results);
    count_row *rows = xcalloc(options->seeds, sizeof *rows);
    int status;

    for (size_t i = 0; i < count; i++) {
        size_t cell = i / options->seeds, run = i % options->seeds % options->runs;

        set_options(&simulations[i], workload, runs[cell * options->runs + run].baseline_memory);
        simulations[i].scenario = scenario;
        configs[i] = (struct cell_config){
            .server = server_find(options->model),
            .policy = policy_find(workload->cells[cell].policy),
            .maxmemory = workload->maxmemory,
            .seed = ((uint64_t)options->seed << 32) + i,
            .options = &simulations[i],
        };
    }
    status = simulate(trace, scenario, configs, count, results, error);
    for (size_t cell = 0; !status && cell < cells; cell++) {
        for (size_t n = 0; n < options->seeds; n++)
            count_evsim(rows[n], &results[cell * options->seeds + n]);
        summarize(workload->cells[cell].evsim, rows, options->seeds);
    }
    for (size_t i = 0; i < count; i++)
        result_release(&results[i]);
    free(rows);
    free(results);
    free(simulations);
    free(configs);
    return status;
}

static int serve_cells(struct live_workload *workload, const struct live_options *options, struct server_run *runs,
                       size_t cells, const char *script, const char *directory, struct error *error)
{
    count_row *rows = xcalloc(options->runs, sizeof *rows);
    int status;

    for (size_t i = 0; i < cells * options->runs; i++)
        runs[i] = (struct server_run){
            .script = script, .policy = workload->cells[i / options->runs].policy, .maxmemory = workload->maxmemory};
    status = server_runs_play(&options->program, runs, cells * options->runs, (size_t)sysconf(_SC_NPROCESSORS_ONLN),
                              directory, error);
    for (size_t cell = 0; !status && cell < cells; cell++) {
        const struct server_run *first = &runs[cell * options->runs];

        for (size_t n = 0; n < options->runs; n++)
            count_server(rows[n], &first[n]);
        workload->cells[cell].reads = (double)(first->hits + first->misses);
        summarize(workload->cells[cell].server, rows, options->runs);
    }
    free(rows);
    return status;
}

static int write_trace(const struct live_workload *workload, const char *path, struct error *error)
{
    FILE *out = fopen(path, "w");
    int status;

    if (!out)
        return error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    status = generate_twitter(&workload->params, out, error);
    if (fclose(out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    return status;
}

static int write_text(const char *path, const char *text, struct error *error)
{
    FILE *out = fopen(path, "w");

    if (!out || (fputs(text, out) < 0) | fclose(out))
        return error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    return 0;
}

/* What happens besides the trace, as each side has it. */
struct happenings {
    struct script_events events;
    struct scenario *scenario; /* NULL: nothing */
};

static int read_happenings(struct happenings *happenings, const char *path, struct error *error)
{
    happenings->scenario = read_scenario(path, error);
    return happenings->scenario ? script_events_read(&happenings->events, path, error) : -1;
}

static int prepare_happenings(struct happenings *happenings, const struct live_workload *workload,
                              const struct live_options *options, const char *directory, struct error *error)
{
    char path[4096];

    *happenings = (struct happenings){0};
    if (!options->changes)
        return options->events ? read_happenings(happenings, options->events, error) : 0;
    snprintf(path, sizeof path, "%s/changes", directory);
    if (write_text(path, workload->changes, error))
        return -1;
    return read_happenings(happenings, path, error);
}

static void happenings_release(struct happenings *happenings)
{
    script_events_release(&happenings->events);
    scenario_free(happenings->scenario);
}

/* The trace, the script and the servers' runs. */
static int serve_workload(struct live_workload *workload, const struct live_options *options,
                          const struct happenings *happenings, struct server_run *runs, size_t cells, const char *trace,
                          const char *directory, struct error *error)
{
    char script[4096];
    struct redis_config config;

    redis_config_init(&config);
    struct script_options script_options = {
        .fill = workload->fill,
        .info_every_us = INFO_EVERY_S * INT64_C(1000000),
        .cron_period_us = 1000000 / config.hz,
        .events = &happenings->events,
    };
    snprintf(script, sizeof script, "%s/script", directory);
    if (script_write(script, trace, &script_options, error))
        return -1;
    return serve_cells(workload, options, runs, cells, script, directory, error);
}

/* Both sides of a workload, in a directory that is there and empty. */
static int run_workload(struct live_workload *workload, const struct live_options *options, gsl_rng *rng, size_t cells,
                        const char *directory, struct error *error)
{
    char trace[4096];
    double share = between(rng, 0.35, 0.8);
    struct happenings happenings = {0};
    struct server_run *runs = xcalloc(cells * options->runs, sizeof *runs);
    int status;

    snprintf(trace, sizeof trace, "%s/trace.csv", directory);
    status = write_trace(workload, trace, error);
    if (!status)
        status = measure_need(workload, options, trace, error);
    workload->maxmemory = limit_at(workload, share);
    if (!status && options->changes)
        draw_changes(workload, share, rng);
    if (!status)
        status = prepare_happenings(&happenings, workload, options, directory, error);
    if (!status)
        status = serve_workload(workload, options, &happenings, runs, cells, trace, directory, error);
    if (!status)
        status = simulate_cells(workload, options, runs, cells, trace, happenings.scenario, error);
    happenings_release(&happenings);
    free(runs);
    return status;
}

/* ---- all ---- */

static size_t add_cells(struct live_workload *workload, const struct live_options *options)
{
    size_t count = 0;

    workload->cells = xcalloc(policy_count, sizeof *workload->cells);
    if (options->policies)
        for (; options->policies[count]; count++)
            workload->cells[count].policy = options->policies[count];
    else
        for (size_t i = 0; i < policy_count; i++)
            if (policies[i]->is_redis)
                workload->cells[count++].policy = policies[i]->name;
    return count;
}

static void test_cell(struct live_cell *cell)
{
    for (int which = 0; which < LIVE_COUNTS; which++) {
        const struct sample_moments *server = &cell->server[which], *evsim = &cell->evsim[which];
        struct welch *test = &cell->tests[which];

        *test = welch_test(server, evsim, units[which]);
        if (server->sd > 0 && evsim->sd > 0)
            test->p = fmax(test->p, student_p(server, evsim));
    }
}

/* One family of tests: all counts of all cells of both workloads. */
static void judge(struct live_report *report, double level)
{
    size_t count = LIVE_WORKLOADS * report->cell_count * LIVE_COUNTS, next = 0;
    double *p = xcalloc(count, sizeof *p);
    bool *significant = xcalloc(count, sizeof *significant);

    for (int pass = 0; pass < 2; pass++) {
        next = 0;
        for (size_t i = 0; i < count / LIVE_COUNTS; i++) {
            struct live_cell *cell = &report->workloads[i / report->cell_count].cells[i % report->cell_count];

            if (pass == 0)
                test_cell(cell);
            for (int which = 0; which < LIVE_COUNTS; which++, next++) {
                p[next] = cell->tests[which].p;
                cell->significant[which] = significant[next];
                report->significant += significant[next];
            }
        }
        if (pass == 0)
            holm(p, count, level, significant);
    }
    free(significant);
    free(p);
}

int live_run(const struct live_options *options, struct live_report *report, struct error *error)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int status = 0;

    *report = (struct live_report){0};
    gsl_rng_set(rng, options->seed);
    server_signals_catch();
    for (int i = 0; !status && i < LIVE_WORKLOADS; i++) {
        struct live_workload *workload = &report->workloads[i];
        char *room = support_directory();

        if (i == 0)
            draw_cache(workload, rng, options->quick);
        else
            draw_store(workload, rng, options->quick);
        report->cell_count = add_cells(workload, options);
        status = run_workload(workload, options, rng, report->cell_count, room, error);
        support_remove(room);
        free(room);
    }
    server_signals_restore();
    if (!status)
        judge(report, options->level);
    gsl_rng_free(rng);
    return status;
}

void live_report_release(struct live_report *report)
{
    for (int i = 0; i < LIVE_WORKLOADS; i++)
        free(report->workloads[i].cells);
}

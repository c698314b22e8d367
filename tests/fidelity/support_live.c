/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_live.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/cli/progress.h"
#include "sim/engine/replay.h"
#include "sim/live/play.h"
#include "sim/live/script.h"
#include "sim/scenario/scenario.h"
#include "sim/server/registry.h"
#include "tests/support_run.h"
#include "traces/commands/command.h"
#include "traces/registry.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const live_count_names[LIVE_COUNTS] = {
    "hits", "evicted", "expired", "oom", "errors", "keys", "expires", "used_memory", "curve",
};

/* used_memory moves in blocks of the allocator, the others by one. */
static const double units[LIVE_COUNTS] = {1, 1, 1, 1, 1, 1, 1, 16, 0};

static const int64_t INFO_EVERY_US = 60000000;

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
    params->popularity.exponent = between(rng, 0.6, 1.1);
    params->drift = between(rng, 0, 0.01);
    params->population.value_mean_bytes = log_between(rng, 250, 10000);
    params->population.value_sigma = between(rng, 1.3, 2.1);
    params->population.value_max_bytes = (uint32_t)log_between(rng, 60000, 4000000);
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
    params->population.ttl_share = between(rng, 0.5, 1);
    params->population.ttl_min_s = (uint32_t)between(rng, 5, 60);
    params->population.ttl_max_s = (uint32_t)between(rng, 300, 3600);
}

static void draw_store(struct live_workload *workload, gsl_rng *rng, bool quick)
{
    struct generate_params *params = &workload->params;

    draw_common(params, rng, quick);
    workload->name = "store";
    params->read_share = between(rng, 0.4, 0.7);
    params->write_share = between(rng, 0.3, 0.5);
    params->delete_share = between(rng, 0, 0.05);
    params->population.ttl_share = between(rng, 0.02, 0.25);
    params->population.ttl_min_s = (uint32_t)between(rng, 10, 120);
    params->population.ttl_max_s = (uint32_t)between(rng, 600, 7200);
}

/* ---- simulation ---- */

static void set_options(struct simulation_options *options, const struct live_workload *workload, uint64_t baseline)
{
    *options = (struct simulation_options){.baseline_memory = baseline, .info_every_us = workload->info_every_us};
    redis_config_init(&options->redis);
}

static struct trace_request trace_of(const struct live_workload *workload, const char *path)
{
    return (struct trace_request){.path = path, .format = workload->capture ? "monitor" : "twitter"};
}

/* Replays the trace through the cells. */
static int simulate(const struct live_workload *workload, const char *trace, struct scenario *scenario,
                    const struct cell_config *configs, size_t count, struct run *run, struct error *error)
{
    struct progress progress = {0};
    struct replay_plan plan = {
        .trace = trace_of(workload, trace),
        .choose_format = format_choose,
        .cells = configs,
        .cell_count = count,
        .options.clients_stay = true, /* as the script's do */
        .on_miss = workload->fill ? ON_MISS_FILL : ON_MISS_NONE,
        .scenario = scenario,
        .workers = (int)sysconf(_SC_NPROCESSORS_ONLN),
        .progress = progress_show,
        .progress_owner = &progress,
    };
    int status = replay_run(&plan, run, error);

    progress_end(&progress);
    return status;
}

static int write_text(const char *path, const char *text, struct error *error)
{
    FILE *out = fopen(path, "w");

    if (!out || (fputs(text, out) < 0) | fclose(out))
        return error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    return 0;
}

/* Replays the trace in a server without a limit. */
static int simulate_freely(struct live_workload *workload, const struct live_options *options, const char *trace,
                           struct scenario *scenario, struct counters *counters, struct error *error)
{
    struct simulation_options simulation;
    struct cell_config config = {
        .server = server_find(options->model),
        .policy = policy_find("noeviction"),
        .seed = 1,
        .options = &simulation,
    };
    struct run run = {0};
    int status;

    set_options(&simulation, workload, 0);
    simulation.scenario = scenario;
    status = simulate(workload, trace, scenario, &config, 1, &run, error);
    if (!status)
        *counters = run.results[0].counters;
    run_release(&run);
    return status;
}

/* What is left of a capture when its keys go at its end: a server with many commands, each of which has a histogram,
 * weighs as much as the keys do. */
static int measure_floor(struct live_workload *workload, const struct live_options *options, const char *trace,
                         const char *directory, struct counters *counters, struct error *error)
{
    const struct scenario_language language = {policies, policy_count, command_parse, 0};
    struct scenario *scenario;
    char path[4096], text[64];
    int status;

    snprintf(path, sizeof path, "%s/floor", directory);
    snprintf(text, sizeof text, "at %" PRId64 "us FLUSHALL\n", workload->summary.duration_us);
    if (write_text(path, text, error))
        return -1;
    scenario = scenario_read(path, &language, error);
    status = scenario ? simulate_freely(workload, options, trace, scenario, counters, error) : -1;
    scenario_free(scenario);
    return status;
}

/* What the trace needs in a server without a limit. */
static int measure_need(struct live_workload *workload, const struct live_options *options, const char *trace,
                        const char *directory, struct error *error)
{
    struct counters counters, floor;

    if (simulate_freely(workload, options, trace, NULL, &counters, error))
        return -1;
    workload->empty_bytes = counters.baseline_memory;
    if (workload->capture) {
        if (measure_floor(workload, options, trace, directory, &floor, error))
            return -1;
        workload->empty_bytes = floor.used_memory;
    }
    workload->need_bytes = counters.used_memory_peak - workload->empty_bytes;
    return 0;
}

static uint64_t limit_at(const struct live_workload *workload, double share)
{
    return workload->empty_bytes + (uint64_t)(share * (double)workload->need_bytes);
}

/* Whether the server has it. */
static bool is_own(const struct live_options *options, const struct policy *policy)
{
    const struct server *server = server_find(options->model);

    return server->model->has_policy(server, policy);
}

/* Less memory, another policy, more memory than at first. */
static void draw_changes(struct live_workload *workload, const struct live_options *options, double share, gsl_rng *rng)
{
    double duration_s = (double)workload->params.requests / workload->params.arrivals.rate_per_s;
    const struct policy *policy;

    do
        policy = policies[gsl_rng_uniform_int(rng, policy_count)];
    while (!is_own(options, policy));
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

static double curve_mean(const struct curve *curve)
{
    double sum = 0;

    for (size_t i = 0; i < curve->count; i++)
        sum += (double)curve->samples[i].used_memory;
    return sum / (double)curve->count;
}

static void count(count_row row, const struct counters *counters, const struct curve *curve)
{
    row[LIVE_HITS] = (double)counters->hits;
    row[LIVE_EVICTED] = (double)counters->evicted_keys;
    row[LIVE_EXPIRED] = (double)counters->expired_keys;
    row[LIVE_OOM] = (double)counters->oom_rejections;
    row[LIVE_ERRORS] = (double)counters->command_errors;
    row[LIVE_KEYS] = (double)counters->keys;
    row[LIVE_EXPIRES] = (double)counters->expires;
    row[LIVE_USED_MEMORY] = (double)counters->used_memory;
    row[LIVE_CURVE] = curve_mean(curve);
}

/* The curves of the server's runs, and of the model's seeds. */
static struct curve_test test_curves(const struct play_run *runs, size_t run_count, const struct result *results,
                                     size_t seed_count, uint64_t seed)
{
    const struct curve **curves = xcalloc(run_count + seed_count, sizeof(struct curve *));
    struct curve_test test;

    for (size_t i = 0; i < run_count; i++)
        curves[i] = &runs[i].curve;
    for (size_t i = 0; i < seed_count; i++)
        curves[run_count + i] = &results[i].curve;
    test = curve_test(curves, run_count, curves + run_count, seed_count, seed);
    free(curves);
    return test;
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

static int simulate_cells(struct live_workload *workload, const struct live_options *options,
                          const struct play_run *runs, size_t cells, const char *trace, struct scenario *scenario,
                          struct error *error)
{
    size_t total = cells * options->seeds;
    struct cell_config *configs = xcalloc(total, sizeof *configs);
    struct simulation_options *simulations = xcalloc(total, sizeof *simulations);
    struct run run = {0};
    count_row *rows = xcalloc(options->seeds, sizeof *rows);
    int status;

    for (size_t i = 0; i < total; i++) {
        size_t cell = i / options->seeds, twin = cell * options->runs + i % options->seeds % options->runs;

        set_options(&simulations[i], workload, runs[twin].counters.baseline_memory);
        simulations[i].scenario = scenario;
        configs[i] = (struct cell_config){
            .server = server_find(options->model),
            .policy = policy_find(workload->cells[cell].policy),
            .maxmemory = workload->maxmemory,
            .seed = ((uint64_t)options->seed << 32) + i,
            .options = &simulations[i],
        };
    }
    status = simulate(workload, trace, scenario, configs, total, &run, error);
    for (size_t cell = 0; !status && cell < cells; cell++) {
        for (size_t n = 0; n < options->seeds; n++)
            count(rows[n], &run.results[cell * options->seeds + n].counters,
                  &run.results[cell * options->seeds + n].curve);
        summarize(workload->cells[cell].evsim, rows, options->seeds);
        workload->cells[cell].curves = test_curves(&runs[cell * options->runs], options->runs,
                                                   &run.results[cell * options->seeds], options->seeds, options->seed);
    }
    run_release(&run);
    free(rows);
    free(simulations);
    free(configs);
    return status;
}

static bool keep_on(void *owner)
{
    return progress_show(owner, &(struct replay_progress){0});
}

/* What the seed draws has no command that a server refuses. */
static int check_replies(const struct live_workload *workload, const struct play_run *runs, size_t total,
                         struct error *error)
{
    if (workload->capture)
        return 0;
    for (size_t i = 0; i < total; i++)
        if (runs[i].counters.command_errors)
            return error_set(error, ERROR_INPUT, "the server refused a command");
    return 0;
}

static int serve_cells(struct live_workload *workload, const struct live_options *options, struct play_run *runs,
                       size_t cells, const char *script, const char *directory, struct error *error)
{
    count_row *rows = xcalloc(options->runs, sizeof *rows);
    size_t total = cells * options->runs;
    struct progress progress = {0};
    struct play play = {
        .program = &options->program,
        .parallel = (size_t)sysconf(_SC_NPROCESSORS_ONLN),
        .directory = directory,
        .keep_on = keep_on,
        .owner = &progress,
    };
    int status;

    for (size_t i = 0; i < total; i++)
        runs[i] = (struct play_run){
            .script = script, .policy = workload->cells[i / options->runs].policy, .maxmemory = workload->maxmemory};
    status = play_runs(&play, runs, total, error) || check_replies(workload, runs, total, error) ? -1 : 0;
    for (size_t cell = 0; !status && cell < cells; cell++) {
        const struct play_run *first = &runs[cell * options->runs];

        for (size_t n = 0; n < options->runs; n++)
            count(rows[n], &first[n].counters, &first[n].curve);
        for (size_t n = 0; n < options->runs; n++)
            workload->waiting += first[n].waiting;
        workload->cells[cell].reads = (double)first->counters.reads;
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
    status = generate_trace(&workload->params, &generate_target_twitter, out, NULL, error);
    if (fclose(out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    return status;
}

/* What happens besides the trace; *scenario stays NULL when nothing does. */
static int read_scenario(struct scenario **scenario, const struct live_workload *workload,
                         const struct live_options *options, const char *directory, struct error *error)
{
    const struct scenario_language language = {policies, policy_count, command_parse, 0};
    char path[4096];

    snprintf(path, sizeof path, "%s", options->events ? options->events : "");
    if (options->changes) {
        snprintf(path, sizeof path, "%s/changes", directory);
        if (write_text(path, workload->changes, error))
            return -1;
    }
    if (!*path)
        return 0;
    *scenario = scenario_read(path, &language, error);
    return *scenario ? 0 : -1;
}

/* The script of a trace that is there; a capture's has been made with its trace. */
static int write_script(const struct live_workload *workload, const struct script_options *options, const char *script,
                        const char *trace, struct error *error)
{
    struct trace_request request = trace_of(workload, trace);

    return workload->capture ? 0 : script_write(script, format_choose, &request, options, error);
}

/* The trace; of a capture, the script as well, which no scenario disturbs. */
static int prepare_trace(struct live_workload *workload, double stretch, const struct script_options *options,
                         const char *script, const char *trace, struct error *error)
{
    if (!workload->capture)
        return write_trace(workload, trace, error);
    return capture_convert(workload->capture, stretch, script, trace, options, &workload->info_every_us,
                           &workload->summary, error);
}

/* Both sides of a workload, in a directory that is there and empty. */
static int run_workload(struct live_workload *workload, const struct live_options *options, gsl_rng *rng, size_t cells,
                        const char *directory, struct error *error)
{
    char trace[4096], script[4096];
    double drawn = between(rng, 0.35, 0.8), share = options->share > 0 ? options->share : drawn;
    struct scenario *scenario = NULL;
    struct play_run *runs = xcalloc(cells * options->runs, sizeof *runs);
    struct redis_config config;
    int status;

    redis_config_init(&config);
    struct script_options script_options = {
        .fill = workload->fill,
        .info_every_us = workload->info_every_us,
        .hz = config.hz,
    };
    snprintf(trace, sizeof trace, "%s/trace", directory);
    snprintf(script, sizeof script, "%s/script", directory);
    status =
        prepare_trace(workload, options->stretch > 0 ? options->stretch : 1, &script_options, script, trace, error);
    if (!status)
        status = measure_need(workload, options, trace, directory, error);
    workload->maxmemory = limit_at(workload, share);
    if (!status && options->changes)
        draw_changes(workload, options, share, rng);
    if (!status)
        status = read_scenario(&scenario, workload, options, directory, error);
    script_options.scenario = scenario;
    if (!status)
        status = write_script(workload, &script_options, script, trace, error);
    if (!status)
        status = serve_cells(workload, options, runs, cells, script, directory, error);
    if (!status)
        status = simulate_cells(workload, options, runs, cells, trace, scenario, error);
    for (size_t i = 0; i < cells * options->runs; i++)
        play_run_release(&runs[i]);
    scenario_free(scenario);
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
            if (is_own(options, policies[i]))
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
    size_t count = report->workload_count * report->cell_count * LIVE_COUNTS, next = 0;
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

/* Another family: the curves of all cells. */
static void judge_curves(struct live_report *report, double level)
{
    size_t count = report->workload_count * report->cell_count;
    double *p = xcalloc(count, sizeof *p);
    bool *significant = xcalloc(count, sizeof *significant);

    for (size_t i = 0; i < count; i++)
        p[i] = report->workloads[i / report->cell_count].cells[i % report->cell_count].curves.p;
    holm(p, count, level, significant);
    for (size_t i = 0; i < count; i++) {
        struct live_workload *workload = &report->workloads[i / report->cell_count];
        struct live_cell *cell = &workload->cells[i % report->cell_count];

        cell->curves_differ = significant[i] && cell->curves.distance > LIVE_CURVE_SHARE * (double)workload->maxmemory;
        report->significant += cell->curves_differ;
    }
    free(significant);
    free(p);
}

double live_z(const struct live_cell *cell, enum live_count which)
{
    const struct welch *test = &cell->tests[which];

    return test->standard_error > 0 ? gsl_cdf_ugaussian_Qinv(fmax(test->p / 2, DBL_MIN)) : NAN;
}

/* The captures; or a cache and a store, as the seed says. */
static void add_workloads(struct live_report *report, const struct live_options *options)
{
    while (options->captures && options->captures[report->workload_count])
        report->workload_count++;
    if (!options->captures)
        report->workload_count = 2;
    report->workloads = xcalloc(report->workload_count + 1, sizeof *report->workloads);
}

static void begin_workload(struct live_workload *workload, const struct live_options *options, size_t number,
                           gsl_rng *rng)
{
    if (options->captures) {
        const char *path = options->captures[number], *slash = strrchr(path, '/');

        workload->capture = path;
        workload->name = slash ? slash + 1 : path;
        return;
    }
    workload->info_every_us = INFO_EVERY_US;
    if (number == 0)
        draw_cache(workload, rng, options->quick);
    else
        draw_store(workload, rng, options->quick);
}

int live_run(const struct live_options *options, struct live_report *report, struct error *error)
{
    gsl_rng *rng;
    int status = 0;

    *report = (struct live_report){0};
    if (options->captures && (options->events || options->changes))
        return error_set(error, ERROR_USAGE, "a capture is replayed as it is: without events, without changes");
    rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, options->seed);
    add_workloads(report, options);
    for (size_t i = 0; !status && i < report->workload_count; i++) {
        char *room = support_directory();

        begin_workload(&report->workloads[i], options, i, rng);
        report->cell_count = add_cells(&report->workloads[i], options);
        status = run_workload(&report->workloads[i], options, rng, report->cell_count, room, error);
        support_remove(room);
        free(room);
    }
    if (!status) {
        judge(report, options->level);
        judge_curves(report, options->level);
    }
    gsl_rng_free(rng);
    return status;
}

void live_report_release(struct live_report *report)
{
    for (size_t i = 0; i < report->workload_count; i++)
        free(report->workloads[i].cells);
    free(report->workloads);
}

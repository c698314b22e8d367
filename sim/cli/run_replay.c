/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/run_replay.h"

#include "sim/alloc.h"
#include "sim/cli/explain.h"
#include "sim/cli/note.h"
#include "sim/cli/progress.h"
#include "sim/cli/results.h"
#include "sim/cli/run_budget.h"
#include "sim/cli/run_settings.h"
#include "sim/engine/grid.h"
#include "sim/engine/key_parts.h"
#include "sim/engine/size_shares.h"
#include "sim/merge.h"
#include "sim/output.h"
#include "sim/result_file.h"
#include "sim/stop.h"
#include "sim/warnings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the request ---- */

static int settle(struct run_request *request, const struct option_set *set, struct error *error)
{
    const char *other;

    if (run_request_settle(request, set, error))
        return -1;
    if (request->share_count && request->clusters.table_count > 1)
        return error_set(error, ERROR_USAGE,
                         "--maxmemory as a share is of one cluster: with several --shards give sizes, as 512mb");
    if (run_budget_check(request, error))
        return -1;
    other = request->explain_text ? "--explain" : request->bounds ? "--bounds" : request->timing ? "--timing" : NULL;

    if (!request->seeds)
        request->seeds = request->what_if.count ? WHAT_IF_SEEDS : sample_request_seeds(&request->sample);
    if (request->what_if.count && other)
        return error_set(error, ERROR_USAGE, "--what-if prints what is different: not with %s", other);
    request->what_if.servers = request->server;
    request->what_if.server_count = request->server_count;
    return what_if_settle(&request->what_if, request->catalog, error);
}

int run_request_open(struct run_request *request, struct option_set *set, const struct catalog *catalog, int argc,
                     char **argv, struct error *error)
{
    request->catalog = catalog;
    if (options_parse(set, "run", argc, argv, error))
        return -1;
    if (set->help)
        return 0;
    return trace_request_operand(&request->trace, set, argv, "evsim run TRACE --maxmemory SIZE", error) ||
                   settle(request, set, error)
               ? -1
               : 0;
}

/* Its policies lie in `policies`, of CHOICES. */
static struct grid grid_of(struct run_request *request, struct named_policy *policies)
{
    return (struct grid){
        .servers = request->server,
        .server_count = request->server_count,
        .sizes = request->sizes,
        .size_count = request->size_count,
        .policies = policies,
        .policy_count = choice_list_name(&request->policy, policies),
        .first_seed = request->seed,
        .seeds = request->seeds,
        .admission = request->admission.admission,
        .admission_parameters = request->admission.parameters,
    };
}

struct cell_config *run_request_cells(struct run_request *request, size_t *count)
{
    struct named_policy policies[CHOICES];
    struct grid grid = grid_of(request, policies);

    *count = grid_count(&grid);
    return grid_cells(&grid);
}

/* Of the given cells. What progress, explain and timing need is the caller's. */
static struct replay_plan plan_of(struct run_request *request, const struct cell_config *cells, size_t count)
{
    return (struct replay_plan){
        .trace = request->trace,
        .choose_format = request->catalog->choose_format,
        .cells = cells,
        .cell_count = count,
        .options = request->options,
        .on_miss = request->on_miss,
        .weigh = request->weigh,
        .sharding = shard_request_plan(&request->clusters),
        .by = request->by,
        .scenario = request->scenario,
        .bounded_at = request->bounds ? request->sizes : NULL,
        .bounded_count = request->size_count,
        .explain = request->explain_text ? &request->explain : NULL,
        .workers = jobs_workers(&request->jobs),
    };
}

int run_request_measure(struct run_request *request, struct work_trace *trace, struct error *error)
{
    struct replay_plan plan = plan_of(request, NULL, 0);

    return work_measure(&plan, trace, error);
}

/* ---- a replay ---- */

/* What a run says besides what the replay has found. */
static void complete(struct run_request *request, const struct option_set *set, struct run *run)
{
    run->version = xstrdup(request->catalog->version);
    run->command = xstrdup(set->command);
    run->seed_count = request->seeds;
    if (request->admission_text)
        run->admission = xstrdup(request->admission_text);
    run_settings_record(request, set, run);
    warnings_find(run);
}

static int replay_all(struct run_request *request, struct replay_plan *plan, struct run *run, struct error *error)
{
    struct named_policy policies[CHOICES];
    struct grid grid = grid_of(request, policies);

    if (warmup_wish_settle(&request->warmup, plan, &run->warmup_missed, error) ||
        (request->sample.parts ? key_parts_run(plan, request->sample.parts, run, error) : replay_run(plan, run, error)))
        return -1;
    return request->budget ? run_budget_spend(request, &grid, plan, run, error) : 0;
}

static int replay(struct run_request *request, struct replay_plan *plan, struct run *run, struct error *error)
{
    struct what_if what_if;

    if (!request->what_if.count)
        return replay_all(request, plan, run, error);
    what_if = what_if_of(&request->what_if, request->seeds);
    return what_if_check(&what_if, plan, error) || what_if_replay(&what_if, plan, &request->warmup, run, error) ? -1
                                                                                                                : 0;
}

static enum explain_form explain_form(const struct output_request *request)
{
    static const enum explain_form of_form[] = {EXPLAIN_LINES, EXPLAIN_LINES, EXPLAIN_JSON, EXPLAIN_CSV,
                                                EXPLAIN_MARKDOWN};

    return results_are_json(request) ? EXPLAIN_JSON : of_form[request->form];
}

/* Replays the unit's cells, of cell_count. */
static int replay_cells(struct run_request *request, const struct option_set *set, const struct cell_config *cells,
                        const struct work_unit *unit, size_t cell_count, struct run *run, struct error *error)
{
    struct progress progress = {.is_silent = request->explain_text};
    struct explain_printer printer = {.form = explain_form(&request->output)};
    struct replay_plan plan = plan_of(request, cells + unit->first, unit->count);
    int status;

    if (!request->replay_seconds)
        request->replay_seconds = xcalloc(cell_count * (request->clusters.table_count + 1), sizeof(double));
    plan.replay_seconds = request->replay_seconds + unit->first;
    plan.progress = progress_show;
    plan.progress_owner = &progress;
    request->explain.tell = explain_print;
    request->explain.owner = &printer;
    status = replay(request, &plan, run, error);
    progress_end(&progress);
    if (!status)
        complete(request, set, run);
    return status;
}

int run_replay_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    struct run *run, struct error *error)
{
    size_t count;
    struct cell_config *cells = run_request_cells(request, &count);
    int status = replay_cells(request, set, cells, unit, count, run, error);

    free(cells);
    return status;
}

/* Bounds are of each size; where sizes are shares, of those that they came to: --bounds goes with one server alone. */
static void take_sizes(struct run_request *request, const struct cell_config *cells, size_t count)
{
    request->size_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!i || cells[i].maxmemory != cells[i - 1].maxmemory)
            request->sizes[request->size_count++] = cells[i].maxmemory;
}

/* The grid's cells, of which some sizes are shares: what those come to is found in a reading. NULL with an error. */
static struct cell_config *share_cells(struct run_request *request, size_t *count, struct run *run, struct error *error)
{
    struct named_policy policies[CHOICES];
    struct grid grid = grid_of(request, policies);
    const struct size_shares shares = {request->shares, request->share_count,
                                       catalog_policy(request->catalog, "noeviction")};
    struct progress progress = {.is_silent = request->explain_text};
    struct replay_plan plan = plan_of(request, NULL, 0);
    struct cell_config *cells;

    plan.bounded_at = NULL;
    plan.progress = progress_show;
    plan.progress_owner = &progress;
    cells = size_shares_cells(&shares, &grid, &plan, run, count, error);
    progress_end(&progress);
    if (cells && request->bounds)
        take_sizes(request, cells, *count);
    return cells;
}

static int replay_whole(struct run_request *request, const struct option_set *set, struct run *run, struct error *error)
{
    struct work_unit all = {0};
    struct cell_config *cells =
        request->share_count ? share_cells(request, &all.count, run, error) : run_request_cells(request, &all.count);
    int status = cells ? replay_cells(request, set, cells, &all, all.count, run, error) : -1;

    free(cells);
    return status;
}

/* ---- units, one after the other ---- */

/* "cells-000004-000007.results": names sort in the order of the grid. */
#define UNIT_PREFIX "cells-"
enum { UNIT_NAME = 80 };

static void name_unit(char *name, const struct work_unit *unit)
{
    snprintf(name, UNIT_NAME, UNIT_PREFIX "%06zu-%06zu" RESULT_FILE_SUFFIX, unit->first, unit->first + unit->count - 1);
}

static bool is_unit_name(const char *name)
{
    size_t first, last;
    char sane[UNIT_NAME];
    struct work_unit unit;

    if (sscanf(name, UNIT_PREFIX "%zu-%zu", &first, &last) != 2 || last < first)
        return false;
    unit = (struct work_unit){.first = first, .count = last - first + 1};
    name_unit(sane, &unit);
    return !strcmp(name, sane);
}

/* -1: the file is still there, with an error, unless there is one already. */
static int forget(DIR *folder, const char *directory, const char *name, struct error *error)
{
    if (!unlinkat(dirfd(folder), name, 0) || errno == ENOENT)
        return 0;
    return error_is_set(error)
               ? -1
               : error_set(error, ERROR_OUTPUT, "%s/%s: cannot be removed: %s; the results are complete without it",
                           directory, name, strerror(errno));
}

int run_units_forget(const char *directory, struct error *error)
{
    DIR *folder = directory ? opendir(directory) : NULL;
    int status = 0;

    if (directory && !folder)
        return error_set(error, ERROR_OUTPUT,
                         "%s: cannot be read, to remove what was kept of units: %s; the results are complete",
                         directory, strerror(errno));
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (is_unit_name(entry->d_name) && forget(folder, directory, entry->d_name, error))
            status = -1;
    if (folder)
        closedir(folder);
    return status;
}

/* Whether one of the trace's files has changed since the file was written. */
static bool is_older(const char *path, const struct trace_request *trace)
{
    size_t count = trace->paths ? trace->path_count : 1;
    struct stat kept, file;

    if (stat(path, &kept))
        return true;
    for (size_t i = 0; i < count; i++) {
        const char *name = trace->paths ? trace->paths[i] : trace->path;

        if (stat(name, &file) || file.st_mtim.tv_sec > kept.st_mtim.tv_sec ||
            (file.st_mtim.tv_sec == kept.st_mtim.tv_sec && file.st_mtim.tv_nsec > kept.st_mtim.tv_nsec))
            return true;
    }
    return false;
}

bool run_is_of_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    const struct run *run)
{
    size_t all, count = unit->count;
    struct cell_config *cells = run_request_cells(request, &all);
    size_t tables = request->clusters.table_count ? request->clusters.table_count : 1;
    struct run wanted = {.format = run->format};
    bool is = run->result_count == count * tables && !strcmp(run->command, set->command) &&
              !strcmp(run->version, request->catalog->version);

    for (size_t i = 0; i < run->result_count && is; i++) {
        const struct cell_config *cell = &cells[unit->first + i % count];
        const struct result *result = &run->results[i];

        is = !strcmp(result->server, cell->server->name) && result->maxmemory == cell->maxmemory &&
             result->seed == cell->seed &&
             !strcmp(result->policy, cell->policy_label ? cell->policy_label : cell->policy->name);
    }
    if (request->scenario)
        wanted.scenario = scenario_print(request->scenario);
    run_settings_record(request, set, &wanted);
    is = is && wanted.setting_count == run->setting_count;
    for (size_t i = 0; i < wanted.setting_count && is; i++)
        is = !strcmp(wanted.settings[i].name, run->settings[i].name) &&
             !strcmp(wanted.settings[i].value, run->settings[i].value);
    wanted.format = NULL;
    run_release(&wanted);
    free(cells);
    return is;
}

/* Takes what an earlier call of the same command has kept. False: there is nothing that can be used. */
static bool take_kept(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                      const char *path, struct run *run)
{
    struct outcome outcome = {0};
    struct error damaged = {0};
    bool is_taken;

    if (access(path, F_OK) || is_older(path, &request->trace) || result_file_read(path, &outcome, &damaged))
        return false;
    is_taken = outcome.kind == OUTCOME_RUN && run_is_of_unit(request, set, unit, outcome.run);
    if (!is_taken) {
        outcome_free(&outcome);
        return false;
    }
    *run = *outcome.run;
    free((void *)(uintptr_t)outcome.data);
    return true;
}

static int keep(const char *directory, const char *name, const struct run *run, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    struct output output;

    if (output_make_directory(directory, error) || output_open(&output, directory, name, error))
        return -1;
    result_file_write(&outcome, output.file);
    return output_close(&output, error);
}

static bool is_of_trace(const struct run *run, const struct unit_place *place)
{
    return !place->digest || !strcmp(run->trace_digest, place->digest);
}

static bool find_kept(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                      const struct unit_place *place, struct run *run)
{
    char *path = output_path(place->directory, place->name);
    bool is_kept = take_kept(request, set, unit, path, run);

    free(path);
    if (is_kept && !is_of_trace(run, place)) {
        run_release(run);
        *run = (struct run){0};
        return false;
    }
    return is_kept;
}

int run_get_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                 const struct unit_place *place, struct run *run, bool *is_kept, struct error *error)
{
    *is_kept = place->directory && find_kept(request, set, unit, place, run);
    if (*is_kept)
        return 0;
    if (run_replay_unit(request, set, unit, run, error))
        return -1;
    if (!is_of_trace(run, place))
        return error_set(error, ERROR_INPUT, "%s is not the trace that %s was made of: make the plan again", run->trace,
                         place->plan);
    return place->directory ? keep(place->directory, place->name, run, error) : 0;
}

static int cut(struct run_request *request, const struct cell_config *cells, size_t count, struct work_unit **units,
               size_t *unit_count, struct error *error)
{
    struct work_trace trace = {0};

    if (!trace_is_rereadable(request->trace.path))
        return error_set(error, ERROR_USAGE,
                         "--unit-cells and --memory-limit read the trace more than once: give a file, or leave them "
                         "out");
    if (request->limits.bytes && run_request_measure(request, &trace, error))
        return -1;
    return work_units_cut(cells, count, trace.keys, &request->limits, units, unit_count, error);
}

static int replay_units(struct run_request *request, const struct option_set *set, struct run *run, struct error *error)
{
    size_t cell_count, count = 0, done = 0, kept = 0;
    struct cell_config *cells = run_request_cells(request, &cell_count);
    struct work_unit *units = NULL;
    struct run *parts = NULL;
    const char **names = NULL;
    int status;

    stop_on_signals();
    status = cut(request, cells, cell_count, &units, &count, error);
    if (!status) {
        parts = xcalloc(count, sizeof *parts);
        names = xcalloc(count, sizeof *names);
    }
    for (; done < count && !status; done++) {
        char name[UNIT_NAME];
        const struct unit_place place = {.directory = request->output.directory, .name = name};
        bool is_kept;

        names[done] = request->trace.path;
        name_unit(name, &units[done]);
        status = run_get_unit(request, set, &units[done], &place, &parts[done], &is_kept, error);
        kept += !status && is_kept;
    }
    if (kept)
        note("%zu of %zu units of the grid were in %s already", kept, count, request->output.directory);
    if (!status)
        status = run_merge(parts, names, count, run, error);
    else if (request->output.directory && done > 1)
        stop_explains(error, ": what has ended is kept; the same command goes on behind it");
    for (size_t i = 0; i < count; i++)
        run_release(&parts[i]);
    free(parts);
    free(names);
    free(units);
    free(cells);
    return status;
}

int run_check_units(const struct run_request *request, struct error *error)
{
    const char *other = request->share_count                  ? "--maxmemory as a share"
                        : request->budget                     ? "--budget"
                        : request->sample.parts               ? "--sample"
                        : request->what_if.count              ? "--what-if"
                        : request->explain_text               ? "--explain"
                        : request->warmup.kind == WARMUP_AUTO ? "--warmup auto"
                        : request->timing                     ? "--timing"
                                                              : NULL;

    if (!other)
        return 0;
    return error_set(error, ERROR_USAGE,
                     "%s needs all cells in one reading: not with --unit-cells, --memory-limit or a plan", other);
}

int run_replay(struct run_request *request, const struct option_set *set, struct run *run, struct error *error)
{
    int status;

    if (request->limits.cells || request->limits.bytes)
        return run_check_units(request, error) || replay_units(request, set, run, error) ? -1 : 0;
    status = replay_whole(request, set, run, error);
    stop_explains(error, "");
    return status;
}

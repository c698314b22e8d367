/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/run_replay.h"

#include "sim/alloc.h"
#include "sim/cli/explain.h"
#include "sim/cli/progress.h"
#include "sim/cli/results.h"
#include "sim/cli/run_budget.h"
#include "sim/cli/run_settings.h"
#include "sim/engine/grid.h"
#include "sim/engine/key_parts.h"
#include "sim/engine/size_shares.h"
#include "sim/input/selection.h"
#include "sim/warnings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The shares among its sizes. */
static struct size_shares shares_of(const struct run_request *request)
{
    return (struct size_shares){request->shares, request->share_count, catalog_policy(request->catalog, "noeviction")};
}

struct cell_config *run_request_cells(struct run_request *request, size_t *count)
{
    struct named_policy policies[CHOICES];
    struct grid grid = grid_of(request, policies);
    const struct size_shares shares = shares_of(request);

    assert(!request->share_count || request->whole_sizes);
    if (request->share_count)
        return size_shares_cells(&shares, &grid, request->whole_sizes, count);
    *count = grid_count(&grid);
    return grid_cells(&grid);
}

/* Of the given cells. */
static struct replay_plan plan_of(struct run_request *request, const struct cell_config *cells, size_t count)
{
    struct replay_plan plan = run_request_plan(request);

    plan.cells = cells;
    plan.cell_count = count;
    plan.bounded_at = request->bounds ? request->bounded : NULL;
    plan.bounded_count = request->bounded_count;
    plan.explain = request->explain_text ? &request->explain : NULL;
    return plan;
}

/* How a part of the keys is chosen; NULL: all are taken. */
static struct selection *first_part(const struct run_request *request, struct selection *selection)
{
    *selection = (struct selection){.parts = request->sample.parts};
    return request->sample.parts ? selection : NULL;
}

int run_request_measure(struct run_request *request, struct work_trace *trace, struct error *error)
{
    struct replay_plan plan = plan_of(request, NULL, 0);
    struct selection selection;

    plan.selection = first_part(request, &selection);
    return work_measure(&plan, trace, error);
}

/* Bounds are of each size; where sizes are shares, of those that they came to: --bounds goes with one server alone. */
static void take_sizes(struct run_request *request)
{
    size_t count;
    struct cell_config *cells = run_request_cells(request, &count);

    request->bounded_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!i || cells[i].maxmemory != cells[i - 1].maxmemory)
            request->bounded[request->bounded_count++] = cells[i].maxmemory;
    free(cells);
}

int run_request_find_sizes(struct run_request *request, struct error *error)
{
    struct named_policy policies[CHOICES];
    struct grid grid = grid_of(request, policies);
    const struct size_shares shares = shares_of(request);
    struct progress progress = {.is_silent = request->explain_text};
    struct replay_plan plan = plan_of(request, NULL, 0);
    int status = 0;

    plan.bounded_at = NULL;
    plan.progress = progress_show;
    plan.progress_owner = &progress;
    if (request->share_count && !request->whole_sizes) {
        status = size_shares_read(&shares, &grid, &plan, &request->whole_sizes, &request->whole_size_count, error);
        progress_end(&progress);
    }
    if (!status && request->bounds)
        take_sizes(request);
    return status;
}

int run_request_find_warmup(struct run_request *request, const struct work_unit *units, size_t count,
                            struct error *error)
{
    struct progress progress = {.what = "warm-up: "};
    const struct warmup_wish wish = request->warmup;
    struct what_if what_if = what_if_of(&request->what_if, request->seeds);
    size_t cell_count;
    struct cell_config *cells = run_request_cells(request, &cell_count);
    int status = 0;

    if (wish.kind != WARMUP_AUTO) /* one reading, of no cell, tells */
        count = 1;
    for (size_t i = 0; i < count && !status && !wish.is_found; i++) {
        struct replay_plan plan = plan_of(request, cells + units[i].first, units[i].count);
        bool missed = false;

        plan.progress = progress_show;
        plan.progress_owner = &progress;
        status = what_if.count ? what_if_settle_warmup(&what_if, &plan, &wish, &missed, error)
                               : warmup_wish_settle(&wish, &plan, &missed, error);
        request->warmup.found_none |= missed;
        if (plan.options.warmup_us > request->warmup.found_us)
            request->warmup.found_us = plan.options.warmup_us;
    }
    progress_end(&progress);
    free(cells);
    if (request->warmup.found_none)
        request->warmup.found_us = 0;
    request->warmup.is_found = !status;
    return status;
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

size_t run_request_layers(const struct run_request *request)
{
    size_t tables = request->clusters.table_count ? request->clusters.table_count : 1;

    return tables * (1 + request->what_if.list_count);
}

/* What 100 % of shares is, which is found before any replay. */
static void tell_whole_sizes(const struct run_request *request, struct run *run)
{
    run->whole_sizes = xcalloc(request->whole_size_count + 1, sizeof *run->whole_sizes);
    run->whole_size_count = request->whole_size_count;
    for (size_t i = 0; i < run->whole_size_count; i++) {
        run->whole_sizes[i] = request->whole_sizes[i];
        run->whole_sizes[i].server = xstrdup(request->whole_sizes[i].server);
    }
}

/* The unit's results among all. */
static void place_seconds(struct run_request *request, const struct work_unit *unit, size_t cell_count,
                          const double *seconds)
{
    size_t layers = run_request_layers(request);

    if (!request->replay_seconds)
        request->replay_seconds = xcalloc(layers * cell_count, sizeof(double));
    for (size_t layer = 0; layer < layers; layer++)
        memcpy(&request->replay_seconds[layer * cell_count + unit->first], &seconds[layer * unit->count],
               unit->count * sizeof *seconds);
}

int run_replay_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    const char *what, struct run *run, struct error *error)
{
    size_t cell_count;
    struct cell_config *cells = run_request_cells(request, &cell_count);
    struct progress progress = {.is_silent = request->explain_text, .what = what};
    struct explain_printer printer = {.form = explain_form(&request->output),
                                      .columns = results_columns(&request->output)};
    struct replay_plan plan = plan_of(request, cells + unit->first, unit->count);
    int status;

    plan.replay_seconds = xcalloc(unit->count * run_request_layers(request), sizeof(double));
    plan.progress = progress_show;
    plan.progress_owner = &progress;
    request->explain.tell = explain_print;
    request->explain.owner = &printer;
    if (request->whole_size_count)
        tell_whole_sizes(request, run);
    status = replay(request, &plan, run, error);
    progress_end(&progress);
    if (!status) {
        complete(request, set, run);
        place_seconds(request, unit, cell_count, plan.replay_seconds);
    }
    free(plan.replay_seconds);
    free(cells);
    return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan: a grid as numbered units, for many machines. */
#include "sim/cli/plan_file.h"

#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/run_units.h"
#include "sim/output.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <stdlib.h>
#include <string.h>

enum { UNIT_CELLS = 8 }; /* where nothing is said: cells that share a reading of the trace */

/* A plan has what decides the numbers. The rest is said to unit and merge. */
static int check(const struct run_request *request, struct error *error)
{
    const struct output_request *output = &request->output;
    bool prints = output->directory || output->sqlite || output->json || output->form != FORM_AUTO;

    if (prints)
        return error_set(error, ERROR_USAGE,
                         "evsim plan writes a plan, not results: leave out -o, --sqlite and --print, and give them to "
                         "evsim merge");
    if (request->timing)
        return error_set(error, ERROR_USAGE, "--timing is of the process that replays: not with a plan");
    return run_check_units(request, error);
}

/* What units cannot find alone, as it depends on the whole grid, or takes a reading of the trace. */
static int take_found(struct run_request *request, struct plan_file *plan, struct error *error)
{
    plan->whole_sizes = request->whole_sizes;
    plan->whole_size_count = request->whole_size_count;
    if (request->warmup.kind == WARMUP_TIME)
        return 0;
    if (run_request_find_warmup(request, plan->units, plan->unit_count, error))
        return -1;
    plan->has_warmup = true;
    plan->warmup_us = request->warmup.found_us;
    plan->warmup_missed = request->warmup.found_none;
    return 0;
}

static int write_plan(struct run_request *request, struct plan_file *plan, struct error *error)
{
    struct work_limits limits = run_unit_limits(request);
    size_t count;
    struct cell_config *cells;
    char units[UNITS_TEXT], total[UNITS_TEXT];
    int status;

    stop_on_signals();
    if (check(request, error) || run_request_find_sizes(request, error) ||
        run_request_measure(request, &plan->trace, error))
        return -1;
    if (!limits.cells && !limits.bytes)
        limits.cells = UNIT_CELLS;
    cells = run_request_cells(request, &count);
    status = work_units_cut(cells, count, plan->trace.keys, &limits, &plan->units, &plan->unit_count, error);
    free(cells);
    if (status || take_found(request, plan, error))
        return -1;
    plan_file_write(plan, stdout);
    note("%s cells in %s units: evsim unit PLAN --index 0 -o DIR, and so on to %zu", print_count(total, count),
         print_count(units, plan->unit_count), plan->unit_count - 1);
    return output_flush(stdout, "standard output", error);
}

static int plan_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                     struct error *error)
{
    struct run_request *request = xcalloc(1, sizeof *request);
    struct option_set set = {.groups = run_option_groups, .group_count = RUN_OPTION_GROUPS, .target = request};
    char **arguments = xcalloc((size_t)argc + 1, sizeof *arguments);
    struct plan_file plan = {
        .version = (char *)(uintptr_t)catalog->version, .arguments = arguments, .argument_count = argc};
    int status;

    if (argc)
        memcpy(arguments, argv, (size_t)argc * sizeof *argv); /* before they are moved about */
    status = run_request_open(request, &set, catalog, argc, argv, error);
    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status)
        status = write_plan(request, &plan, error);
    free(plan.units);
    free(arguments);
    run_request_release(request);
    options_release(&set);
    free(request);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim plan trace.csv.zst -m 256mb,512mb,1gb > grid.plan", "3 x 8 cells"},
    {"evsim plan trace.csv.zst -m 1gb --unit-cells 2 > fine.plan", "4 x 2"},
    {"evsim plan trace.csv.zst -m 1gb --memory-limit 4gb > fits.plan", "as fits"},
    {0},
};

const struct subcommand subcommand_plan = {
    .name = "plan",
    .summary = "a grid in pieces, for many machines: plan, unit, merge",
    .usage = "evsim plan TRACE... --maxmemory SIZE[,SIZE...] [options] > PLAN",
    .about =
        "Takes what evsim run takes, and prints the grid as numbered units, each with a forecast of its memory and "
        "cost. evsim unit replays one, anywhere; evsim merge makes of all units' results what evsim run would have "
        "found, to the byte.",
    .examples = examples,
    .options = run_option_groups,
    .option_groups = RUN_OPTION_GROUPS,
    .operands = VALUES_FILES,
    .run = plan_main,
};

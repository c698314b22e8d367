/* SPDX-License-Identifier: GPL-3.0-or-later */
/* merge: the results of all units of a plan, as if evsim run had replayed the grid at once. */
#include "sim/cli/planned_run.h"

#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/results.h"
#include "sim/outcome.h"
#include "sim/merge.h"
#include "sim/output.h"
#include "sim/result.h"
#include "sim/result_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct merge_request {
    struct output_request output;
};

static const struct option_group merge_groups[] = {
    {OPTIONS_OF(output_options), .offset = offsetof(struct merge_request, output)},
};
enum { MERGE_GROUPS = sizeof merge_groups / sizeof *merge_groups };

/* The paths of all units' results; to be freed, with their texts. -1: some are missing, which the error names. */
static int find_units(const struct plan_file *plan, const char *plan_path, const char *directory, char **paths,
                      struct error *error)
{
    char name[PLAN_UNIT_NAME];
    size_t missing = 0, first = 0;

    for (size_t i = 0; i < plan->unit_count; i++) {
        paths[i] = output_path(directory, plan_unit_name(name, i));
        if (access(paths[i], F_OK)) {
            first = missing++ ? first : i;
        }
    }
    if (!missing)
        return 0;
    return error_set(error, ERROR_INPUT,
                     "%s: %zu of %zu units are not there, the first is %zu: evsim unit %s --index %zu -o %s", directory,
                     missing, plan->unit_count, first, plan_path, first, directory);
}

/* A unit's run, which must be what the plan says of it. */
static int read_unit(struct planned_run *planned, const struct plan_file *plan, size_t unit, const char *path,
                     struct run *run, struct error *error)
{
    struct outcome outcome = {0};

    if (result_file_read(path, &outcome, error))
        return -1;
    if (outcome.kind == OUTCOME_RUN && !strcmp(outcome.run->trace_digest, plan->trace.digest) &&
        run_is_of_unit(planned->request, &planned->set, &plan->units[unit], outcome.run)) {
        *run = *outcome.run;
        free((void *)(uintptr_t)outcome.data);
        return 0;
    }
    outcome_free(&outcome);
    return error_set(error, ERROR_INPUT, "%s: this is not unit %zu of the plan: remove it, and replay the unit again",
                     path, unit);
}

/* The whole grid. */
static int join_units(struct planned_run *planned, const struct plan_file *plan, const char *const *paths,
                      struct run *run, struct error *error)
{
    struct run *parts = xcalloc(plan->unit_count, sizeof *parts);
    struct span *spans = xcalloc(plan->unit_count, sizeof *spans);
    size_t cells = 0;
    int status = 0;

    for (size_t i = 0; i < plan->unit_count && !status; i++) {
        spans[i] = (struct span){plan->units[i].first, plan->units[i].count};
        cells += plan->units[i].count;
        status = read_unit(planned, plan, i, paths[i], &parts[i], error);
    }
    if (!status)
        status = run_join(parts, paths, spans, plan->unit_count, cells, run, error);
    for (size_t i = 0; i < plan->unit_count; i++)
        run_release(&parts[i]);
    free(parts);
    free(spans);
    return status;
}

static int write_results(const struct catalog *catalog, const struct merge_request *request,
                         struct planned_run *planned, struct run *run, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    struct what_if what_if = what_if_of(&planned->request->what_if, planned->request->seeds);

    if (note_warnings(run->warnings, run->warning_count, request->output.strict, error))
        return -1;
    if (what_if.count)
        return what_if_write(&what_if, catalog, &request->output, run, error);
    return results_print(catalog, &request->output, &outcome, error) ||
                   results_write(catalog, &request->output, &outcome, "results and figures", error)
               ? -1
               : 0;
}

static int merge(const struct catalog *catalog, const struct merge_request *request, const struct plan_file *plan,
                 const char *const *paths, struct error *error)
{
    struct planned_run planned;
    struct run run = {0};
    int status = planned_run_open(&planned, plan, catalog, error);

    if (!status)
        status = results_check(catalog, &request->output,
                               planned.request->what_if.count ? OUTCOME_COMPARISON : OUTCOME_RUN, error) ||
                 join_units(&planned, plan, paths, &run, error) ||
                 write_results(catalog, request, &planned, &run, error);
    run_release(&run);
    planned_run_release(&planned);
    return status ? -1 : 0;
}

static int merge_plan(const struct catalog *catalog, const struct merge_request *request, char **argv, int operands,
                      struct error *error)
{
    struct plan_file plan = {0};
    char **paths = NULL;
    int status;

    if (operands != 2)
        return error_set(error, ERROR_USAGE, "say which plan, and where its units' results are: evsim merge PLAN DIR");
    status = plan_file_read(argv[0], &plan, error);
    if (!status)
        status = plan_file_check_version(&plan, argv[0], catalog->version, error);
    if (!status) {
        paths = xcalloc(plan.unit_count, sizeof *paths);
        status = find_units(&plan, argv[0], argv[1], paths, error);
    }
    if (!status)
        status = merge(catalog, request, &plan, (const char *const *)paths, error);
    for (size_t i = 0; i < plan.unit_count && paths; i++)
        free(paths[i]);
    free(paths);
    plan_file_release(&plan);
    return status;
}

static int merge_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                      struct error *error)
{
    struct merge_request request = {0};
    struct option_set set = {.groups = merge_groups, .group_count = MERGE_GROUPS, .target = &request};
    int status = options_parse(&set, self->name, argc, argv, error);

    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status)
        status = merge_plan(catalog, &request, argv, set.operands, error);
    options_release(&set);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim merge grid.plan units", "the table of the whole grid"},
    {"evsim merge grid.plan units -o out", "and all its files"},
    {0},
};

const struct subcommand subcommand_merge = {
    .name = "merge",
    .summary = "make one result of all units of a plan",
    .usage = "evsim merge PLAN DIR [options]",
    .about =
        "Checks that DIR has the results of every unit of the plan, and prints and writes what evsim run would have "
        "found of the whole grid, to the byte.",
    .examples = examples,
    .options = merge_groups,
    .option_groups = MERGE_GROUPS,
    .operands = VALUES_FILES,
    .about_program = true, /* plan tells of it */
    .run = merge_main,
};

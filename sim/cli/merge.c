/* SPDX-License-Identifier: GPL-3.0-or-later */
/* merge: the results of all units of a plan, as if evsim run had replayed the grid at once. */
#include "sim/cli/planned_run.h"

#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/results.h"
#include "sim/outcome.h"
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

/* Whether the files have what the plan says of its units. */
static int check_units(const struct catalog *catalog, const struct plan_file *plan, const char *const *paths,
                       struct error *error)
{
    struct planned_run planned;
    int status = planned_run_open(&planned, plan, catalog, error);

    for (size_t i = 0; i < plan->unit_count && !status; i++) {
        struct outcome outcome = {0};

        status = result_file_read(paths[i], &outcome, error);
        if (status)
            break;
        if (outcome.kind != OUTCOME_RUN || strcmp(outcome.run->trace_digest, plan->trace.digest) ||
            !run_is_of_unit(planned.request, &planned.set, &plan->units[i], outcome.run))
            status =
                error_set(error, ERROR_INPUT,
                          "%s: this is not unit %zu of the plan: remove it, and replay the unit again", paths[i], i);
        outcome_free(&outcome);
    }
    planned_run_release(&planned);
    return status;
}

static int merge(const struct catalog *catalog, const struct merge_request *request, const struct plan_file *plan,
                 const char *const *paths, struct error *error)
{
    struct outcome outcome = {0};
    const struct warning *warnings;
    size_t count;
    int status;

    if (check_units(catalog, plan, paths, error) || result_files_read(paths, plan->unit_count, &outcome, error))
        return -1;
    warnings = outcome_warnings(&outcome, &count);
    status = note_warnings(warnings, count, request->output.strict, error) ||
                     results_print(catalog, &request->output, &outcome, error) ||
                     results_write(catalog, &request->output, &outcome, "results and figures", error)
                 ? -1
                 : 0;
    outcome_free(&outcome);
    return status;
}

static int merge_plan(const struct catalog *catalog, const struct merge_request *request, char **argv, int operands,
                      struct error *error)
{
    struct plan_file plan = {0};
    char **paths = NULL;
    int status;

    if (operands != 2)
        return error_set(error, ERROR_USAGE, "say which plan, and where its units' results are: evsim merge PLAN DIR");
    status = results_check(catalog, &request->output, OUTCOME_RUN, error) || plan_file_read(argv[0], &plan, error) ||
                     plan_file_check_version(&plan, argv[0], catalog->version, error)
                 ? -1
                 : 0;
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

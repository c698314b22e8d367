/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: prints earlier results again: as a table, as JSON, or as all files. It reads one folder, or several that are
 * merged into one, or shown side by side in a page. */
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/results.h"

#include "sim/advice/goals.h"
#include "sim/advice/sizing.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "sim/result_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct report_request {
    bool side_by_side;
    struct output_request output;
};

static const struct option report_options[] = {
    {.name = "side-by-side",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "do not merge: report.html in DIR (-o), and nothing else, shows the runs beside one another, of different "
             "settings, traces or versions, too",
     OPTION_IN(struct report_request, side_by_side)},
};

static const struct option_group report_groups[] = {
    {OPTIONS_OF(report_options)},
    {OPTIONS_OF(output_options), .offset = offsetof(struct report_request, output)},
};
enum { REPORT_GROUPS = sizeof report_groups / sizeof *report_groups };

static int print_and_write(const struct catalog *catalog, const struct report_request *request,
                           const struct outcome *outcome, struct error *error)
{
    size_t count;
    const struct warning *warnings = outcome_warnings(outcome, &count);

    if (note_warnings(warnings, count, request->output.strict, error) ||
        results_print(catalog, &request->output, outcome, error))
        return -1;
    return results_write(catalog, &request->output, outcome, "results and figures", error);
}

/* One run for each path. Those that were read are to be freed in any case. */
static int read_side_by_side(const char *const *paths, size_t count, struct outcome *outcomes, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (result_files_read(&paths[i], 1, &outcomes[i], error))
            return -1;
        if (outcomes[i].kind != OUTCOME_RUN)
            return error_set(error, ERROR_INPUT, "%s has %s: --side-by-side shows results of evsim run", paths[i],
                             outcome_types[outcomes[i].kind].summary);
    }
    return 0;
}

static int note_all(const struct report_request *request, const struct outcome *outcomes, size_t count,
                    struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (note_warnings(outcomes[i].run->warnings, outcomes[i].run->warning_count, request->output.strict, error))
            return -1;
    return 0;
}

static int side_by_side(const struct catalog *catalog, const struct report_request *request, const char *const *paths,
                        size_t count, struct error *error)
{
    const char *directory = request->output.directory;
    struct outcome *outcomes;
    const struct run **runs;
    int status;

    if (!directory)
        return error_set(error, ERROR_USAGE, "--side-by-side writes a page: say where, -o DIR");
    if (request->output.json || request->output.sqlite)
        return error_set(error, ERROR_USAGE, "--side-by-side writes a page and nothing else: leave out %s",
                         request->output.json ? "--json" : "--sqlite");
    if (count < 2)
        return error_set(error, ERROR_USAGE,
                         "--side-by-side shows several runs: evsim report DIR DIR... --side-by-side -o DIR");
    if (output_check_directory(directory, error))
        return -1;
    outcomes = xcalloc(count, sizeof *outcomes);
    runs = xcalloc(count, sizeof *runs);
    status = read_side_by_side(paths, count, outcomes, error) || note_all(request, outcomes, count, error) ? -1 : 0;
    for (size_t i = 0; i < count; i++)
        runs[i] = outcomes[i].run;
    if (!status)
        status = catalog->write_side_by_side(runs, paths, count, directory, error);
    if (!status)
        note("%zu runs are side by side in %s/report.html", count, directory);
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].data)
            outcome_free(&outcomes[i]);
    free(outcomes);
    free(runs);
    return status;
}

/* Of answers of evsim size: the columns that their goals have. `names` has room for all, and NULL. */
static void name_goals(const struct outcome *outcome, struct output_request *output, const char **names)
{
    for (size_t i = 0; outcome->kind == OUTCOME_SIZING && i < outcome->sizing->goal_count && i < GOALS; i++)
        names[i] = outcome->sizing->goals[i].name;
    output->goals = names;
}

static int report(const struct catalog *catalog, struct report_request *request, const char *const *paths, size_t count,
                  struct error *error)
{
    const char *goals[GOALS + 1] = {0};
    struct outcome outcome;
    int status;

    if (!count)
        return error_set(error, ERROR_USAGE,
                         "no results given: evsim report DIR, a folder that evsim run -o DIR wrote");
    if (request->side_by_side)
        return side_by_side(catalog, request, paths, count, error);
    if (result_files_read(paths, count, &outcome, error))
        return -1;
    name_goals(&outcome, &request->output, goals);
    status = results_check(catalog, &request->output, outcome.kind, error) ||
             print_and_write(catalog, request, &outcome, error);
    outcome_free(&outcome);
    return status;
}

static int report_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                       struct error *error)
{
    struct report_request request = {0};
    struct option_set set = {.groups = report_groups, .group_count = REPORT_GROUPS, .target = &request};
    int status = options_parse(&set, self->name, argc, argv, error);

    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status)
        status = report(catalog, &request, (const char *const *)argv, (size_t)set.operands, error);
    options_release(&set);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim report out", "the table of an earlier run"},
    {"evsim report out --json", "the same as JSON"},
    {"evsim report lru sieve -o both", "two runs of one trace as one"},
    {0},
};

const struct subcommand subcommand_report = {
    .name = "report",
    .summary = "print an earlier run's results again, or merge several",
    .usage = "evsim report DIR|FILE.results... [options]",
    .about = "Reads the results that evsim run -o DIR or evsim mrc -o DIR wrote (run.results, mrc.results), and prints "
             "and writes the same bytes again. Several folders of runs are merged if they are of the same trace, with "
             "the same settings but for policies, sizes, servers and seeds. Others can stand side by side in a page.",
    .examples = examples,
    .options = report_groups,
    .option_groups = REPORT_GROUPS,
    .operands = VALUES_FILES,
    .run = report_main,
};

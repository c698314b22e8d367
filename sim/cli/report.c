/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: prints earlier results again: as a table, as JSON, or as all files. It reads one folder, or several that are
 * merged into one. */
#include "sim/cli/cli.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/results.h"

#include "sim/output.h"
#include "sim/result_file.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct report_request {
    struct output_request output;
};

static const struct option_group report_groups[] = {
    {OPTIONS_OF(output_options), .offset = offsetof(struct report_request, output)},
};
enum { REPORT_GROUPS = sizeof report_groups / sizeof *report_groups };

static void print_help(const struct option_set *set)
{
    printf(
        "usage: evsim report DIR|FILE.results... [options]\n\n"
        "Reads the results that evsim run -o DIR or evsim mrc -o DIR wrote (run.results, mrc.results), and prints and\n"
        "writes the same bytes again. Several folders of runs are merged if they are of the same trace, with the same\n"
        "settings but for policies, sizes, servers and seeds.\n\n");
    options_print(set, stdout);
    printf("\n  evsim report out/run --json\n"
           "  evsim report out/lru out/sieve --output out/both\n");
}

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

static int report(const struct catalog *catalog, const struct report_request *request, const char *const *paths,
                  size_t count, struct error *error)
{
    struct outcome outcome;
    int status;

    if (!count)
        return error_set(error, ERROR_USAGE,
                         "no results given: evsim report DIR, a folder that evsim run -o DIR wrote");
    if (results_check(&request->output, error) || result_files_read(paths, count, &outcome, error))
        return -1;
    status = print_and_write(catalog, request, &outcome, error);
    outcome_free(&outcome);
    return status;
}

static int report_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct report_request request = {0};
    struct option_set set = {.groups = report_groups, .group_count = REPORT_GROUPS, .target = &request};
    int status = options_parse(&set, "report", argc, argv, error);

    if (!status && set.help)
        print_help(&set);
    else if (!status)
        status = report(catalog, &request, (const char *const *)argv, (size_t)set.operands, error);
    free(set.command);
    return status;
}

const struct subcommand subcommand_report = {
    .name = "report",
    .summary = "print an earlier run's results again, or merge several",
    .options = report_groups,
    .option_groups = REPORT_GROUPS,
    .run = report_main,
};

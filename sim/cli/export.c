/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export: earlier results in the forms of other tools: a database, and what Prometheus takes in. */
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/results.h"

#include "sim/output.h"
#include "sim/result.h"
#include "sim/result_file.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export_request {
    const char *sqlite, *openmetrics; /* paths, or "-" */
    struct quiet_request quiet;
};

static const struct option export_options[] = {
    {.name = "sqlite",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "FILE",
     .brief = "a database",
     .values = VALUES_FILES,
     .help = "a database: runs, cells, curves, groups ... (- is standard output)",
     OPTION_IN(struct export_request, sqlite)},
    {.name = "openmetrics",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "FILE",
     .brief = "INFO over time, for Prometheus",
     .values = VALUES_FILES,
     .help = "INFO over time under redis_exporter's names, as promtool takes it in (- is standard output)",
     OPTION_IN(struct export_request, openmetrics)},
};

static const struct option_group export_groups[] = {
    {OPTIONS_OF(export_options)},
    {OPTIONS_OF(quiet_options), .offset = offsetof(struct export_request, quiet)},
};
enum { EXPORT_GROUPS = sizeof export_groups / sizeof *export_groups };

/* Prometheus keeps what has a time: the user is told which. */
static void note_start(const struct outcome *outcome)
{
    const struct run *run = outcome->run;

    if (run->start_assumed)
        note("the trace has relative times: its first request is taken to be at Unix time %" PRId64
             ", where Prometheus will have it",
             run->start_unix_us / 1000000);
}

static int write_forms(const struct catalog *catalog, const struct export_request *request,
                       const struct outcome *outcome, struct error *error)
{
    if (request->openmetrics && catalog->export_check(outcome->kind, "openmetrics", error))
        return -1;
    if (request->sqlite && results_export(catalog, "sqlite", request->sqlite, outcome, error))
        return -1;
    if (!request->openmetrics)
        return 0;
    note_start(outcome);
    return results_export(catalog, "openmetrics", request->openmetrics, outcome, error);
}

static int export(const struct catalog *catalog, const struct export_request *request, const char *const *paths,
                  size_t count, struct error *error)
{
    const char *const files[] = {request->sqlite, request->openmetrics};
    struct outcome outcome;
    int status;

    if (!count)
        return error_set(error, ERROR_USAGE,
                         "no results given: evsim export DIR, a folder that evsim run -o DIR wrote");
    if (!request->sqlite && !request->openmetrics)
        return error_set(error, ERROR_USAGE, "no form given: --sqlite FILE, --openmetrics FILE, or both");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && strcmp(files[i], "-") && output_check_file(files[i], error))
            return -1;
    if (request->sqlite && request->openmetrics && !strcmp(request->sqlite, request->openmetrics))
        return error_set(error, ERROR_USAGE, "--sqlite and --openmetrics: both to '%s'", request->sqlite);
    if (result_files_read(paths, count, &outcome, error))
        return -1;
    status = write_forms(catalog, request, &outcome, error);
    outcome_free(&outcome);
    return status;
}

static int export_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                       struct error *error)
{
    struct export_request request = {0};
    struct option_set set = {.groups = export_groups, .group_count = EXPORT_GROUPS, .target = &request};
    int status = options_parse(&set, self->name, argc, argv, error);

    quiet_request_settle(&request.quiet);
    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status)
        status = export(catalog, &request, (const char *const *)argv, (size_t)set.operands, error);
    options_release(&set);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim export out --sqlite run.sqlite", "a table for each CSV file"},
    {"evsim export out --openmetrics run.om", "for promtool tsdb create-blocks-from"},
    {0},
};

const struct subcommand subcommand_export = {
    .name = "export",
    .summary = "write results for other tools: a database, OpenMetrics",
    .usage = "evsim export DIR|FILE.results... --sqlite FILE --openmetrics FILE",
    .about = "Reads the results that evsim run -o DIR wrote, as evsim report does, and writes them in forms for other "
             "tools.",
    .examples = examples,
    .options = export_groups,
    .option_groups = EXPORT_GROUPS,
    .operands = VALUES_FILES,
    .run = export_main,
};

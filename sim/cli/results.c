/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/results.h"

#include "sim/cli/note.h"
#include "sim/cli/terminal.h"
#include "sim/output.h"
#include "sim/stop.h"

#include <stdio.h>
#include <string.h>

int results_print(const struct catalog *catalog, const struct output_request *request, const struct outcome *outcome,
                  struct error *error)
{
    struct outcome shown = *outcome;

    if (!request->json && !request->wide)
        shown.columns = request->columns ? (int)request->columns : terminal_columns();
    return catalog->print(&shown, request->json, error);
}

int results_check(const struct output_request *request, struct error *error)
{
    if (request->directory && output_check_directory(request->directory, error))
        return -1;
    if (!request->sqlite)
        return 0;
    if (!strcmp(request->sqlite, "-"))
        return error_set(error, ERROR_USAGE,
                         "--sqlite -: standard output has the table; evsim export DIR --sqlite - "
                         "writes the database there");
    return output_check_file(request->sqlite, error);
}

int results_export(const struct catalog *catalog, const char *form, const char *path, const struct outcome *outcome,
                   struct error *error)
{
    struct output output;

    if (!strcmp(path, "-"))
        return catalog->export(outcome, form, stdout, "standard output", error);
    if (output_open_path(&output, path, error))
        return -1;
    catalog->export(outcome, form, output.file, output.path, error);
    if (output_close(&output, error))
        return -1;
    note("%s is written", path);
    return 0;
}

static int write_database(const struct catalog *catalog, const struct output_request *request,
                          const struct outcome *outcome, struct error *error)
{
    return request->sqlite ? results_export(catalog, "sqlite", request->sqlite, outcome, error) : 0;
}

int results_write(const struct catalog *catalog, const struct output_request *request, const struct outcome *outcome,
                  const char *what, struct error *error)
{
    char incomplete[512];

    if (!request->directory)
        return write_database(catalog, request, outcome, error);
    stop_on_signals();
    if (catalog->write_reports(outcome, request->directory, error)) {
        snprintf(incomplete, sizeof incomplete, ": %s is incomplete", request->directory);
        stop_explains(error, incomplete);
        return -1;
    }
    note("%s are in %s", what, request->directory);
    return write_database(catalog, request, outcome, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/results.h"

#include "sim/cli/note.h"
#include "sim/cli/terminal.h"
#include "sim/stop.h"

#include <stdio.h>

int results_print(const struct catalog *catalog, const struct output_request *request, const struct outcome *outcome,
                  struct error *error)
{
    struct outcome shown = *outcome;

    if (!request->json && !request->wide)
        shown.columns = request->columns ? (int)request->columns : terminal_columns();
    return catalog->print(&shown, request->json, error);
}

int results_write(const struct catalog *catalog, const struct output_request *request, const struct outcome *outcome,
                  const char *what, struct error *error)
{
    char incomplete[512];

    if (!request->directory)
        return 0;
    stop_on_signals();
    if (catalog->write_reports(outcome, request->directory, error)) {
        snprintf(incomplete, sizeof incomplete, ": %s is incomplete", request->directory);
        stop_explains(error, incomplete);
        return -1;
    }
    note("%s are in %s", what, request->directory);
    return 0;
}

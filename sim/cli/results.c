/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/results.h"

#include "sim/cli/note.h"
#include "sim/cli/terminal.h"
#include "sim/output.h"
#include "sim/printable.h"
#include "sim/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool results_are_json(const struct output_request *request)
{
    return request->json || request->form == FORM_JSON;
}

static enum report_print how(const struct output_request *request)
{
    static const enum report_print of_form[] = {PRINT_TABLE, PRINT_TABLE, PRINT_JSON, PRINT_CSV, PRINT_MARKDOWN};

    return results_are_json(request) ? PRINT_JSON : of_form[request->form];
}

/* Whoever reads what is printed may leave early, or standard output may be closed: what is to be written to files is written all
 * the same. */
static bool writes_files(const struct output_request *request)
{
    return request->directory || request->sqlite;
}

/* Whether what the user wants written could probably be written. */
static int check_places(const struct output_request *request, struct error *error)
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

struct figures_of {
    const struct catalog *catalog;
    enum outcome_kind kind;
};

/* With a comparison of what-ifs the runs are written, too. */
static const char *figure_name(const void *of, size_t index)
{
    const struct figures_of *figures = of;
    size_t count = 0;

    while (figures->catalog->figure_name(figures->kind, count))
        count++;
    if (index < count || figures->kind != OUTCOME_COMPARISON)
        return figures->catalog->figure_name(figures->kind, index);
    return figures->catalog->figure_name(OUTCOME_RUN, index - count);
}

static int check_columns(const struct catalog *catalog, const struct output_request *request, enum outcome_kind kind,
                         struct error *error)
{
    struct column_choice choice;

    if (!request->columns_of)
        return 0;
    return column_choice_scan(&choice, request->columns_of, error) ||
                   catalog->check_columns(kind, how(request), &choice, request->goals, error)
               ? error_prefix(error, "--columns-of: ")
               : 0;
}

int results_check(const struct catalog *catalog, const struct output_request *request, enum outcome_kind kind,
                  struct error *error)
{
    if (request->quiet)
        notes_silence();
    if (request->csv_safe)
        printable_csv_has_no_formulas();
    if (request->json && request->form != FORM_AUTO && request->form != FORM_JSON)
        return error_set(error, ERROR_USAGE, "--json is --print json: not with another --print");
    if (writes_files(request))
        stdout_outlives_readers();
    if (figure_wishes_check(&request->figures, figure_name, &(struct figures_of){catalog, kind}, error))
        return error_prefix(error, "--figures: ");
    return check_columns(catalog, request, kind, error) || check_places(request, error) ? -1 : 0;
}

/* NO_COLOR: no-color.org. */
static bool shows_bold(const struct output_request *request)
{
    const char *forbidden = getenv("NO_COLOR");

    if (request->color != COLOR_AUTO)
        return request->color == COLOR_ALWAYS;
    return isatty(STDOUT_FILENO) && !(forbidden && *forbidden) && !terminal_is_dumb();
}

int results_columns(const struct output_request *request)
{
    return request->wide ? 0 : request->columns ? (int)request->columns : terminal_columns();
}

int results_print(const struct catalog *catalog, const struct output_request *request, const struct outcome *outcome,
                  struct error *error)
{
    struct outcome shown = *outcome;
    struct column_choice choice;
    int status;

    if (request->columns_of && !column_choice_scan(&choice, request->columns_of, error))
        shown.chosen = &choice;
    if (how(request) == PRINT_TABLE)
        shown.columns = results_columns(request);
    shown.bold = how(request) == PRINT_TABLE && shows_bold(request);
    status = catalog->print(&shown, how(request), error);
    if (status && writes_files(request) && ferror(stdout)) { /* main looks at standard output in the end */
        *error = (struct error){0};
        return 0;
    }
    return status;
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
    struct outcome written = *outcome;
    char incomplete[512];

    if (!request->directory)
        return write_database(catalog, request, outcome, error);
    written.figures = &request->figures;
    stop_on_signals();
    if (catalog->write_reports(&written, request->directory, error)) {
        snprintf(incomplete, sizeof incomplete, ": the files in %s are as they were", request->directory);
        stop_explains(error, incomplete);
        return -1;
    }
    note("%s are in %s", what, request->directory);
    return write_database(catalog, request, outcome, error);
}

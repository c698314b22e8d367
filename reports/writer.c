/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/writer.h"

#include "reports/csv_columns.h"
#include "reports/fit.h"
#include "reports/plain_locale.h"
#include "reports/registry.h"
#include "sim/output.h"
#include "sim/output_stage.h"
#include "sim/stop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int write_file(const struct report *report, const struct outcome *outcome, const char *directory,
                      struct error *error)
{
    struct output output;

    if (output_open(&output, directory, report->name, error) != 0)
        return -1;
    if (report->write(outcome, output.file, error) != 0)
        error_prefix(error, "%s: ", output.path);
    return output_close(&output, error);
}

char *report_text(const struct report *report, const struct outcome *outcome, size_t *bytes, struct error *error)
{
    char *text = NULL;
    FILE *memory = open_memstream(&text, bytes);
    int status;

    if (!memory) {
        error_set(error, ERROR_INTERNAL, "out of memory");
        return NULL;
    }
    status = report->write(outcome, memory, error);
    if (fclose(memory) && !status)
        status = error_set(error, ERROR_INTERNAL, "out of memory");
    if (!status)
        return text;
    free(text);
    return NULL;
}

/* Of CSV, the columns that are wanted. */
static int write_columns(const struct report *report, const struct outcome *outcome, FILE *out, struct error *error)
{
    size_t bytes;
    char *text = report_text(report, outcome, &bytes, error);

    if (!text)
        return -1;
    csv_columns_put(text, outcome->chosen, out);
    free(text);
    return 0;
}

/* What the report writes, as wide as the outcome's terminal. */
static int write_fitted(const struct report *report, const struct outcome *outcome, FILE *out, struct error *error)
{
    size_t bytes;
    char *text = report_text(report, outcome, &bytes, error);

    if (!text)
        return -1;
    fit_put(text, outcome->columns, out);
    free(text);
    return 0;
}

static int print(const struct report *report, const struct outcome *outcome, FILE *out, const char *name,
                 struct error *error)
{
    bool is_chosen = outcome->chosen && report->print == PRINT_CSV;

    if ((is_chosen          ? write_columns(report, outcome, out, error)
         : outcome->columns ? write_fitted(report, outcome, out, error)
                            : report->write(outcome, out, error)) != 0)
        return error_prefix(error, "%s: ", name);
    return output_flush(out, name, error);
}

int report_write(const struct report *report, const struct outcome *outcome, const char *directory, struct error *error)
{
    struct plain_locale locale = plain_locale_begin();
    int status;

    assert(report->takes == outcome->kind);
    status =
        report->write ? write_file(report, outcome, directory, error) : report->write_files(outcome, directory, error);
    plain_locale_end(locale);
    return status;
}

int report_print(const struct report *report, const struct outcome *outcome, FILE *out, const char *name,
                 struct error *error)
{
    struct plain_locale locale = plain_locale_begin();
    int status;

    assert(report->takes == outcome->kind && report->write);
    status = print(report, outcome, out, name, error);
    plain_locale_end(locale);
    return status;
}

static const char *index_of(enum outcome_kind kind)
{
    for (size_t i = 0; i < report_count; i++)
        if (reports[i]->takes == kind && reports[i]->is_index)
            return reports[i]->name;
    assert(false); /* laws_report.c */
    return "";
}

/* Why pictures are missing goes to *undrawn: all else is written nevertheless. */
static int write_all(const struct outcome *outcome, const char *directory, struct error *undrawn, struct error *error)
{
    int status = 0;

    for (size_t i = 0; i < report_count && status != -1; i++) {
        if (stop_signal())
            return stop_error(error);
        status = reports[i]->takes == outcome->kind ? report_write(reports[i], outcome, directory, error) : 0;
        if (status != REPORT_UNDRAWN)
            continue;
        if (!error_is_set(undrawn))
            *undrawn = *error;
        *error = (struct error){0};
    }
    return status == -1 ? -1 : 0;
}

int reports_write(const struct outcome *outcome, const char *directory, struct error *error)
{
    struct error undrawn = {0};
    struct output_stage stage;
    int status;

    if (output_stage_begin(&stage, directory, error))
        return -1;
    write_all(outcome, stage.path, &undrawn, error);
    status = output_stage_end(&stage, index_of(outcome->kind), error);
    if (!status && error_is_set(&undrawn)) {
        *error = undrawn;
        output_stage_name_places(error);
        status = -1;
    }
    return status;
}

const struct report *reports_printed(enum outcome_kind kind, enum report_print print)
{
    for (size_t i = 0; i < report_count; i++)
        if (reports[i]->takes == kind && reports[i]->print == (print == PRINT_MARKDOWN ? PRINT_TABLE : print))
            return reports[i];
    return NULL;
}

const char *reports_figure_name(enum outcome_kind kind, size_t index)
{
    for (size_t i = 0; i < report_count; i++) {
        const char *name;

        if (reports[i]->takes != kind || !reports[i]->figure)
            continue;
        for (size_t j = 0; (name = reports[i]->figure(j)) != NULL; j++)
            if (index-- == 0)
                return name;
    }
    return NULL;
}

int reports_print(const struct outcome *outcome, enum report_print print, FILE *out, const char *name,
                  struct error *error)
{
    const struct report *report = reports_printed(outcome->kind, print);
    struct outcome shown = *outcome;

    assert(report); /* laws_report.c tests that every kind has all forms */
    shown.markdown = print == PRINT_MARKDOWN;
    return report_print(report, &shown, out, name, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/columns.h"

#include "reports/article.h"
#include "reports/registry.h"
#include "reports/writer.h"
#include "sim/alloc.h"
#include "sim/result.h"

#include <stdlib.h>
#include <string.h>

enum { CSV_COLUMNS = 512 };

/* The titles of a CSV file: those of one without results, of a run that has everything that is told only if it is asked for. To be
 * freed, the first of them and the array. */
static char **csv_titles(const struct report *report, enum outcome_kind kind, struct error *error)
{
    static const struct bound no_bounds[1];
    struct run run = {
        .has_rss = true, .miss_cost_us = 1, .warmup_us = 1, .bounds = (struct bound *)(uintptr_t)no_bounds};
    struct outcome outcome = {.kind = kind};
    void *empty = kind == OUTCOME_RUN ? NULL : xcalloc(1, outcome_types[kind].layout->size);
    size_t bytes, count = 0;
    char *text, **titles = xcalloc(CSV_COLUMNS + 1, sizeof *titles);

    outcome.data = empty ? empty : &run;
    text = report_text(report, &outcome, &bytes, error);
    free(empty);
    if (text)
        text[strcspn(text, "\n")] = '\0';
    for (char *rest = text, *title; rest && count < CSV_COLUMNS && (title = strsep(&rest, ","));)
        titles[count++] = title;
    if (kind == OUTCOME_RUN && count)
        titles[count] = (char *)(uintptr_t) "cluster"; /* with --shards */
    return titles;
}

/* One more, unless it has no name or is there already. */
static size_t add_title(const char **titles, size_t count, const char *title)
{
    size_t i = 0;

    while (i < count && strcmp(titles[i], title) != 0)
        i++;
    if (*title && i == count && count < CSV_COLUMNS)
        titles[count++] = title;
    return count;
}

/* The titles of what is read, each once, up to NULL. To be freed. */
static const char **read_titles(const struct report *report, const char *const *besides)
{
    const char **titles = xcalloc(CSV_COLUMNS + 1, sizeof *titles);
    size_t count = 0;

    for (size_t i = 0; report->columns && report->columns[i]; i++)
        count = add_title(titles, count, report->columns[i]);
    for (size_t t = 0; report->tables && report->tables[t]; t++)
        for (size_t i = 0; i < report->tables[t]->count; i++)
            count = add_title(titles, count, report->tables[t]->columns[i].title);
    for (size_t i = 0; besides && besides[i]; i++)
        count = add_title(titles, count, besides[i]);
    return titles;
}

int columns_check(enum outcome_kind kind, enum report_print print, const struct column_choice *choice,
                  const char *const *besides, struct error *error)
{
    const struct report *report = reports_printed(kind, print);
    const char **read;
    char **titles;
    int status;

    if (print == PRINT_JSON)
        return error_set(error, ERROR_USAGE, "JSON has every column by name: it is of tables and CSV");
    if (print != PRINT_CSV && !report->columns && !report->tables)
        return error_set(error, ERROR_USAGE, "%s", report->whole);
    if (print != PRINT_CSV) {
        read = read_titles(report, besides);
        status = column_choice_check(choice, read, error);
        free(read);
        return status;
    }
    titles = csv_titles(report, kind, error);
    status = error_is_set(error) ? -1 : column_choice_check(choice, (const char *const *)titles, error);
    free(titles[0]);
    free(titles);
    return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* servers_figure: servers.svg, servers.png: a run of several servers, side by side, as a dot plot (dot_plot.h): what an upgrade does.
 *
 * A row for each server, in the order in which they were named (all: version by version), below a heading for each policy and
 * maxmemory if there are several; panels for what a key weighs, the hit ratio, writes that are refused and evicted keys, each with the
 * 95 % confidence interval of the mean over the seeds. A number that is 0 everywhere has no panel. */
#include "reports/dot_plot.h"
#include "reports/grid.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "sim/report.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 60, NAME = 320 };

/* used_memory beyond the empty server's, tables included, as in the table. */
static double bytes_per_key(const struct result *result)
{
    return ((double)result->counters.used_memory - (double)result->counters.baseline_memory) /
           (double)result->counters.keys;
}

static double hit_ratio(const struct result *result)
{
    return 100 * result_hit_ratio(result);
}

static double refused(const struct result *result)
{
    return (double)result->counters.oom_rejections;
}

static double evicted(const struct result *result)
{
    return (double)result->counters.evicted_keys;
}

static const struct {
    struct dot_panel panel;
    double (*of)(const struct result *result);
} numbers[DOT_PANELS] = {
    {{"bytes per key", "bytes_per_key", DOTS_BYTES, {{NAN, NULL}, {NAN, NULL}}}, bytes_per_key},
    {{"hit ratio (%)", "hit_ratio", DOTS_PERCENT, {{NAN, NULL}, {NAN, NULL}}}, hit_ratio},
    {{"writes refused (OOM)", "refused", DOTS_COUNTS, {{NAN, NULL}, {NAN, NULL}}}, refused},
    {{"evicted keys", "evicted", DOTS_COUNTS, {{NAN, NULL}, {NAN, NULL}}}, evicted},
};

struct drawing {
    struct dot_panel panels[DOT_PANELS];
    size_t shown[DOT_PANELS], panel_count; /* places in `numbers` */
    struct dot_row rows[MOST_ROWS];
    char *names[MOST_ROWS]; /* owned */
    size_t row_count;
};

static void choose_panels(struct drawing *drawing, const struct run *run)
{
    for (size_t i = 0; i < DOT_PANELS; i++) {
        bool any = i < 2;

        for (size_t r = 0; r < run->result_count && !any; r++)
            any = numbers[i].of(&run->results[r]) > 0;
        if (!any)
            continue;
        drawing->shown[drawing->panel_count] = i;
        drawing->panels[drawing->panel_count++] = numbers[i].panel;
    }
}

static struct dot_row *add_row(struct drawing *drawing, const char *name)
{
    struct dot_row *row = &drawing->rows[drawing->row_count];

    if (drawing->row_count == MOST_ROWS)
        return NULL;
    *row = (struct dot_row){.name = drawing->names[drawing->row_count++] = xstrdup(name)};
    return row;
}

static void add_cell(struct drawing *drawing, struct cell cell)
{
    char name[NAME];
    struct dot_row *row;

    snprintf(name, sizeof name, "%s%s", cell.results->server, cell.results->server_is_read ? " (read)" : "");
    row = add_row(drawing, name);
    for (size_t i = 0; row && i < drawing->panel_count; i++) {
        struct estimate estimate = cell_ratio(cell, numbers[drawing->shown[i]].of);

        row->dots[i] = (struct dot){estimate.mean, estimate.half_width, DOT_FIRM};
    }
}

static bool is_together(struct cell a, struct cell b)
{
    return !strcmp(a.results->policy, b.results->policy) && a.results->maxmemory == b.results->maxmemory;
}

static void name_group(char name[NAME], struct cell cell)
{
    char size[UNITS_TEXT];

    snprintf(name, NAME, "%s, %s", cell.results->policy, print_maxmemory(size, cell.results->maxmemory));
}

/* Cells of one policy and maxmemory together, in the order in which the first of them comes. */
static size_t add_cells(struct drawing *drawing, const struct cell_list *list, bool has_headings)
{
    size_t groups = 0;
    char name[NAME];

    for (size_t first = 0; first < list->count; first++) {
        bool is_first = true;

        for (size_t before = 0; before < first; before++)
            is_first &= !is_together(list->cells[before], list->cells[first]);
        if (!is_first)
            continue;
        groups++;
        if (has_headings) {
            struct dot_row *heading;

            name_group(name, list->cells[first]);
            heading = add_row(drawing, name);
            if (heading)
                heading->is_heading = true;
        }
        for (size_t i = first; i < list->count; i++)
            if (is_together(list->cells[first], list->cells[i]))
                add_cell(drawing, list->cells[i]);
    }
    return groups;
}

static bool has_several_servers(const struct run *run)
{
    bool several = false;

    for (size_t i = 0; i < run->result_count; i++) {
        if (run->results[i].sizes_alone || !run->results[i].counters.keys)
            return false;
        several |= strcmp(run->results[i].server, run->results[0].server) != 0;
    }
    return several;
}

static void release_rows(struct drawing *drawing)
{
    for (size_t i = 0; i < drawing->row_count; i++)
        free(drawing->names[i]);
    drawing->row_count = 0;
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    const struct run *run = outcome->run;
    struct drawing *drawing = xcalloc(1, sizeof *drawing);
    struct cell_list list = cell_list_make(run);
    char title[NAME] = "", *figures = output_path(directory, "figures");
    struct dot_plot plot = {
        .name = "servers",
        .comment = "servers side by side: means over the seeds with their 95 % confidence intervals",
        .title = title,
        .note = list.count && list.cells[0].count > 1
                    ? "bars: 95 % confidence intervals over the seeds; read: not measured on a server of that version"
                    : "one seed; read: not measured on a server of that version",
        .panels = drawing->panels,
        .rows = drawing->rows,
    };
    int status;

    if (has_several_servers(run)) {
        choose_panels(drawing, run);
        if (add_cells(drawing, &list, false) > 1) {
            release_rows(drawing);
            add_cells(drawing, &list, true);
        } else {
            name_group(title, list.cells[0]);
        }
    }
    plot.panel_count = drawing->panel_count;
    plot.row_count = drawing->row_count;
    status =
        plot.row_count && output_make_directory(figures, error) ? -1 : dot_plot_write(&plot, outcome, figures, error);
    release_rows(drawing);
    cell_list_release(&list);
    free(drawing);
    free(figures);
    return status;
}

static const char *figure_name(size_t index)
{
    return index ? NULL : "servers";
}

const struct report report_servers_figure = {
    .name = "servers.svg",
    .summary = "servers side by side: what a key weighs, hits, refusals, as SVG and PNG through gnuplot",
    .takes = OUTCOME_RUN,
    .write_files = write_files,
    .figure = figure_name,
};

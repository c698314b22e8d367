/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison_figure: differences.svg, differences.png: what is different between two runs, or with each what-if, as a dot plot
 * (dot_plot.h).
 *
 * A row for each what-if, below a heading for each cell if there are several; of two runs, a row for each pair of cells. Of a cluster
 * a row more: its worst shard. A panel for the hit ratio, and for those of OOM rejections, evicted keys and the peak of used_memory that
 * something changes beyond noise. The dashed line is no difference. */
#include "reports/comparison_words.h"
#include "reports/dot_plot.h"
#include "sim/advice/comparison.h"
#include "sim/alloc.h"
#include "sim/report.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 60, NAME = 400 };

static const struct {
    const char *name, *of_a_shard;
    struct dot_panel panel;
} numbers[DOT_PANELS] = {
    {"hit_ratio",
     "lowest_hit_ratio_of_a_shard",
     {"hit ratio, points", "hit_ratio_points", DOTS_DIFFERENCES, {{0, "#9A9A9A"}}}},
    {"oom_rejections",
     "most_oom_rejections_of_a_shard",
     {"OOM rejections", "oom_rejections", DOTS_DIFFERENCES, {{0, "#9A9A9A"}}}},
    {"evicted_keys",
     "most_evicted_keys_of_a_shard",
     {"evicted keys", "evicted_keys", DOTS_DIFFERENCES, {{0, "#9A9A9A"}}}},
    {"used_memory_peak",
     "most_used_memory_peak_of_a_shard",
     {"peak of used_memory", "used_memory_peak", DOTS_DIFFERENT_BYTES, {{0, "#9A9A9A"}}}},
};

struct drawing {
    struct dot_panel panels[DOT_PANELS];
    size_t shown[DOT_PANELS], panel_count; /* places in `numbers` */
    struct dot_row rows[MOST_ROWS];
    char *names[MOST_ROWS]; /* owned */
    size_t row_count, left_out;
    bool has_unknown, has_same;
};

/* Whether the number is another in any cell, and that is no noise. */
static bool is_changed(const struct comparison *comparison, const char *name)
{
    for (size_t v = 0; v < comparison->variant_count; v++)
        for (size_t p = 0; p < comparison->variants[v].pair_count; p++) {
            const struct compared_measure *measure = compared_measure(&comparison->variants[v].pairs[p], name);

            if (isfinite(measure->difference) && !comparison_is(measure, "same") && !comparison_is(measure, "noise"))
                return true;
        }
    return false;
}

static void choose_panels(struct drawing *drawing, const struct comparison *comparison)
{
    bool has_bytes = true;

    for (size_t v = 0; v < comparison->variant_count; v++)
        for (size_t p = 0; p < comparison->variants[v].pair_count; p++)
            has_bytes &= !comparison->variants[v].pairs[p].a.unit_sizes;
    for (size_t i = 0; i < DOT_PANELS; i++) {
        struct dot_panel panel = numbers[i].panel;

        if (i && !is_changed(comparison, numbers[i].name)) /* the first is always there */
            continue;
        if (panel.scale == DOTS_DIFFERENT_BYTES && !has_bytes)
            panel.scale = DOTS_DIFFERENCES;
        drawing->shown[drawing->panel_count] = i;
        drawing->panels[drawing->panel_count++] = panel;
    }
}

static struct dot_row *add_row(struct drawing *drawing, const char *name)
{
    struct dot_row *row;

    if (drawing->row_count == MOST_ROWS) {
        drawing->left_out++;
        return NULL;
    }
    row = &drawing->rows[drawing->row_count];
    *row = (struct dot_row){.name = drawing->names[drawing->row_count] = xstrdup(name)};
    drawing->row_count++;
    return row;
}

static struct dot dot_of(struct drawing *drawing, const struct compared_measure *measure)
{
    double scale = measure->is_ratio ? 100 : 1;
    bool is_same = comparison_is(measure, "same");

    drawing->has_unknown |= comparison_is(measure, "unknown") && isfinite(measure->difference);
    drawing->has_same |= is_same;
    return (struct dot){scale * measure->difference, scale * measure->half_width,
                        is_same                             ? DOT_SAME
                        : comparison_is(measure, "differs") ? DOT_FIRM
                                                            : DOT_NOISE};
}

static void add_dots(struct drawing *drawing, const char *name, const struct compared_pair *pair, bool of_a_shard)
{
    struct dot_row *row = add_row(drawing, name);

    for (size_t i = 0; row && i < drawing->panel_count; i++) {
        size_t number = drawing->shown[i];

        row->dots[i] =
            dot_of(drawing, compared_measure(pair, of_a_shard ? numbers[number].of_a_shard : numbers[number].name));
    }
}

static void add_pair(struct drawing *drawing, const char *name, const struct compared_pair *pair)
{
    add_dots(drawing, name, pair, false);
    if (!*compared_measure(pair, numbers[0].of_a_shard)->name)
        return;
    add_dots(drawing, "its worst shard", pair, true);
}

static void add_what_ifs(struct drawing *drawing, const struct comparison *comparison)
{
    size_t cells = comparison->variant_count ? comparison->variants->pair_count : 0;
    char name[NAME];

    for (size_t cell = 0; cell < cells; cell++) {
        struct dot_row *heading;

        comparison_cells(name, sizeof name, &comparison->variants->pairs[cell].a, NULL);
        if (cells > 1 && (heading = add_row(drawing, name)))
            heading->is_heading = true;
        for (size_t v = 0; v < comparison->variant_count; v++)
            if (cell < comparison->variants[v].pair_count)
                add_pair(drawing, comparison->variants[v].name, &comparison->variants[v].pairs[cell]);
    }
}

static void add_pairs(struct drawing *drawing, const struct comparison *comparison)
{
    char name[NAME];

    for (size_t v = 0; v < comparison->variant_count; v++)
        for (size_t p = 0; p < comparison->variants[v].pair_count; p++) {
            const struct compared_pair *pair = &comparison->variants[v].pairs[p];

            comparison_cells(name, sizeof name, &pair->a, &pair->b);
            add_pair(drawing, name, pair);
        }
}

static void put_title(const struct comparison *comparison, char *title, size_t bytes)
{
    const struct variant *first = comparison->variants;

    if (!comparison->is_what_if)
        snprintf(title, bytes, "%s less %s", first->name, comparison->name);
    else if (first->pair_count == 1)
        comparison_cells(title, bytes, &first->pairs->a, NULL);
    else
        snprintf(title, bytes, "what each change makes different");
}

static void put_note(const struct drawing *drawing, const struct comparison *comparison, char *note, size_t bytes)
{
    char warmup[UNITS_TEXT];
    size_t used =
        (size_t)snprintf(note, bytes, "%s",
                         drawing->has_unknown ? "hollow: one seed, so what is noise is not known"
                                              : "bars: 95 % confidence intervals over the seeds; hollow: may be noise");

    if (drawing->has_same)
        used += (size_t)snprintf(note + used, bytes - used, "; small: the same");
    if (comparison->run.warmup_us)
        used += (size_t)snprintf(note + used, bytes - used, "; without the first %s",
                                 print_duration(warmup, comparison->run.warmup_us));
    if (drawing->left_out)
        snprintf(note + used, bytes - used, "; %zu rows more: comparison.csv", drawing->left_out);
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    const struct comparison *comparison = outcome->comparison;
    struct drawing *drawing = xcalloc(1, sizeof *drawing);
    char title[NAME] = "", note[300];
    struct dot_plot plot = {
        .name = "differences",
        .comment =
            "what is different: means over the seeds with their 95 % confidence intervals; dashed: no difference",
        .title = title,
        .note = note,
        .panels = drawing->panels,
        .rows = drawing->rows,
    };
    int status;

    choose_panels(drawing, comparison);
    if (comparison->is_what_if)
        add_what_ifs(drawing, comparison);
    else
        add_pairs(drawing, comparison);
    if (drawing->row_count)
        put_title(comparison, title, sizeof title);
    put_note(drawing, comparison, note, sizeof note);
    plot.panel_count = drawing->panel_count;
    plot.row_count = drawing->panel_count ? drawing->row_count : 0;
    status = dot_plot_write(&plot, outcome, directory, error);
    for (size_t i = 0; i < drawing->row_count; i++)
        free(drawing->names[i]);
    free(drawing);
    return status;
}

static const char *figure_name(size_t index)
{
    return index ? NULL : "differences";
}

const struct report report_comparison_figure = {
    .name = "differences.svg",
    .summary = "what is different, as a dot plot with intervals, as SVG and PNG through gnuplot",
    .takes = OUTCOME_COMPARISON,
    .write_files = write_files,
    .figure = figure_name,
};

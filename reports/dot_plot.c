/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/dot_plot.h"

#include "reports/figure.h"
#include "reports/figure_page.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <math.h>
#include <string.h>

/* in pixels of the SVG; the PNG has twice as many */
enum { ROW = 22, TOP = 34, TITLE = 20, BOTTOM = 54, NAMES = 300, PANEL = 220, GAP = 30, NAME_COLUMNS = 44 };

static double half_of(const struct dot *dot)
{
    return isfinite(dot->half_width) ? dot->half_width : 0;
}

/* ---- the data ---- */

static void put_dot(const struct dot *dot, bool is_heading, FILE *out)
{
    double mean = is_heading ? (double)NAN : dot->mean, half = half_of(dot);

    for (int side = -1; side <= 1; side++) {
        putc(' ', out);
        figure_put_value(out, mean + side * half);
    }
    fprintf(out, " %d", (int)dot->kind);
}

/* A row: its place from below, and each panel's interval with the mean in its middle, and what kind that is (enum dot_kind). */
static void write_data(const void *what, FILE *out)
{
    const struct dot_plot *plot = what;

    fputs("# row", out);
    for (size_t p = 0; p < plot->panel_count; p++)
        fprintf(out, " low %s high kind", plot->panels[p].column);
    putc('\n', out);
    for (size_t i = 0; i < plot->row_count; i++) {
        fprintf(out, "%zu", plot->row_count - i);
        for (size_t p = 0; p < plot->panel_count; p++)
            put_dot(&plot->rows[i].dots[p], plot->rows[i].is_heading, out);
        putc('\n', out);
    }
}

/* ---- the script ---- */

static struct range range_of(const struct dot_plot *plot, size_t panel)
{
    struct range range = range_empty();

    for (size_t i = 0; i < plot->row_count; i++) {
        const struct dot *dot = &plot->rows[i].dots[panel];

        if (!isfinite(dot->mean) || plot->rows[i].is_heading)
            continue;
        range_widen(&range, dot->mean - half_of(dot));
        range_widen(&range, dot->mean + half_of(dot));
    }
    return range;
}

/* The names are left of the first panel; the others have ticks alone. */
static void put_names(const struct dot_plot *plot, bool are_shown, FILE *out)
{
    const char *before = "";

    fputs("set ytics (", out);
    for (size_t i = 0; i < plot->row_count; i++) {
        const char *name = plot->rows[i].name;
        char text[4 * NAME_COLUMNS + 8];

        if (plot->rows[i].is_heading)
            continue;
        printable_copy(text, NAME_COLUMNS, name, strlen(name));
        fputs(before, out);
        page_quoted(out, are_shown ? text : "");
        fprintf(out, " %zu", plot->row_count - i);
        before = ", ";
    }
    fputs(")\n", out);
}

static void tick_difference(char *text, double value)
{
    char size[UNITS_TEXT];

    tick_number(size, fabs(value));
    snprintf(text, UNITS_TEXT, "%s%.30s", value > 0 ? "+" : value < 0 ? "-" : "", size);
}

static void tick_different_bytes(char *text, double value)
{
    char size[UNITS_TEXT];

    tick_bytes(size, fabs(value));
    snprintf(text, UNITS_TEXT, "%s%.30s", value > 0 ? "+" : value < 0 ? "-" : "", size);
}

/* A margin each way, so that no dot lies on an edge. */
static void put_axis(const struct dot_plot *plot, size_t panel, FILE *out)
{
    static tick_text_fn *const texts[] = {[DOTS_COUNTS] = tick_number,
                                          [DOTS_PERCENT] = tick_number,
                                          [DOTS_BYTES] = tick_bytes,
                                          [DOTS_DIFFERENCES] = tick_difference,
                                          [DOTS_DIFFERENT_BYTES] = tick_different_bytes};
    const struct page page = {.out = out};
    enum dot_scale scale = plot->panels[panel].scale;
    struct range range = range_of(plot, panel);
    struct axis axis = {0};

    if (range.lowest > range.highest) {
        fputs("set xrange [0:1]\nset xtics ()\n", out);
        return;
    }
    switch (scale) {
    case DOTS_COUNTS:
        axis = axis_counts(range.highest);
        axis.low = -0.04 * (axis.high > 0 ? axis.high : 1);
        break;
    case DOTS_PERCENT:
        axis = axis_percent(range.lowest, range.highest);
        break;
    case DOTS_BYTES:
        axis = axis_bytes(range.highest);
        break;
    case DOTS_DIFFERENCES:
    case DOTS_DIFFERENT_BYTES:
        axis = axis_differences(fmin(range.lowest, 0), fmax(range.highest, 0), scale == DOTS_DIFFERENT_BYTES);
        break;
    }
    page_axis(&page, 'x', axis, texts[scale]);
}

static void put_headings(const struct dot_plot *plot, int width, int height, FILE *out)
{
    const double rows = (double)plot->row_count;
    char text[4 * NAME_COLUMNS + 8];

    for (size_t i = 0; i < plot->row_count; i++) {
        const char *name = plot->rows[i].name;
        double y = BOTTOM + ROW * rows * (rows - (double)i - 0.3) / (rows + 0.4);

        if (!plot->rows[i].is_heading)
            continue;
        printable_copy(text, sizeof text, name, strlen(name));
        fprintf(out, "set label %zu ", 10 + i);
        page_quoted(out, text);
        fprintf(out, " at screen %.5f, screen %.5f left tc rgb '#000000'\n", 10.0 / width, y / height);
    }
}

static void put_panel(const struct dot_plot *plot, size_t panel, int width, int height, FILE *out)
{
    static const struct {
        int point;
        const char *size, *colour;
    } looks[DOT_KINDS] = {
        [DOT_FIRM] = {7, "0.7", "#0072B2"}, [DOT_NOISE] = {6, "0.7", "#8A8A8A"}, [DOT_SAME] = {7, "0.35", "#8A8A8A"}};
    const struct dot_panel *what = &plot->panels[panel];
    double left = NAMES + (double)panel * (PANEL + GAP), top = TOP + (*plot->title ? TITLE : 0);
    size_t column = 2 + 4 * panel;

    fprintf(out, "\nset lmargin at screen %.5f\nset rmargin at screen %.5f\n", left / width, (left + PANEL) / width);
    fprintf(out, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n", 1 - top / height, (double)BOTTOM / height);
    fputs("set title ", out);
    page_quoted(out, what->title);
    fprintf(out, "\nset yrange [0.3:%zu.7]\nunset arrow\nunset label\n", plot->row_count);
    put_names(plot, panel == 0, out);
    put_axis(plot, panel, out);
    for (size_t i = 0; i < DOT_LINES; i++)
        if (isfinite(what->lines[i].at) && what->lines[i].colour)
            fprintf(out,
                    "set arrow %zu from first %.9g, graph 0 to first %.9g, graph 1 nohead back lc rgb '%s' dt (4,4)\n",
                    1 + i, what->lines[i].at, what->lines[i].at, what->lines[i].colour);
    if (panel == 0)
        put_headings(plot, width, height, out);
    for (size_t kind = 0; kind < DOT_KINDS; kind++)
        fprintf(out,
                "%s data using ($%zu == %zu ? $%zu : NaN):1:%zu:%zu with xerrorbars lw 1.4 pt %d ps %s lc rgb '%s' "
                "notitle%s",
                kind ? "    " : "plot", column + 3, kind, column + 1, column, column + 2, looks[kind].point,
                looks[kind].size, looks[kind].colour, kind + 1 < DOT_KINDS ? ", \\\n" : "\n");
}

/* Above all panels and below them; drawn by a plot of nothing. */
static void put_words(const struct dot_plot *plot, int height, FILE *out)
{
    fputs("\nunset label\nset label 1 ", out);
    page_quoted(out, plot->note);
    fprintf(out, " at screen 0.99, screen %.5f right tc rgb '#404040'\n", 10.0 / height);
    if (*plot->title) {
        fputs("set label 2 ", out);
        page_quoted(out, plot->title);
        fprintf(out, " at screen 0.5, screen %.5f center\n", 1 - 12.0 / height);
    }
    fputs("unset border; unset tics; unset grid; unset title; unset arrow\nplot [0:1] [0:1] NaN notitle\n", out);
}

static void write_script(const void *what, FILE *out)
{
    const struct dot_plot *plot = what;
    int width = NAMES + (int)plot->panel_count * (PANEL + GAP);
    int height = TOP + (*plot->title ? TITLE : 0) + BOTTOM + ROW * (int)plot->row_count;

    fprintf(
        out,
        "# %s\n"
        "# Draw again: gnuplot %s.gp\n"
        "if (!exists('prefix')) prefix = ''\n"
        "data = '%s.dat'\n"
        "do for [kind in 'svg png'] {\n"
        "if (kind eq 'svg') {\n"
        "    set terminal svg noenhanced size %d,%d font 'DejaVu Sans,11' background '#FFFFFF'\n"
        "} else {\n"
        "    set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,8.5' fontscale 2 linewidth 2 pointscale 2\n"
        "}\n"
        "set output prefix.'%s.'.kind\n"
        "set border 3 lw 0.8 lc rgb '#404040'\n"
        "set grid lw 0.5 lt 1 lc rgb '#E2E2E2'\n"
        "set tics nomirror out scale 0.6\n"
        "unset key\n"
        "set multiplot\n",
        plot->comment, plot->name, plot->name, width, height, 2 * width, 2 * height, plot->name);
    for (size_t panel = 0; panel < plot->panel_count; panel++)
        put_panel(plot, panel, width, height, out);
    put_words(plot, height, out);
    fputs("\nunset multiplot\nunset output\nreset\n}\n", out);
}

int dot_plot_write(const struct dot_plot *plot, const char *directory, struct error *error)
{
    figure_remove(directory, plot->name);
    return plot->row_count ? figure_write(directory, plot->name, write_data, write_script, plot, error) : 0;
}

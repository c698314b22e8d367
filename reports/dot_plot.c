/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/dot_plot.h"

#include "reports/figure.h"
#include "reports/figure_axis.h"
#include "reports/figure_page.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <math.h>
#include <string.h>

/* ROW, the height of a row, and LEFT, what is left of the panels: in the page's units. */
enum { ROW = 28, LEFT = 14, NAME_COLUMNS = 60 };

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
static void put_axis(const struct dot_plot *plot, const struct page *page, FILE *out)
{
    static tick_text_fn *const texts[] = {[DOTS_COUNTS] = tick_number,
                                          [DOTS_PERCENT] = tick_number,
                                          [DOTS_BYTES] = tick_bytes,
                                          [DOTS_DIFFERENCES] = tick_difference,
                                          [DOTS_DIFFERENT_BYTES] = tick_different_bytes};
    const double ticks = page_ticks(page, 'x');
    enum dot_scale scale = plot->panels[page->panel].scale;
    struct range range = range_of(plot, page->panel);
    struct axis axis = {0};

    if (range.lowest > range.highest) {
        fputs("set xrange [0:1]\nset xtics ()\n", out);
        return;
    }
    switch (scale) {
    case DOTS_COUNTS:
        axis = axis_counts(range.highest, ticks);
        axis.low = -0.04 * (axis.high > 0 ? axis.high : 1);
        break;
    case DOTS_PERCENT:
        axis = axis_percent(range.lowest, range.highest, ticks);
        break;
    case DOTS_BYTES:
        axis = axis_bytes(range.highest, ticks);
        break;
    case DOTS_DIFFERENCES:
    case DOTS_DIFFERENT_BYTES:
        axis = axis_differences(fmin(range.lowest, 0), fmax(range.highest, 0), scale == DOTS_DIFFERENT_BYTES, ticks);
        break;
    }
    page_axis(page, 'x', axis, texts[scale]);
}

/* The names are above their rows, across all panels: the last panel of a row of panels puts them, in boxes of the page's white, so that
 * no frame, grid or dashed line goes through them. */
static void put_names(const struct dot_plot *plot, const struct page *page, FILE *out)
{
    size_t columns = page_row_end(page, page->panel) - page_row_first(page, page->panel);
    double left = -(double)((columns - 1) * (size_t)(page->area_width + page->gap)) / page->area_width;
    char text[4 * NAME_COLUMNS + 8];

    if (page->panel + 1 != page_row_end(page, page->panel))
        return;
    fputs("set style textbox opaque noborder fillcolor rgb '#FFFFFF' margins 0.25, 0\n", out);
    for (size_t i = 0; i < plot->row_count; i++) {
        const char *name = plot->rows[i].name;

        printable_copy(text, NAME_COLUMNS, name, strlen(name));
        fprintf(out, "set label %zu ", 10 + i);
        page_quoted(out, text);
        fprintf(out, " at graph %.5f, first %.2f left front boxed%s\n", left + (plot->rows[i].is_heading ? 0 : 0.04),
                (double)(plot->row_count - i) + (plot->rows[i].is_heading ? 0.1 : 0.46),
                plot->rows[i].is_heading ? "" : " tc rgb '#404040'");
    }
}

static void put_panel(const struct dot_plot *plot, const struct page *page, FILE *out)
{
    static const struct {
        int point;
        const char *size, *colour;
    } looks[DOT_KINDS] = {
        [DOT_FIRM] = {7, "0.7", "#0072B2"}, [DOT_NOISE] = {6, "0.7", "#8A8A8A"}, [DOT_SAME] = {7, "0.35", "#8A8A8A"}};
    const struct dot_panel *what = &plot->panels[page->panel];
    size_t column = 2 + 4 * page->panel;

    fprintf(out, "set yrange [0.45:%zu.85]\nset ytics (", plot->row_count);
    for (size_t i = 0, count = 0; i < plot->row_count; i++)
        if (!plot->rows[i].is_heading)
            fprintf(out, "%s'' %zu", count++ ? ", " : "", plot->row_count - i);
    fputs(")\nunset arrow\n", out);
    put_names(plot, page, out);
    put_axis(plot, page, out);
    for (size_t i = 0; i < DOT_LINES; i++)
        if (isfinite(what->lines[i].at) && what->lines[i].colour)
            fprintf(out,
                    "set arrow %zu from first %.9g, graph 0 to first %.9g, graph 1 nohead back lc rgb '%s' dt (4,4)\n",
                    1 + i, what->lines[i].at, what->lines[i].at, what->lines[i].colour);
    for (size_t kind = 0; kind < DOT_KINDS; kind++)
        fprintf(out,
                "%s data using ($%zu == %zu ? $%zu : NaN):1:%zu:%zu with xerrorbars lw 1.4 pt %d ps %s lc rgb '%s' "
                "notitle%s",
                kind ? "    " : "plot", column + 3, kind, column + 1, column, column + 2, looks[kind].point,
                looks[kind].size, looks[kind].colour, kind + 1 < DOT_KINDS ? ", \\\n" : "\n");
}

static void write_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct dot_plot *plot = what;
    const char *titles[DOT_PANELS];
    struct sheet sheet = {
        .name = plot->name,
        .comment = plot->comment,
        .y_name = plot->title,
        .x_name = "",
        .panels = plot->panel_count,
        .titles = titles,
        .remark = plot->note,
        .in_a_row = plot->panel_count,
        .has_own_x = true,
        .left = LEFT,
        .panel_height = ROW * (int)plot->row_count + ROW / 2,
    };
    struct page page;

    for (size_t panel = 0; panel < plot->panel_count; panel++)
        titles[panel] = plot->panels[panel].title;
    page = page_begin(out, &sheet, frame);
    for (size_t panel = 0; panel < plot->panel_count; panel++) {
        page_panel(&page, panel);
        put_panel(plot, &page, out);
    }
    page_end(&page);
}

int dot_plot_write(const struct dot_plot *plot, const struct outcome *outcome, const char *directory,
                   struct error *error)
{
    figure_remove(directory, plot->name);
    return plot->row_count ? figure_write(directory, plot->name, write_data, write_script, plot, outcome, error) : 0;
}

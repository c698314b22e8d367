/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc_figure: mrc.svg, mrc.png: miss-ratio curves as a picture through gnuplot, beside their data (mrc.dat) and script
 * (mrc.gp).
 *
 * A curve is known only at its sizes. Each has a point, with its interval, and the line holds its value up to the next.
 */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "reports/mrc_curves.h"
#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/report.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { MARKERS = 8 }; /* on a curve, at most */

static void write_data(const void *what, FILE *out)
{
    const struct mrc *mrc = what;
    char label[MRC_LABEL];

    for (size_t c = 0; c < mrc->curve_count; c++) {
        mrc_label(&mrc->curves[c], label);
        fprintf(out, "%s# %s\n# size miss_ratio low high\n", c ? "\n\n" : "", label);
        for (size_t i = 0; i < mrc->curves[c].count; i++) {
            const struct mrc_point *point = &mrc->curves[c].points[i];

            fprintf(out, "%" PRIu64 " ", point->size);
            figure_put_value(out, point->miss_ratio);
            putc(' ', out);
            figure_put_value(out, point->low);
            putc(' ', out);
            figure_put_value(out, point->high);
            putc('\n', out);
        }
    }
}

/* Sizes span decades, so the axis is logarithmic. Ticks stand at the powers of ten, or of four, as many as have room. */
static void write_size_axis(const struct page *page, const struct mrc *mrc)
{
    const struct mrc_curve *curve = &mrc->curves[0];
    double low = (double)curve->points[0].size, high = (double)curve->points[curve->count - 1].size;
    double base = mrc->unit_sizes ? 10 : 4;
    double margin = elementary_pow(fmax(high / low, 2), 0.02);
    const char *separator = "";
    char text[UNITS_TEXT];

    fprintf(page->out, "set logscale x %g\nset xrange [%.9g:%.9g]\nset xtics (", base, low / margin, high * margin);
    while (elementary_log(high / low) / elementary_log(base) > page_ticks(page, 'x'))
        base *= mrc->unit_sizes ? 10 : 4;
    if (elementary_log(high / low) / elementary_log(base) < 1)
        base = 2;
    for (double tick = elementary_pow(base, ceil(elementary_log(low) / elementary_log(base) - 1e-9));
         tick <= high * 1.0001; tick *= base) {
        (mrc->unit_sizes ? tick_number : tick_bytes)(text, tick);
        fputs(separator, page->out);
        page_tick(page, 'x', text, tick);
        separator = ", ";
    }
    fputs(")\n", page->out);
}

static struct range range_of(const struct mrc *mrc)
{
    struct range range = range_empty();

    for (size_t c = 0; c < mrc->curve_count; c++)
        for (size_t i = 0; i < mrc->curves[c].count; i++) {
            range_widen(&range, mrc->curves[c].points[i].miss_ratio);
            range_widen(&range, mrc->curves[c].points[i].low);
            range_widen(&range, mrc->curves[c].points[i].high);
        }
    return range;
}

static void put_line(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)line;
    fprintf(out, "using 1:($2*100) with steps %s notitle", look);
}

static void put_interval(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)line;
    fprintf(out, "using 1:($3*100):(0):(($4-$3)*100) with vectors " FIGURE_INTERVAL " %s dt solid notitle", look);
}

/* Where sizes are too many for markers, each curve has its own at others of them; the line shows every size. */
static void put_points_of(const struct mrc *mrc, size_t curve, size_t style, FILE *out)
{
    size_t every = (mrc->curves[curve].count + MARKERS - 1) / MARKERS;

    fprintf(out, "every %zu::%zu using 1:($2*100) with points ls %zu notitle", every, curve % every,
            (every > 1 ? 0 : FIGURE_STYLE_NESTED) + style + curve + 1);
}

static void put_points_beneath(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)look;
    put_points_of(what, line.policy, FIGURE_STYLE_BENEATH, out);
}

static void put_points(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)look;
    put_points_of(what, line.policy, 0, out);
}

static bool has_widths(const struct mrc *mrc)
{
    for (size_t c = 0; c < mrc->curve_count; c++)
        if (mrc_has_width(&mrc->curves[c]))
            return true;
    return false;
}

static void write_panels(const struct mrc *mrc, const struct figure_lines *lines, struct page *page)
{
    static figure_element_fn *const plain[] = {put_line, put_points_beneath, put_points};
    static figure_element_fn *const with_intervals[] = {put_line, put_interval, put_points_beneath, put_points};
    struct range range = range_of(mrc);
    bool has_intervals = has_widths(mrc);

    for (size_t i = 0; i < lines->panel_count; i++) {
        page_panel(page, i);
        write_size_axis(page, mrc);
        page_axis(page, 'y', axis_percent(range.lowest * 100, range.highest * 100, page_ticks(page, 'y')), tick_number);
        figure_lines_plot(lines, i, has_intervals ? with_intervals : plain, has_intervals ? 4 : 3, 1, mrc, page->out);
        putc('\n', page->out);
    }
}

static void write_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct mrc *mrc = what;
    const char **labels = xcalloc(mrc->curve_count, sizeof *labels);
    char *texts = xmalloc(mrc->curve_count * MRC_LABEL);
    struct figure_lines lines;
    struct sheet sheet = {
        .name = "mrc",
        .comment = mrc->of_servers ? "miss ratio by maxmemory" : "miss ratio by the size of the cache",
        .y_name = mrc->miss_ratios_are_least ? "miss ratio (%), lower bounds" : "miss ratio (%)",
        .x_name = mrc->unit_sizes   ? "size of the cache (objects)"
                  : mrc->of_servers ? "maxmemory"
                                    : "size of the cache",
    };
    struct page page;

    for (size_t c = 0; c < mrc->curve_count; c++) {
        labels[c] = texts + c * MRC_LABEL;
        mrc_label(&mrc->curves[c], texts + c * MRC_LABEL);
    }
    lines = figure_lines_new(labels, mrc->curve_count);
    figure_lines_panel(&lines, "");
    for (size_t c = 0; c < mrc->curve_count; c++)
        figure_lines_add(&lines, c);
    figure_lines_arrange(&lines, write_data, mrc);
    figure_lines_put_sheet(&lines, &sheet);
    page = page_begin(out, &sheet, frame);
    write_panels(mrc, &lines, &page);
    page_end(&page);
    figure_lines_release(&lines);
    free(labels);
    free(texts);
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    struct range range = range_of(outcome->mrc);

    figure_remove(directory, "mrc");
    if (range.lowest > range.highest)
        return 0; /* nothing to draw */
    return figure_write(directory, "mrc", write_data, write_script, outcome->mrc, outcome, error);
}

static const char *figure_name(size_t index)
{
    return index ? NULL : "mrc";
}

const struct report report_mrc_figure = {
    .name = "mrc.svg",
    .summary = "miss-ratio curves as SVG and PNG through gnuplot, with their data and script",
    .takes = OUTCOME_MRC,
    .write_files = write_files,
    .figure = figure_name,
};

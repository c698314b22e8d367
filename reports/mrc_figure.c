/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc_figure: mrc.svg and mrc.png, the curves as a picture through gnuplot, beside their data (mrc.dat) and script
 * (mrc.gp). */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/gnuplot.h"
#include "reports/mrc_curves.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "sim/report.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>

static int write_data(const struct mrc *mrc, FILE *out, struct error *error)
{
    char label[MRC_LABEL];

    (void)error;
    for (size_t c = 0; c < mrc->curve_count; c++) {
        mrc_label(&mrc->curves[c], label);
        fprintf(out, "%s# %s\n# size miss_ratio low high\n", c ? "\n\n" : "", label);
        for (size_t i = 0; i < mrc->curves[c].count; i++) {
            const struct mrc_point *point = &mrc->curves[c].points[i];

            fprintf(out, "%llu ", (unsigned long long)point->size);
            figure_put_value(out, point->miss_ratio);
            putc(' ', out);
            figure_put_value(out, point->low);
            putc(' ', out);
            figure_put_value(out, point->high);
            putc('\n', out);
        }
    }
    return 0;
}

/* Sizes span decades, so the axis is logarithmic: a tick at each power of ten, or of 1024 with halves between. */
static void write_size_axis(const struct page *page, const struct mrc *mrc)
{
    const struct mrc_curve *curve = &mrc->curves[0];
    double low = (double)curve->points[0].size, high = (double)curve->points[curve->count - 1].size;
    double base = mrc->unit_sizes ? 10 : 4;
    const char *separator = "";
    char text[UNITS_TEXT];

    fprintf(page->out, "set logscale x %g\nset xrange [%.9g:%.9g]\nset xtics (", base, low,
            high > low ? high : 2 * low);
    for (double tick = pow(base, ceil(log(low) / log(base) - 1e-9)); tick <= high * 1.0001; tick *= base) {
        (mrc->unit_sizes ? tick_number : tick_bytes)(text, tick);
        fprintf(page->out, "%s'%s' %.9g", separator, text, tick);
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

static void plot(const struct page *page, const struct mrc *mrc)
{
    fputs("plot", page->out);
    for (size_t c = 0; c < mrc->curve_count; c++)
        if (mrc_has_width(&mrc->curves[c]))
            fprintf(page->out,
                    " data index %zu using 1:($3*100):($4*100) with filledcurves ls %zu fs transparent "
                    "solid 0.25 noborder notitle, \\\n    ",
                    c, c + 1);
    for (size_t c = 0; c < mrc->curve_count; c++)
        fprintf(page->out, "%s data index %zu using 1:($2*100) with linespoints ls %zu notitle", c ? ", \\\n    " : "",
                c, c + 1);
    putc('\n', page->out);
}

static int write_script(const struct mrc *mrc, FILE *out, struct error *error)
{
    const char **labels = xcalloc(mrc->curve_count, sizeof *labels);
    char *texts = xmalloc(mrc->curve_count * MRC_LABEL);
    struct range range = range_of(mrc);
    struct page page;

    (void)error;
    for (size_t c = 0; c < mrc->curve_count; c++) {
        labels[c] = texts + c * MRC_LABEL;
        mrc_label(&mrc->curves[c], texts + c * MRC_LABEL);
    }
    page = page_begin(out, "mrc", "miss ratio by the size of the cache", 1, labels, mrc->curve_count);
    page_panel(&page, 0, "", mrc->unit_sizes ? "size of the cache (objects)" : "size of the cache", "miss ratio (%)");
    write_size_axis(&page, mrc);
    page_axis(&page, 'y', axis_percent(range.lowest * 100, range.highest * 100), tick_number);
    plot(&page, mrc);
    page_end(&page);
    free(labels);
    free(texts);
    return 0;
}

static int write_file(const struct mrc *mrc, const char *directory, const char *name,
                      int (*write)(const struct mrc *, FILE *, struct error *), struct error *error)
{
    struct output output;

    if (output_open(&output, directory, name, error))
        return -1;
    if (write(mrc, output.file, error))
        error_prefix(error, "%s: ", output.path);
    return output_close(&output, error);
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    if (!(range_of(outcome->mrc).lowest <= range_of(outcome->mrc).highest))
        return 0; /* nothing to draw */
    if (write_file(outcome->mrc, directory, "mrc.dat", write_data, error) ||
        write_file(outcome->mrc, directory, "mrc.gp", write_script, error))
        return -1;
    return gnuplot_draw(directory, "mrc", error);
}

const struct report report_mrc_figure = {
    .name = "mrc.svg",
    .summary = "miss-ratio curves as SVG and PNG through gnuplot, with their data and script",
    .takes = OUTCOME_MRC,
    .write_files = write_files,
};

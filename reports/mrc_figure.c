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
#include "sim/report.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

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

/* Sizes span decades, so the axis is logarithmic. Ticks stand at the powers of ten, or at those of 1024 with halves
 * between. */
static void write_size_axis(const struct page *page, const struct mrc *mrc)
{
    const struct mrc_curve *curve = &mrc->curves[0];
    double low = (double)curve->points[0].size, high = (double)curve->points[curve->count - 1].size;
    double base = mrc->unit_sizes ? 10 : 4;
    double margin = pow(fmax(high / low, 2), 0.02);
    const char *separator = "";
    char text[UNITS_TEXT];

    fprintf(page->out, "set logscale x %g\nset xrange [%.9g:%.9g]\nset xtics (", base, low / margin, high * margin);
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
    static const int layers[] = {FIGURE_STYLE_NESTED + FIGURE_STYLE_BENEATH, FIGURE_STYLE_NESTED};

    for (size_t c = 0; c < mrc->curve_count; c++)
        fprintf(page->out, "%s data index %zu using 1:($2*100) with steps ls %zu notitle", c ? ", \\\n    " : "plot", c,
                c + 1);
    for (size_t c = 0; c < mrc->curve_count; c++)
        if (mrc_has_width(&mrc->curves[c]))
            fprintf(
                page->out,
                ", \\\n     data index %zu using 1:($2*100):($3*100):($4*100) with yerrorbars ls %zu pt -1 dt solid "
                "notitle",
                c, c + 1);
    for (size_t c = 0; c < mrc->curve_count; c++)
        for (size_t i = 0; i < 2; i++)
            fprintf(page->out, ", \\\n     data index %zu using 1:($2*100) with points ls %zu notitle", c,
                    (size_t)layers[i] + c + 1);
    putc('\n', page->out);
}

static void write_script(const void *what, FILE *out)
{
    const struct mrc *mrc = what;
    const char **labels = xcalloc(mrc->curve_count, sizeof *labels);
    char *texts = xmalloc(mrc->curve_count * MRC_LABEL);
    struct range range = range_of(mrc);
    struct page page;

    for (size_t c = 0; c < mrc->curve_count; c++) {
        labels[c] = texts + c * MRC_LABEL;
        mrc_label(&mrc->curves[c], texts + c * MRC_LABEL);
    }
    page = page_begin(out, "mrc", mrc->of_servers ? "miss ratio by maxmemory" : "miss ratio by the size of the cache",
                      1, (struct legend){.names = labels, .entries = mrc->curve_count});
    page_panel(&page, 0, "",
               mrc->unit_sizes   ? "size of the cache (objects)"
               : mrc->of_servers ? "maxmemory"
                                 : "size of the cache",
               mrc->miss_ratios_are_least ? "miss ratio (%), lower bounds" : "miss ratio (%)");
    write_size_axis(&page, mrc);
    page_axis(&page, 'y', axis_percent(range.lowest * 100, range.highest * 100), tick_number);
    plot(&page, mrc);
    page_end(&page);
    free(labels);
    free(texts);
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    struct range range = range_of(outcome->mrc);

    figure_remove(directory, "mrc");
    if (range.lowest > range.highest)
        return 0; /* nothing to draw */
    return figure_write(directory, "mrc", write_data, write_script, outcome->mrc, error);
}

const struct report report_mrc_figure = {
    .name = "mrc.svg",
    .summary = "miss-ratio curves as SVG and PNG through gnuplot, with their data and script",
    .takes = OUTCOME_MRC,
    .write_files = write_files,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc_html: mrc.html, miss-ratio curves to hand over: the figure, whose values can be read, and the table. */
#include "reports/html_article.h"
#include "reports/mrc_curves.h"
#include "sim/alloc.h"
#include "sim/report.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>

static const char *size_name(const struct mrc *mrc)
{
    return mrc->unit_sizes ? "objects" : mrc->of_servers ? "maxmemory" : "cache";
}

static void put_size(const struct mrc *mrc, uint64_t size, struct article *to)
{
    char text[UNITS_TEXT];

    if (mrc->unit_sizes)
        print_count(text, size);
    else if (mrc->of_servers)
        print_maxmemory(text, size);
    else
        print_bytes(text, size);
    article_number(to, text, (double)size);
}

static void put_ratio(const struct mrc *mrc, const struct mrc_point *point, bool has_width, struct article *to)
{
    char text[MRC_LABEL];
    int used =
        snprintf(text, sizeof text, mrc->miss_ratios_are_least ? "≥ %.2f %%" : "%.2f %%", 100 * point->miss_ratio);

    if (has_width && point->high >= point->low)
        used += snprintf(text + used, sizeof text - (size_t)used, " ± %.2f", 50 * (point->high - point->low));
    if (mrc->of_servers && point->oom_rejections > 0)
        snprintf(text + used, sizeof text - (size_t)used, " (refuses writes)");
    article_number(to, isnan(point->miss_ratio) ? "-" : text, point->miss_ratio);
}

static void put_table(const struct mrc *mrc, const struct html_curve *curves, struct article *to)
{
    struct article_column *columns = xcalloc(mrc->curve_count + 1, sizeof *columns);
    const struct article_table table = {
        .caption = "Miss ratio by size", .columns = columns, .count = mrc->curve_count + 1};

    columns[0].title = size_name(mrc);
    for (size_t c = 0; c < mrc->curve_count; c++)
        columns[1 + c].title = curves[c].label;
    article_table(to, &table);
    for (size_t i = 0; mrc->curve_count && i < mrc->curves[0].count; i++) {
        put_size(mrc, mrc->curves[0].points[i].size, to);
        for (size_t c = 0; c < mrc->curve_count; c++)
            put_ratio(mrc, &mrc->curves[c].points[i], mrc_has_width(&mrc->curves[c]), to);
    }
    article_table_end(to);
    free(columns);
}

/* Labels and points are to be freed: free_curves. */
static struct html_curve *make_curves(const struct mrc *mrc)
{
    struct html_curve *curves = xcalloc(mrc->curve_count + 1, sizeof *curves);

    for (size_t c = 0; c < mrc->curve_count; c++) {
        const struct mrc_curve *curve = &mrc->curves[c];
        char label[MRC_LABEL];

        mrc_label(curve, label);
        curves[c] = (struct html_curve){.panel = mrc->of_servers ? "servers" : "caches",
                                        .label = xstrdup(label),
                                        .points = xcalloc(curve->count + 1, sizeof *curves->points),
                                        .count = curve->count};
        for (size_t i = 0; i < curve->count; i++)
            curves[c].points[i] = (struct html_curve_point){
                .size = curve->points[i].size,
                .ratio = curve->points[i].miss_ratio,
                .half_width = isnan(curve->points[i].high) ? 0 : (curve->points[i].high - curve->points[i].low) / 2};
    }
    return curves;
}

static void free_curves(struct html_curve *curves, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        free((char *)(uintptr_t)curves[c].label);
        free(curves[c].points);
    }
    free(curves);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    static const struct html_link links[] = {
        {"figures", "Figure"}, {"curves", "Curves"}, {"simulated", "What was done"}};
    const struct mrc *mrc = outcome->mrc;
    const struct run run = {.command = mrc->command, .settings = mrc->settings, .setting_count = mrc->setting_count};
    struct html_curve *curves = make_curves(mrc);
    char title[320], about[256], requests[UNITS_TEXT], keys[UNITS_TEXT];
    struct html_article page = {
        .title = title,
        .about = about,
        .version = mrc->version,
        .run = &run,
        .links = links,
        .link_count = 3,
        .curves = {.name = "mrc",
                   .title = "miss ratio by size",
                   .caption = "a point for each size; a line holds a point's value up to the next",
                   .x_name = size_name(mrc),
                   .y_name = "miss ratio",
                   .column = "miss_ratio",
                   .unit_sizes = mrc->unit_sizes,
                   .curves = curves,
                   .count = mrc->curve_count && mrc->curves[0].count ? mrc->curve_count : 0}};
    struct article article;

    (void)error;
    snprintf(title, sizeof title, "Miss-ratio curves of %.256s", trace_shown(mrc->trace));
    snprintf(about, sizeof about, "%s requests to %s keys (%.60s)", print_count(requests, mrc->requests),
             print_count(keys, mrc->keys), mrc->format);
    html_article_begin(&page, out, &article);
    article_warnings(&article, mrc->warnings, mrc->warning_count, 0);
    html_article_figure(&page, &article);
    article_section(&article, "curves", "Curves");
    put_table(mrc, curves, &article);
    html_article_end(&page, &article);
    free_curves(curves, mrc->curve_count);
    return 0;
}

const struct report report_mrc_html = {
    .name = "mrc.html",
    .summary = "the curves as one page, to be read in a browser or handed over",
    .takes = OUTCOME_MRC,
    .write = write,
};

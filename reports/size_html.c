/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size_html: size.html, the answers of evsim size to hand over, with hit ratios of every size that was tried as a figure. */
#include "reports/html_article.h"
#include "reports/size_table.h"
#include "sim/alloc.h"
#include "sim/report.h"

#include <math.h>
#include <stdlib.h>

static struct html_curve *make_curves(const struct sizing *sizing)
{
    struct html_curve *curves = xcalloc(sizing->line_count + 1, sizeof *curves);

    for (size_t i = 0; i < sizing->line_count; i++) {
        const struct sized_line *line = &sizing->lines[i];

        curves[i] = (struct html_curve){.panel = line->server,
                                        .label = line->policy,
                                        .points = xcalloc(line->point_count + 1, sizeof *curves->points),
                                        .count = line->point_count};
        for (size_t p = 0; p < line->point_count; p++)
            curves[i].points[p] =
                (struct html_curve_point){.size = line->points[p].maxmemory, .ratio = line->points[p].hit_ratio};
    }
    return curves;
}

static bool has_points(const struct sizing *sizing)
{
    for (size_t i = 0; i < sizing->line_count; i++)
        if (sizing->lines[i].point_count)
            return true;
    return false;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    static const struct html_link links[] = {
        {"answer", "Answer"}, {"figures", "Figure"}, {"simulated", "What was done"}};
    const struct sizing *sizing = outcome->sizing;
    struct html_curve *curves = make_curves(sizing);
    struct html_article page = {.title = "How much memory it needs",
                                .about = trace_shown(sizing->run.trace),
                                .version = sizing->version,
                                .run = &sizing->run,
                                .links = links,
                                .link_count = 3,
                                .curves = {.name = "size",
                                           .title = "hit ratio by maxmemory",
                                           .caption = "every size that was tried, means over the seeds",
                                           .x_name = "maxmemory",
                                           .y_name = "hit ratio",
                                           .column = "hit_ratio",
                                           .unit_sizes = sizing->unit_sizes,
                                           .curves = curves,
                                           .count = has_points(sizing) ? sizing->line_count : 0}};
    struct article article;

    (void)error;
    html_article_begin(&page, out, &article);
    article_section(&article, "answer", "Answer");
    size_table_put(sizing, &article);
    html_article_figure(&page, &article);
    html_article_end(&page, &article);
    for (size_t i = 0; i < sizing->line_count; i++)
        free(curves[i].points);
    free(curves);
    return 0;
}

const struct report report_size_html = {
    .name = "size.html",
    .summary = "the answers as one page, to be read in a browser or handed over",
    .takes = OUTCOME_SIZING,
    .write = write,
};

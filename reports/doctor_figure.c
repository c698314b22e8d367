/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_figure: remedies.svg, remedies.png: what each remedy of evsim doctor does, as a dot plot (dot_plot.h).
 *
 * A row for each, the best on top, below the server as it is now; a panel for writes that are refused, for the hit ratio and for
 * the peak of used_memory, each with the 95 % confidence interval of the mean over the seeds. Dashed lines: as it is now; in the last
 * panel, maxmemory. */
#include "reports/dot_plot.h"
#include "sim/advice/diagnosis.h"
#include "sim/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ROWS = 20, PANELS = 3 };

static struct dot dot_of(const struct seen *seen, double scale)
{
    return (struct dot){scale * seen->mean, scale * seen->half_width, DOT_FIRM};
}

static struct dot_row row_of(const struct tried *tried)
{
    static const char prefix[] = "maxmemory-policy ";
    size_t skipped = strncmp(tried->name, prefix, strlen(prefix)) ? 0 : strlen(prefix);

    return (struct dot_row){
        .name = tried->name + skipped,
        .dots = {dot_of(&tried->oom_rejections, 1), dot_of(&tried->hit_ratio, 100),
                 dot_of(&tried->used_memory_peak, 1)},
    };
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    const struct diagnosis *diagnosis = outcome->diagnosis;
    const struct dot_row now = row_of(&diagnosis->now);
    const struct dot_panel panels[PANELS] = {
        {"writes refused (OOM)", "refused", DOTS_COUNTS, {{now.dots[0].mean, "#9A9A9A"}}},
        {"hit ratio (%)", "hit_ratio", DOTS_PERCENT, {{now.dots[1].mean, "#9A9A9A"}}},
        {"peak of used_memory",
         "peak",
         DOTS_BYTES,
         {{now.dots[2].mean, "#9A9A9A"}, {(double)diagnosis->maxmemory, "#D55E00"}}},
    };
    struct dot_row rows[MOST_ROWS] = {now};
    size_t count = 1;
    char note[160];

    for (size_t i = 0; i < diagnosis->remedy_count && count < MOST_ROWS; i++)
        if (!diagnosis->remedies[i].has_no_effect)
            rows[count++] = row_of(&diagnosis->remedies[i]);
    snprintf(note, sizeof note,
             "bars: 95 %% confidence intervals of the mean, %" PRIu64 " seeds; dashed: as it is now, and maxmemory",
             diagnosis->now.seeds);
    return dot_plot_write(
        &(struct dot_plot){
            .name = "remedies",
            .comment =
                "what each remedy does: means over the seeds with their 95 % confidence intervals; dashed: as it is "
                "now, and maxmemory",
            .title = "",
            .note = note,
            .panels = panels,
            .panel_count = PANELS,
            .rows = rows,
            .row_count = count > 1 ? count : 0,
        },
        outcome, directory, error);
}

static const char *figure_name(size_t index)
{
    return index ? NULL : "remedies";
}

const struct report report_doctor_figure = {
    .name = "remedies.svg",
    .summary = "what each remedy does to refusals, hit ratio and memory, as SVG and PNG through gnuplot",
    .takes = OUTCOME_DIAGNOSIS,
    .write_files = write_files,
    .figure = figure_name,
};

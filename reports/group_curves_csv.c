/* SPDX-License-Identifier: GPL-3.0-or-later */
/* group_curves.csv: with --by, the groups of keys at every sample of every result, long form. Counts are cumulative, as in
 * curves.csv, and each column's sum over a sample's groups is that of the whole. At most 32 groups have rows of their
 * own: "(smaller groups)" stands for the others. */
#include "reports/csv.h"
#include "sim/report.h"
#include "sim/result.h"

static void write_point(const struct run *run, const struct result *result, const struct group_curve *curve,
                        size_t sample, FILE *out)
{
    const struct group_point *point = &curve->points[sample];

    csv_cell(out, run, result);
    csv_seconds(out, result->curve.samples[sample].time_us, false);
    csv_text(out, curve->name, false);
#define PUT(kind, type, name) csv_count(out, point->name, &point->name == &point->oom_rejections);
    GROUP_POINT_FIELDS(PUT)
#undef PUT
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    csv_cell_titles(out, run);
    fputs("time_s,group", out);
#define PUT(kind, type, name) fputs("," #name, out);
    GROUP_POINT_FIELDS(PUT)
#undef PUT
    putc('\n', out);
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t sample = 0; sample < run->results[i].curve.count; sample++)
            for (size_t group = 0; group < run->results[i].group_curve_count; group++)
                write_point(run, &run->results[i], &run->results[i].group_curves[group], sample, out);
    return 0;
}

const struct report report_group_curves_csv = {
    .name = "group_curves.csv",
    .table = "group_curves",
    .summary = "with --by: the groups of keys over time",
    .takes = OUTCOME_RUN,
    .write = write,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc.csv: one line per curve and size. is_least: the miss ratio is a lower bound (warnings.h). oom_rejections: of a
 * server, mean over the seeds. */
#include "reports/csv.h"
#include "sim/mrc/mrc.h"
#include "sim/report.h"

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct mrc *mrc = outcome->mrc;

    (void)error;
    fputs("policy,method,size,miss_ratio,low,high,is_least,server,oom_rejections\n", out);
    for (size_t c = 0; c < mrc->curve_count; c++)
        for (size_t i = 0; i < mrc->curves[c].count; i++) {
            const struct mrc_point *point = &mrc->curves[c].points[i];

            csv_text(out, mrc->curves[c].policy, false);
            csv_text(out, mrc->curves[c].method, false);
            csv_count(out, point->size, false);
            csv_real(out, point->miss_ratio, false);
            csv_real(out, point->low, false);
            csv_real(out, point->high, false);
            csv_count(out, mrc->miss_ratios_are_least, false);
            csv_text(out, mrc->curves[c].server, false);
            csv_real(out, point->oom_rejections, true);
        }
    return 0;
}

const struct report report_mrc_csv = {
    .name = "mrc.csv",
    .table = "curves",
    .summary = "miss-ratio curves, a line per curve and size",
    .takes = OUTCOME_MRC,
    .print = PRINT_CSV,
    .write = write,
};

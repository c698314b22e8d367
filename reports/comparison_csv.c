/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison.csv: a line for each number of each pair of cells. */
#include "reports/csv.h"
#include "sim/advice/comparison.h"
#include "sim/report.h"

static void put_cell(const struct compared_cell *cell, FILE *out)
{
    csv_text(out, cell->server, false);
    csv_text(out, cell->policy, false);
    csv_count(out, cell->maxmemory, false);
}

static void put_measure(const struct comparison *comparison, const struct variant *variant,
                        const struct compared_pair *pair, const struct compared_measure *measure, FILE *out)
{
    csv_text(out, variant->name, false);
    put_cell(&pair->a, out);
    put_cell(&pair->b, out);
    csv_count(out, pair->seeds, false);
    csv_text(out, measure->name, false);
    csv_real(out, measure->a, false);
    csv_real(out, measure->b, false);
    csv_real(out, measure->difference, false);
    csv_real(out, measure->half_width, false);
    csv_text(out, measure->verdict, !comparison->run.warmup_us);
    if (comparison->run.warmup_us)
        csv_seconds(out, comparison->run.warmup_us, true);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct comparison *comparison = outcome->comparison;

    (void)error;
    fputs("b,a_server,a_policy,a_maxmemory,b_server,b_policy,b_maxmemory,seeds,measure,a_mean,b_mean,difference,"
          "half_width,verdict",
          out);
    fputs(comparison->run.warmup_us ? ",warmup_s\n" : "\n", out);
    for (size_t i = 0; i < comparison->variant_count; i++)
        for (size_t p = 0; p < comparison->variants[i].pair_count; p++)
            for (size_t m = 0; m < comparison->variants[i].pairs[p].measure_count; m++)
                put_measure(comparison, &comparison->variants[i], &comparison->variants[i].pairs[p],
                            &comparison->variants[i].pairs[p].measures[m], out);
    return 0;
}

const struct report report_comparison_csv = {
    .name = "comparison.csv",
    .table = "differences",
    .summary = "a line for each number of each pair of cells",
    .takes = OUTCOME_COMPARISON,
    .print = PRINT_CSV,
    .write = write,
};

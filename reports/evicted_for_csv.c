/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evicted_for.csv: with --by, who evicts whom: how many keys of one group were evicted while a command of another ran. "(no key)"
 * stands for commands without a key, and for what no command does. */
#include "reports/csv.h"
#include "sim/report.h"
#include "sim/result.h"

static void write_row(const struct run *run, const struct result *result, const struct group_eviction *eviction,
                      FILE *out)
{
    csv_cell(out, run, result);
    csv_text(out, result->groups[eviction->by].name, false);
    csv_text(out, result->groups[eviction->of].name, false);
    csv_count(out, eviction->evicted_keys, true);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    csv_cell_titles(out, run);
    fputs("group,evicted_group,evicted_keys\n", out);
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t j = 0; j < run->results[i].evicted_for_count; j++)
            write_row(run, &run->results[i], &run->results[i].evicted_for[j], out);
    return 0;
}

const struct report report_evicted_for_csv = {
    .name = "evicted_for.csv",
    .table = "evicted_for",
    .summary = "with --by: who evicts whom",
    .takes = OUTCOME_RUN,
    .write = write,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.csv: one line per result (server, maxmemory, policy, seed), every counter a column.
 *
 * The columns are a stable interface: see README.md. A ratio without a denominator is an empty
 * field. */

#include "reports/csv.h"
#include "sim/report.h"

static void write_header(FILE *out)
{
    fputs("server,policy,maxmemory,seed,hit_ratio,byte_hit_ratio,oom_share", out);
    for (int i = 0; i < COUNTER_COUNT; i++)
        fprintf(out, ",%s", counter_fields[i].name);
    putc('\n', out);
}

static void write_row(const struct result *result, FILE *out)
{
    csv_text(out, result->server, false);
    csv_text(out, result->policy, false);
    csv_count(out, result->maxmemory, false);
    csv_count(out, result->seed, false);
    csv_real(out, result_hit_ratio(result), false);
    csv_real(out, result_byte_hit_ratio(result), false);
    csv_real(out, result_oom_share(result), false);
    for (int i = 0; i < COUNTER_COUNT; i++)
        csv_count(out, counter_get(&result->counters, i), i == COUNTER_COUNT - 1);
}

static int write(const struct run *run, FILE *out, struct error *error)
{
    (void)error;
    write_header(out);
    for (size_t i = 0; i < run->result_count; i++)
        write_row(&run->results[i], out);
    return 0;
}

const struct report report_summary_csv = {
    .name = "summary.csv",
    .summary = "one line per result, every counter a column",
    .write = write,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* curves.csv: every sample of every result, long form. Counts are cumulative: the totals since the start, just before
 * time_s. Time is counted from the trace's first request. With --rss three columns follow. */
#include "reports/csv.h"
#include "sim/report.h"
#include "sim/result.h"

static void write_sample(const struct run *run, const struct result *result, const struct sample *sample, FILE *out)
{
    csv_cell(out, run, result);
    csv_seconds(out, sample->time_us, false);
    csv_count(out, sample->used_memory, false);
#define PUT(kind, type, name) csv_count(out, sample->name, false);
    MEMORY_FIELDS(PUT)
#undef PUT
#define PUT(kind, type, name) csv_count_if_known(out, sample->name, false);
    LINGERING_FIELDS(PUT)
#undef PUT
    csv_count(out, sample->keys, false);
    csv_count(out, sample->expires, false);
    csv_count(out, sample->hits, false);
    csv_count(out, sample->misses, false);
#define PUT(kind, type, name) csv_count(out, sample->name, false);
    MISS_FIELDS(PUT)
#undef PUT
    csv_count(out, sample->evicted_keys, false);
    csv_count(out, sample->expired_keys, false);
    csv_count(out, sample->oom_rejections, !run->has_rss);
    if (!run->has_rss)
        return;
    csv_count(out, sample->used_memory_rss, false);
    csv_real(out, sample_fragmentation_ratio(sample), false);
    csv_count(out, sample->allocator_active, true);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    csv_cell_titles(out, run);
    fputs("time_s,used_memory", out);
#define PUT(kind, type, name) fputs("," #name, out);
    MEMORY_FIELDS(PUT)
    LINGERING_FIELDS(PUT)
    fputs(",keys,expires,hits,misses", out);
    MISS_FIELDS(PUT)
#undef PUT
    fputs(",evicted_keys,expired_keys,oom_rejections", out);
    fputs(run->has_rss ? ",used_memory_rss,mem_fragmentation_ratio,allocator_active\n" : "\n", out);
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t j = 0; j < run->results[i].curve.count; j++)
            write_sample(run, &run->results[i], &run->results[i].curve.samples[j], out);
    return 0;
}

const struct report report_curves_csv = {
    .name = "curves.csv",
    .table = "curves",
    .summary = "memory, keys and cumulative counts over time",
    .takes = OUTCOME_RUN,
    .write = write,
};

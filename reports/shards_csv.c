/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shards.csv: with --shards, one line per result and shard. The columns that are counts add up to those of summary.csv. Without
 * --shards there is only the header. */
#include "reports/csv.h"
#include "sim/report.h"
#include "sim/shard_skew.h"

static void write_row(const struct run *run, const struct result *result, const struct shard *shard, FILE *out)
{
    csv_cell(out, run, result);
    csv_text(out, shard->name, false);
    csv_text(out, shard->slots, false);
    csv_count(out, shard->slot_count, false);
    csv_count(out, shard->maxmemory, false);
    csv_count(out, shard->requests, false);
    csv_count(out, shard->reads, false);
    csv_count(out, shard->hits, false);
    csv_count(out, shard->misses, false);
    csv_real(out, shard_hit_ratio(shard), false);
    csv_count(out, shard->writes, false);
    csv_count(out, shard->oom_rejections, false);
    csv_real(out, shard_oom_share(shard), false);
    csv_count(out, shard->evicted_keys, false);
    csv_count(out, shard->expired_keys, false);
    csv_count(out, shard->keys, false);
    csv_count(out, shard->used_memory, false);
    csv_count(out, shard->used_memory_peak, false);
    csv_real(out, shard_fullness(shard), true);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    csv_cell_titles(out, run);
    fputs("shard,slots,slot_count,shard_maxmemory,requests,reads,hits,misses,hit_ratio,writes,oom_rejections,oom_share,"
          "evicted_keys,expired_keys,keys,used_memory,used_memory_peak,peak_share\n",
          out);
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t j = 0; j < run->results[i].shard_count; j++)
            write_row(run, &run->results[i], &run->results[i].shards[j], out);
    return 0;
}

const struct report report_shards_csv = {
    .name = "shards.csv",
    .table = "shards",
    .summary = "with --shards: one line per result and shard",
    .takes = OUTCOME_RUN,
    .write = write,
};

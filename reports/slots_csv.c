/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slots.csv: with --shards, the slots of each result that are asked most, and those that hold most at the end. Without
 * --shards there is only the header. */
#include "reports/csv.h"
#include "sim/report.h"

static void write_rows(const struct run *run, const struct result *result, const char *order,
                       const struct hot_slot *slots, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct hot_slot *slot = &slots[i];

        csv_cell(out, run, result);
        csv_text(out, order, false);
        csv_count(out, slot->slot, false);
        csv_text(out, result->shards[slot->shard].name, false);
        csv_count(out, slot->requests, false);
        csv_count(out, slot->keys, false);
        csv_count(out, slot->bytes, false);
        csv_text(out, slot->hash_tag ? slot->hash_tag : "", false);
        csv_text(out, slot->hottest_key ? slot->hottest_key : "", false);
        csv_count(out, slot->hottest_key_requests, false);
        csv_text(out, slot->largest_key ? slot->largest_key : "", false);
        csv_count(out, slot->largest_key_bytes, true);
    }
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    csv_cell_titles(out, run);
    fputs("order,slot,shard,requests,keys,bytes,hash_tag,hottest_key,hottest_key_requests,largest_key,"
          "largest_key_bytes\n",
          out);
    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];

        write_rows(run, result, "requests", result->slots_by_requests, result->slots_by_requests_count, out);
        write_rows(run, result, "bytes", result->slots_by_bytes, result->slots_by_bytes_count, out);
    }
    return 0;
}

const struct report report_slots_csv = {
    .name = "slots.csv",
    .table = "slots",
    .summary = "with --shards: the hottest and the largest slots of each result, with their keys",
    .takes = OUTCOME_RUN,
    .write = write,
};

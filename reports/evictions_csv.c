/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evictions.csv: how good evictions were, long form: two histograms of each result.
 *
 *     asked_again   victims that a read missed afterwards, by the time since their eviction; the first read counts
 *     ttl_left      victims that had a ttl, by what was left of it
 *
 * A bucket reaches from from_s to the next one's, which is twice as far. The rest of evicted_keys was never asked for
 * again, or had no ttl. */
#include "reports/csv.h"
#include "sim/report.h"
#include "sim/result.h"

static void write_buckets(const struct run *run, const struct result *result, const char *name,
                          const struct bucket *buckets, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        csv_cell(out, run, result);
        csv_text(out, name, false);
        csv_seconds(out, buckets[i].from_us, false);
        csv_count(out, buckets[i].count, true);
    }
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    csv_cell_titles(out, run);
    fputs("histogram,from_s,count\n", out);
    for (size_t i = 0; i < run->result_count; i++) {
        const struct eviction_quality *quality = &run->results[i].quality;

        write_buckets(run, &run->results[i], "asked_again", quality->asked_again, quality->asked_again_count, out);
        write_buckets(run, &run->results[i], "ttl_left", quality->ttl_left, quality->ttl_left_count, out);
    }
    return 0;
}

const struct report report_evictions_csv = {
    .name = "evictions.csv",
    .table = "evictions",
    .summary = "how soon victims were asked for again, and the ttl that they had left",
    .takes = OUTCOME_RUN,
    .write = write,
};

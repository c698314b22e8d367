/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/summary_csv.h"

#include "reports/csv.h"
#include "sim/report.h"
#include "sim/result.h"

static void write_header(const struct run *run, FILE *out)
{
    csv_cell_titles(out, run);
    fputs("hit_ratio,byte_hit_ratio,oom_share", out);
    for (int i = 0; i < COUNTER_COUNT; i++)
        fprintf(out, ",%s", counter_fields[i].name);
    for (int i = 0; i < MOMENTS; i++)
        fprintf(out, ",%s", moment_fields[i].name);
    fputs(",evicted_keys_per_s_p99_minute,misses_per_s_p99_minute", out);
#define PUT(kind, type, name) fputs("," #name, out);
    MEMORY_FIELDS(PUT)
    LINGERING_FIELDS(PUT)
#undef PUT
    fputs(",memory_is_least,oom_is_least", out);
    if (run->bounds)
        fputs(",bound_hits,bound_hit_bytes,compulsory_misses,compulsory_missed_bytes", out);
    if (run->miss_cost_us)
        fputs(",misses_per_s,fetches,repeated_fetches,fetches_at_once,fetches_in_flight,miss_cost_s,fetches_are_most",
              out);
    fputs(run->has_rss ? ",used_memory_rss,mem_fragmentation_ratio,allocator_active\n" : "\n", out);
}

static void write_bound(const struct run *run, const struct result *result, FILE *out)
{
    const struct bound *bound = run_bound(run, result->maxmemory), *unlimited = run_bound(run, 0);

    csv_count(out, bound->hits, false);
    csv_count(out, bound->hit_bytes, false);
    csv_count(out, unlimited->reads - unlimited->hits, false);
    csv_count(out, unlimited->read_bytes - unlimited->hit_bytes, !run->miss_cost_us && !run->has_rss);
}

static void write_load(const struct run *run, const struct result *result, FILE *out)
{
    csv_real(out, result_misses_per_s(result, run_counted_us(run)), false);
    csv_count(out, result->load.fetches, false);
    csv_count(out, result->load.repeated_fetches, false);
    csv_count(out, result->load.fetches_at_once, false);
    csv_real(out, result_fetches_in_flight(result, run_counted_us(run)), false);
    csv_real(out, (double)result->load.cost_us / 1e6, false);
    csv_count(out, result_fetches_are_most(result, run->miss_cost_us), !run->has_rss);
}

static void write_rss(const struct sample *end, FILE *out)
{
    csv_count(out, end->used_memory_rss, false);
    csv_real(out, sample_fragmentation_ratio(end), false);
    csv_count(out, end->allocator_active, true);
}

/* The parts of used_memory at the end. */
static void write_memory(const struct result *result, FILE *out)
{
    static const struct sample none = {0};
    const struct sample *end = result->curve.count ? result_last_sample(result) : &none;

#define PUT(kind, type, name) csv_count(out, end->name, false);
    MEMORY_FIELDS(PUT)
#undef PUT
#define PUT(kind, type, name) csv_count_if_known(out, end->name, false);
    LINGERING_FIELDS(PUT)
#undef PUT
}

static void write_row(const struct run *run, const struct result *result, FILE *out)
{
    csv_cell(out, run, result);
    csv_real(out, result_hit_ratio(result), false);
    csv_real(out, result_byte_hit_ratio(result), false);
    csv_real(out, result_oom_share(result), false);
    for (int i = 0; i < COUNTER_COUNT; i++)
        csv_count(out, counter_get(&result->counters, i), false);
    for (int i = 0; i < MOMENTS; i++)
        csv_moment(out, moment_get(&result->moments, i), false);
    csv_real(out, result->quality.evicted_keys_per_s_p99_minute, false);
    csv_real(out, result->quality.misses_per_s_p99_minute, false);
    write_memory(result, out);
    csv_count(out, result->memory_is_least, false);
    csv_count(out, result->oom_is_least, !run->bounds && !run->miss_cost_us && !run->has_rss);
    if (run->bounds)
        write_bound(run, result, out);
    if (run->miss_cost_us)
        write_load(run, result, out);
    if (run->has_rss)
        write_rss(result_last_sample(result), out);
}

void summary_csv_put(const struct run *run, FILE *out)
{
    write_header(run, out);
    for (size_t i = 0; i < run->result_count; i++)
        write_row(run, &run->results[i], out);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    (void)error;
    summary_csv_put(outcome->run, out);
    return 0;
}

const struct report report_summary_csv = {
    .name = "summary.csv",
    .table = "cells",
    .summary = "one line per result, every counter a column",
    .takes = OUTCOME_RUN,
    .print = PRINT_CSV,
    .write = write,
};

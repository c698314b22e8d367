/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/key_parts.h"

#include "sim/alloc.h"
#include "sim/input/selection.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool key_parts_is_count(double parts)
{
    int exponent;

    return parts >= 2 && parts <= KEY_PARTS_MOST && frexp(parts, &exponent) == 0.5;
}

/* ---- what a part says of the whole ---- */

static bool is_of_connections(size_t field)
{
    return field == COUNTER_closed_connections || field == COUNTER_client_output_buffer_limit_disconnections ||
           field == COUNTER_unread_commands || field == COUNTER_evicted_clients;
}

static bool is_memory(size_t field)
{
    return field == COUNTER_used_memory || field == COUNTER_used_memory_peak || field == COUNTER_baseline_memory;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

void key_parts_scale(struct counters *counters, uint32_t parts, const struct key_whole *whole)
{
    uint64_t missed_bytes = less(counters->read_bytes, counters->hit_bytes) * parts;

    for (size_t i = 0; i < COUNTER_COUNT; i++)
        if (!is_memory(i) && !is_of_connections(i))
            *(uint64_t *)(void *)((char *)counters + counter_fields[i].offset) *= parts;
    counters->used_memory += (parts - 1) * less(counters->used_memory, whole->other_memory);
    counters->used_memory_peak += (parts - 1) * less(counters->used_memory_peak, whole->other_memory);
    counters->requests = whole->requests;
    counters->reads = whole->reads;
    counters->hits = less(whole->reads, counters->misses);
    counters->read_bytes = whole->read_bytes;
    counters->hit_bytes = less(whole->read_bytes, missed_bytes);
}

/* Of the keys that are in other parts it is known how often they were read, and not how large they are. */
static struct key_whole whole_of(const struct counters *part, const struct selection_whole *selected, uint64_t other)
{
    uint64_t reads = part->reads + selected->reads_refused;
    double read_bytes = part->reads ? (double)part->read_bytes * (double)reads / (double)part->reads : 0;

    return (struct key_whole){
        .requests = selected->commands, .reads = reads, .read_bytes = (uint64_t)read_bytes, .other_memory = other};
}

static void scale_sample(struct sample *sample, uint64_t maxmemory, uint32_t parts)
{
    uint64_t *const counts[] = {&sample->keys,         &sample->expires,      &sample->blessed_keys,
                                &sample->evicted_keys, &sample->expired_keys, &sample->oom_rejections};

    sample->maxmemory = maxmemory;
    sample->used_memory += (parts - 1) * sample_bytes_of_keys(sample);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] *= parts;
    sample->misses *= parts;
#define SCALE(kind, type, name) sample->name *= parts;
    KEY_MEMORY_FIELDS(SCALE)
    MISS_FIELDS(SCALE)
#undef SCALE
    if (sample->lingering_keys != COUNT_UNKNOWN) {
        sample->lingering_keys *= parts;
        sample->lingering_bytes *= parts;
    }
}

/* Hits over time: they end at those of the counters, of which the curve's beginning is the warm-up's. */
static void scale_curve(struct result *result, uint64_t hits, uint32_t parts)
{
    struct curve *curve = &result->curve;
    uint64_t counted = curve->count ? curve->samples[curve->count - 1].hits : 0;

    for (size_t i = 0; i < curve->count; i++) {
        struct sample *sample = &curve->samples[i];

        scale_sample(sample, result->maxmemory, parts);
        if (counted)
            sample->hits = (uint64_t)((double)sample->hits / (double)counted * (double)hits);
    }
}

static void scale_buckets(struct bucket *buckets, size_t count, uint32_t parts)
{
    for (size_t i = 0; i < count; i++)
        buckets[i].count *= parts;
}

static void scale_result(struct result *result, const struct selection *selection)
{
    uint32_t parts = selection->parts;
    const struct sample *last = result_last_sample(result);
    uint64_t other = last->used_memory - sample_bytes_of_keys(last);

    const struct key_whole warmup = whole_of(&result->warmup, &selection->whole[0], other),
                           counted = whole_of(&result->counters, &selection->whole[1], other);

    key_parts_scale(&result->warmup, parts, &warmup);
    key_parts_scale(&result->counters, parts, &counted);
    scale_curve(result, result->warmup.hits + result->counters.hits, parts);
    result->quality.evicted_keys_per_s_p99_minute *= parts;
    result->quality.misses_per_s_p99_minute *= parts;
    scale_buckets(result->quality.asked_again, result->quality.asked_again_count, parts);
    scale_buckets(result->quality.ttl_left, result->quality.ttl_left_count, parts);
    result->unlike_hashes *= parts;
    result->unlike_zsets *= parts;
}

/* ---- part by part ---- */

/* The seeds of the cells, each once, in their order. Returns how many. */
static size_t seeds_of(const struct replay_plan *plan, uint64_t *seeds)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->cell_count; i++) {
        size_t place = 0;

        while (place < count && seeds[place] != plan->cells[i].seed)
            place++;
        seeds[place] = plan->cells[i].seed;
        count += place == count;
    }
    return count;
}

/* The cells of a seed are replayed, and their results scaled. `results` and `seconds` have the places of all cells. */
static int run_part(const struct replay_plan *whole, uint64_t seed, struct selection *selection, struct run *run,
                    struct result *results, struct error *error)
{
    struct replay_plan plan = *whole;
    struct cell_config *cells = xcalloc(whole->cell_count, sizeof *cells);
    double *seconds = xcalloc(whole->cell_count, sizeof *seconds);
    int status;

    plan.cells = cells;
    plan.cell_count = 0;
    plan.selection = selection;
    plan.options.key_parts = selection->parts;
    plan.replay_seconds = seconds;
    for (size_t i = 0; i < whole->cell_count; i++)
        if (whole->cells[i].seed == seed)
            cells[plan.cell_count++] = whole->cells[i];
    status = replay_run(&plan, run, error);
    if (status && selection->refused[BY_SHARE] && !selection->taken) {
        *error = (struct error){0};
        error_set(error, ERROR_INPUT,
                  "%s: none of its keys is in part %" PRIu32 " of %" PRIu32
                  ": --sample takes a larger share, or leave it out",
                  run->trace, selection->part + 1, selection->parts);
    }
    for (size_t i = 0, next = 0; i < whole->cell_count && !status; i++) {
        if (whole->cells[i].seed != seed)
            continue;
        scale_result(&run->results[next], selection);
        if (whole->replay_seconds)
            whole->replay_seconds[i] = seconds[next];
        results[i] = run->results[next];
        run->results[next++] = (struct result){0};
    }
    free(cells);
    free(seconds);
    return status;
}

/* The first part's run, with the results of all. */
static void join(struct run *parts, size_t count, uint32_t in_all, const struct selection *selection,
                 struct result *results, size_t result_count, struct run *run)
{
    uint64_t keys = 0;

    for (size_t i = 0; i < count; i++)
        keys += parts[i].key_count;
    *run = parts[0];
    parts[0] = (struct run){0};
    free(run->results); /* each was taken */
    run->results = results;
    run->result_count = result_count;
    run->key_parts = in_all;
    run->key_count = (uint64_t)((double)keys / (double)count * in_all);
    run->commands = selection->whole[0].commands + selection->whole[1].commands;
    run->duration_us = selection->last_us;
}

int key_parts_run(const struct replay_plan *plan, uint32_t parts, struct run *run, struct error *error)
{
    uint64_t *seeds = xcalloc(plan->cell_count, sizeof *seeds);
    size_t count = seeds_of(plan, seeds);
    struct run *found = xcalloc(count, sizeof *found);
    struct result *results = xcalloc(plan->cell_count, sizeof *results);
    struct replay_plan part = *plan;
    struct selection selection = {0};
    int status = 0;

    assert(key_parts_is_count(parts) && count <= parts && !plan->scenario && !plan->sharding.table_count);
    if (count > 1 && !trace_is_rereadable(plan->trace.path))
        status =
            error_set(error, ERROR_USAGE, "--sample reads the trace once for each seed: give a file, or --seeds 1");
    for (size_t i = 0; i < count && !status; i++) {
        selection = (struct selection){
            .parts = parts,
            .part = (uint32_t)i,
            .counted_from_us = plan->options.warmup_us,
        };
        status = run_part(&part, seeds[i], &selection, &found[i], results, error);
        if (!status && part.on_miss == ON_MISS_AUTO) /* what the first says, is so for all */
            part.on_miss = strcmp(found[i].on_miss, "fill") ? ON_MISS_NONE : ON_MISS_FILL;
    }
    if (!status)
        join(found, count, parts, &selection, results, plan->cell_count, run);
    for (size_t i = 0; i < plan->cell_count && status; i++)
        result_release(&results[i]);
    if (status)
        free(results);
    for (size_t i = 0; i < count; i++)
        run_release(&found[i]);
    free(found);
    free(seeds);
    return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/comparison.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_OF struct compared_cell
const struct layout compared_cell_layout = LAYOUT("compared_cell", COMPARED_CELL_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct compared_measure
const struct layout compared_measure_layout = LAYOUT("compared_measure", COMPARED_MEASURE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct compared_pair
const struct layout compared_pair_layout = LAYOUT("compared_pair", COMPARED_PAIR_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct compared_setting
const struct layout compared_setting_layout = LAYOUT("compared_setting", COMPARED_SETTING_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct variant
const struct layout variant_layout = LAYOUT("variant", VARIANT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct comparison
const struct layout comparison_layout = LAYOUT("comparison", COMPARISON_FIELDS);
#undef FIELDS_OF

void comparison_release(struct comparison *comparison)
{
    fields_release(&comparison_layout, comparison);
}

int comparison_check(const struct comparison *comparison, struct error *error)
{
    if (!comparison->is_what_if && comparison->variant_count != 1)
        return error_set(error, ERROR_INPUT, "two runs are compared, and it has %zu", 1 + comparison->variant_count);
    return run_check(&comparison->run, error);
}

static struct compared_cell cell_of(const struct result *result)
{
    return (struct compared_cell){
        .server = result->cluster ? text_of("%s, %s", result->server, result->cluster) : xstrdup(result->server),
        .policy = xstrdup(result->policy),
        .maxmemory = result->maxmemory,
        .unit_sizes = result->unit_sizes,
    };
}

static struct compared_cell *cells_of(const struct result *const *results, size_t count)
{
    struct compared_cell *cells = xcalloc(count + 1, sizeof *cells);

    for (size_t i = 0; i < count; i++)
        cells[i] = cell_of(results[i]);
    return cells;
}

static struct compared_pair pair_of(const struct pair *pair)
{
    static const char *const verdicts[] = {
        [VERDICT_SAME] = "same",
        [VERDICT_DIFFERS] = "differs",
        [VERDICT_NOISE] = "noise",
        [VERDICT_UNKNOWN] = "unknown",
    };
    struct compared_pair compared = {
        .a = cell_of(pair->a[0]),
        .b = cell_of(pair->b[0]),
        .seeds = pair->seeds,
        .measures = xcalloc(measure_count, sizeof *compared.measures),
    };
    bool has_shards = pair->a[0]->shard_count && pair->b[0]->shard_count;

    for (size_t i = 0; i < measure_count; i++) {
        struct compared one;

        if (measures[i].of_shards && !has_shards)
            continue;
        one = compare_pair(pair, &measures[i]);
        compared.measures[compared.measure_count++] = (struct compared_measure){
            .name = xstrdup(measures[i].name),
            .is_ratio = measures[i].is_ratio,
            .a = one.a,
            .b = one.b,
            .difference = one.difference.mean,
            .half_width = one.difference.half_width,
            .verdict = xstrdup(verdicts[one.verdict]),
        };
    }
    return compared;
}

struct variant variant_of(const struct pairs *pairs, const char *name, const char *command)
{
    struct variant variant = {
        .name = xstrdup(name),
        .command = xstrdup(command),
        .settings = xcalloc(pairs->change_count + 1, sizeof *variant.settings),
        .setting_count = pairs->change_count,
        .pairs = xcalloc(pairs->count + 1, sizeof *variant.pairs),
        .pair_count = pairs->count,
        .only_a = cells_of(pairs->only_a, pairs->only_a_count),
        .only_a_count = pairs->only_a_count,
        .only_b = cells_of(pairs->only_b, pairs->only_b_count),
        .only_b_count = pairs->only_b_count,
    };

    for (size_t i = 0; i < pairs->change_count; i++) {
        const struct setting_change *change = &pairs->changes[i];

        variant.settings[i] = (struct compared_setting){xstrdup(change->name), xstrdup(change->a), xstrdup(change->b)};
    }
    for (size_t i = 0; i < pairs->count; i++)
        variant.pairs[i] = pair_of(&pairs->list[i]);
    return variant;
}

const struct compared_measure *compared_measure(const struct compared_pair *pair, const char *name)
{
    static const struct compared_measure none = {
        .name = "", .a = NAN, .b = NAN, .difference = NAN, .half_width = NAN, .verdict = "unknown"};

    for (size_t i = 0; i < pair->measure_count; i++)
        if (!strcmp(pair->measures[i].name, name))
            return &pair->measures[i];
    return &none;
}

void comparison_take_run(struct comparison *comparison, struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        result_release(&run->results[i]);
    free(run->results);
    run->results = NULL;
    run->result_count = 0;
    comparison->warnings = run->warnings;
    comparison->warning_count = run->warning_count;
    run->warnings = NULL;
    run->warning_count = 0;
    comparison->run = *run;
    *run = (struct run){0};
}

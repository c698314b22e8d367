/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/merge.h"

#include "sim/alloc.h"
#include "sim/units.h"
#include "sim/warnings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fields of a run that follow from the settings that choose its cells, or do not matter. */
static const char *const other_fields[] = {"command", "settings", "trace",    "seed_count",
                                           "bounds",  "results",  "warnings", "whole_sizes"};

static bool is_in(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, list[i]))
            return true;
    return false;
}

#define IS_IN(name, list) is_in(name, list, sizeof(list) / sizeof *(list))

/* ---- settings that must be equal ---- */

/* Returns -1 with an error if a setting of `run`, other than those of the grid, is different in `other`. */
static int compare_settings(const struct run *run, const struct run *other, const char *name, const char *other_name,
                            struct error *error)
{
    for (size_t i = 0; i < run->setting_count; i++) {
        const char *setting = run->settings[i].name, *value = run->settings[i].value;
        const char *twin = run_setting(other, setting);

        if (setting_chooses_cells(setting) || (twin && !strcmp(value, twin)))
            continue;
        return error_set(
            error, ERROR_INPUT,
            "cannot merge %s and %s: %s is '%s' in the first, %s%s%s in the second: run one of them again as "
            "the other, or add --side-by-side",
            name, other_name, setting, value, twin ? "'" : "", twin ? twin : "not set", twin ? "'" : "");
    }
    return 0;
}

static int compare(const struct run *one, const struct run *other, const char *one_name, const char *other_name,
                   struct error *error)
{
    char warmup[UNITS_TEXT], other_warmup[UNITS_TEXT];

    if (strcmp(one->trace_digest, other->trace_digest))
        return error_set(error, ERROR_INPUT,
                         "cannot merge %s and %s: they are of two traces: '%s' (%s) and '%s' (%s): add --side-by-side",
                         one_name, other_name, one->trace, one->trace_digest, other->trace, other->trace_digest);
    if (strcmp(one->version, other->version))
        return error_set(error, ERROR_INPUT,
                         "cannot merge %s and %s: they are of two versions of evsim, %s and %s: run both with one",
                         one_name, other_name, one->version, other->version);
    if (compare_settings(one, other, one_name, other_name, error) ||
        compare_settings(other, one, other_name, one_name, error))
        return -1;
    if (one->warmup_us != other->warmup_us)
        return error_set(error, ERROR_INPUT,
                         "cannot merge %s and %s: their totals leave out %s and %s of the trace's beginning: run both "
                         "with one time, as --warmup 30m",
                         one_name, other_name, print_duration(warmup, one->warmup_us),
                         print_duration(other_warmup, other->warmup_us));
    for (size_t i = 0; i < run_layout.field_count; i++) {
        const struct layout_field *field = &run_layout.fields[i];

        if (!IS_IN(field->name, other_fields) && !field_equal(field, one, other))
            return error_set(error, ERROR_INPUT,
                             "cannot merge %s and %s: of one trace, with the same settings, they differ in %s",
                             one_name, other_name, field->name);
    }
    return 0;
}

/* ---- the order of results ---- */

/* The values of one dimension of the grid, in the order of their first appearance. */
struct dimension {
    const char **texts;
    uint64_t *numbers;
    size_t count;
};

static size_t place_of_text(struct dimension *dimension, const char *text)
{
    size_t i = 0;

    while (i < dimension->count && strcmp(dimension->texts[i], text))
        i++;
    if (i == dimension->count) {
        dimension->texts = xrealloc(dimension->texts, (i + 1) * sizeof *dimension->texts);
        dimension->texts[dimension->count++] = text;
    }
    return i;
}

static size_t place_of_number(struct dimension *dimension, uint64_t number)
{
    size_t i = 0;

    while (i < dimension->count && dimension->numbers[i] != number)
        i++;
    if (i == dimension->count) {
        dimension->numbers = xrealloc(dimension->numbers, (i + 1) * sizeof *dimension->numbers);
        dimension->numbers[dimension->count++] = number;
    }
    return i;
}

struct placed {
    size_t cluster, server, size, policy; /* place in the grid */
    uint64_t seed;
    size_t part; /* the part that it is from */
    struct result *result;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    if (x->server != y->server)
        return x->server < y->server ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    if (x->policy != y->policy)
        return x->policy < y->policy ? -1 : 1;
    if (x->seed != y->seed)
        return x->seed < y->seed ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}

static bool same_cell(const struct placed *a, const struct placed *b)
{
    return a->cluster == b->cluster && a->server == b->server && a->size == b->size && a->policy == b->policy;
}

/* All results of the parts, sorted by their place. */
static struct placed *place_results(struct run *parts, size_t count, size_t *total)
{
    struct dimension clusters = {0}, servers = {0}, sizes = {0}, policies = {0};
    struct placed *all, *next;

    *total = 0;
    for (size_t i = 0; i < count; i++)
        *total += parts[i].result_count;
    all = next = xcalloc(*total ? *total : 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < parts[i].result_count; j++) {
            struct result *result = &parts[i].results[j];

            *next++ = (struct placed){
                .cluster = place_of_text(&clusters, result->cluster ? result->cluster : ""),
                .server = place_of_text(&servers, result->server),
                .size = place_of_number(&sizes, result->maxmemory),
                .policy = place_of_text(&policies, result->policy),
                .seed = result->seed,
                .part = i,
                .result = result,
            };
        }
    qsort(all, *total, sizeof *all, by_place);
    free(clusters.texts);
    free(servers.texts);
    free(sizes.numbers);
    free(policies.texts);
    return all;
}

/* ---- merging ---- */

static int compare_twins(const struct placed *one, const struct placed *other, const char *const *names,
                         struct error *error)
{
    const struct result *result = one->result;
    char size[UNITS_TEXT];

    if (fields_equal(&result_layout, one->result, other->result))
        return 0;
    return error_set(error, ERROR_INPUT,
                     "cannot merge %s and %s: both have %s %s %s seed %" PRIu64 ", and the results are not the same",
                     names[one->part], names[other->part], result->server, result->policy,
                     print_maxmemory(size, result->maxmemory), result->seed);
}

/* Moves the results to the merged run. A result that two parts have is taken once. */
static int take_results(struct run *parts, const char *const *names, size_t count, struct run *merged,
                        struct error *error)
{
    size_t total, seeds = 0;
    struct placed *all = place_results(parts, count, &total);
    int status = 0;

    merged->results = xcalloc(total ? total : 1, sizeof *merged->results);
    for (size_t i = 0, last = 0; i < total && !status; i++) {
        if (i && same_cell(&all[i], &all[last]) && all[i].seed == all[last].seed) {
            /* the first of the twins has moved to the merged results, where it is the last */
            all[last].result = &merged->results[merged->result_count - 1];
            status = compare_twins(&all[last], &all[i], names, error);
            continue;
        }
        seeds = i && same_cell(&all[i], &all[last]) ? seeds + 1 : 1;
        if (seeds > merged->seed_count)
            merged->seed_count = seeds;
        merged->results[merged->result_count++] = *all[i].result;
        *all[i].result = (struct result){0};
        last = i;
    }
    free(all);
    return status;
}

static const struct bound *find_bound(const struct run *parts, size_t count, uint64_t maxmemory)
{
    const struct bound *bound = NULL;

    for (size_t i = 0; i < count && !bound; i++)
        bound = run_bound(&parts[i], maxmemory);
    return bound;
}

/* The order is that of a run: the order of the results, then the bound without a limit. */
static int take_bounds(const struct run *parts, const char *const *names, size_t count, struct run *merged,
                       struct error *error)
{
    size_t most = 1;

    for (size_t i = 0; i < count; i++)
        most += parts[i].bound_count;
    if (most == 1)
        return 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < parts[i].bound_count; j++)
            if (!fields_equal(&bound_layout, &parts[i].bounds[j],
                              find_bound(parts, count, parts[i].bounds[j].maxmemory)))
                return error_set(error, ERROR_INPUT, "cannot merge %s with the others: its bounds are not the same",
                                 names[i]);
    merged->bounds = xcalloc(most, sizeof *merged->bounds);
    for (size_t i = 0; i < merged->result_count; i++)
        if (!run_bound(merged, merged->results[i].maxmemory))
            merged->bounds[merged->bound_count++] = *find_bound(parts, count, merged->results[i].maxmemory);
    if (!run_bound(merged, 0))
        merged->bounds[merged->bound_count++] = *find_bound(parts, count, 0);
    return 0;
}

/* Those of all parts, each once; runs of one trace and with one setting have the same of a server. */
static void take_whole_sizes(struct run *parts, size_t count, struct run *merged)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < parts[i].whole_size_count; j++) {
            struct whole_size *set = &parts[i].whole_sizes[j];
            size_t place = 0;

            while (place < merged->whole_size_count && strcmp(merged->whole_sizes[place].server, set->server))
                place++;
            if (place < merged->whole_size_count)
                continue;
            merged->whole_sizes = xrealloc(merged->whole_sizes, (place + 1) * sizeof *merged->whole_sizes);
            merged->whole_sizes[place] = *set;
            merged->whole_sizes[place].server = xstrdup(set->server);
            merged->whole_size_count++;
        }
}

/* Joins texts without repetition: "a", "b" and "a" give "a; b". */
static void join_text(char **text, const char *more, const char *separator)
{
    size_t length = strlen(more), wide = strlen(separator), bytes = strlen(*text) + wide + length + 1;
    char *joined;

    for (const char *part = *text; part; part = strstr(part, separator) ? strstr(part, separator) + wide : NULL)
        if (!strncmp(part, more, length) && (!part[length] || !strncmp(part + length, separator, wide)))
            return;
    joined = xmalloc(bytes);
    snprintf(joined, bytes, "%s%s%s", *text, separator, more);
    free(*text);
    *text = joined;
}

/* Whether the seeds of the results are seed_count consecutive numbers. `first` is the lowest. */
static bool seeds_in_a_row(const struct run *run, uint64_t *first)
{
    uint64_t lowest = UINT64_MAX, highest = 0;

    for (size_t i = 0; i < run->result_count; i++) {
        lowest = run->results[i].seed < lowest ? run->results[i].seed : lowest;
        highest = run->results[i].seed > highest ? run->results[i].seed : highest;
    }
    *first = lowest;
    return run->result_count && highest - lowest == run->seed_count - 1;
}

static void set_number(char **text, uint64_t number)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, number);
    free(*text);
    *text = xstrdup(digits);
}

/* Joins the commands, and the settings of the grid as lists that the options accept, so the merged run can be made
 * again. */
static void take_commands(const struct run *parts, size_t count, struct run *merged)
{
    uint64_t first_seed;
    bool in_a_row = seeds_in_a_row(merged, &first_seed);

    for (size_t i = 1; i < count; i++)
        join_text(&merged->command, parts[i].command, "; ");
    for (size_t j = 0; j < merged->setting_count; j++) {
        const char *name = merged->settings[j].name;
        char **value = &merged->settings[j].value;

        for (size_t i = 1; i < count && setting_chooses_cells(name); i++)
            join_text(value, run_setting(&parts[i], name) ? run_setting(&parts[i], name) : "", ",");
        if (in_a_row && !strcmp(name, "seed"))
            set_number(value, first_seed);
        if (in_a_row && !strcmp(name, "seeds"))
            set_number(value, merged->seed_count);
    }
}

static int compare_all(const struct run *parts, const char *const *names, size_t count, struct error *error)
{
    for (size_t i = 1; i < count; i++)
        if (compare(&parts[0], &parts[i], names[0], names[i], error))
            return -1;
    return 0;
}

/* All fields but results and bounds are the first part's. */
static void take_head(struct run *parts, struct run *merged)
{
    struct run head = parts[0];

    parts[0] = (struct run){.results = head.results, .result_count = head.result_count, .bounds = head.bounds};
    parts[0].bound_count = head.bound_count;
    head.results = merged->results;
    head.result_count = merged->result_count;
    head.bounds = merged->bounds;
    head.bound_count = merged->bound_count;
    if (merged->seed_count)
        head.seed_count = merged->seed_count;
    *merged = head;
}

/* Some warnings depend on the results, so they are found again. */
static void find_warnings(struct run *merged)
{
    while (merged->warning_count)
        fields_release(&warning_layout, &merged->warnings[--merged->warning_count]);
    warnings_find(merged);
}

int run_merge(struct run *parts, const char *const *names, size_t count, struct run *merged, struct error *error)
{
    if (compare_all(parts, names, count, error) || take_results(parts, names, count, merged, error) ||
        take_bounds(parts, names, count, merged, error))
        return -1;
    take_head(parts, merged);
    take_whole_sizes(parts, count, merged);
    take_commands(parts, count, merged);
    find_warnings(merged);
    return 0;
}

int run_join(struct run *parts, const char *const *names, const struct span *spans, size_t count, size_t cells,
             struct run *whole, struct error *error)
{
    size_t times = parts[0].result_count / spans[0].count;

    if (compare_all(parts, names, count, error))
        return -1;
    whole->result_count = cells * times;
    whole->results = xcalloc(whole->result_count, sizeof *whole->results);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < parts[i].result_count; j++) {
            size_t place = j / spans[i].count * cells + spans[i].first + j % spans[i].count;

            whole->results[place] = parts[i].results[j];
            parts[i].results[j] = (struct result){0};
        }
    if (take_bounds(parts, names, count, whole, error))
        return -1;
    take_head(parts, whole);
    find_warnings(whole);
    return 0;
}

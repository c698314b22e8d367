/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stacks: what the stacked figures stack: misses by cause, the parts of used_memory, groups of keys. */
#include "reports/figure.h"

#include <string.h>

/* Misses per second of a cause over the window. */
static double misses_at(const struct plan *plan, struct cell cell, size_t index, size_t window, size_t cause)
{
    const size_t offset = offsetof(struct sample, misses_cold) + cause * sizeof(uint64_t);
    double sum = 0, seconds = 0;

    (void)plan;
    for (size_t seed = 0; seed < cell.count; seed++) {
        const struct sample *now = &cell.results[seed].curve.samples[index], zero = {0};
        const struct sample *before = index >= window ? now - window : &zero;

        sum += (double)*(const uint64_t *)((const char *)now + offset) -
               (double)*(const uint64_t *)((const char *)before + offset);
        seconds += (double)(now->time_us - before->time_us) / 1e6;
    }
    return seconds > 0 ? sum / seconds : 0;
}

/* ---- the parts of used_memory, some of them together ---- */

enum { MEMORY_PARTS = 15 };

static uint64_t part_of_sample(const struct sample *sample, size_t part)
{
    switch (part) {
    case 0:
        return sample->memory_startup + sample->memory_histograms + sample->memory_logs + sample->memory_scripts +
               sample->memory_other;
    case 1:
        return sample->memory_clients + sample->memory_pubsub + sample->memory_arguments;
    case 2:
        return sample->memory_query_buffers;
    case 3:
        return sample->memory_output_buffers;
    case 4:
        return sample->memory_backlog + sample->memory_replicas;
    case 5:
        return sample->memory_tables;
    case 6:
        return sample->memory_rehashing;
    case 7:
        return sample->memory_expires + sample->memory_blessed;
    case 8:
        return sample->memory_keys;
    case 9:
        return sample->memory_strings;
    case 10:
        return sample->memory_hashes;
    case 11:
        return sample->memory_lists;
    case 12:
        return sample->memory_sets;
    case 13:
        return sample->memory_zsets;
    default:
        return sample->memory_streams;
    }
}

static double memory_at(const struct plan *plan, struct cell cell, size_t index, size_t window, size_t part)
{
    double sum = 0;

    (void)plan;
    (void)window;
    for (size_t seed = 0; seed < cell.count; seed++)
        sum += (double)part_of_sample(&cell.results[seed].curve.samples[index], part);
    return sum / (double)cell.count;
}

/* ---- groups of keys: what is under them, the plan's groups, and all others ---- */

/* What a result's groups in this place of the stack have at a sample; place 0: all of them. */
static double group_value(const struct plan *plan, const struct result *result, size_t index, size_t part,
                          size_t offset)
{
    const uint8_t *places = &plan->group_places[(size_t)(result - plan->run->results) * plan->group_stride];
    double sum = 0;

    for (size_t i = 0; i < result->group_curve_count; i++)
        if (!part || places[i] + (size_t)1 == part)
            sum += (double)*(const uint64_t *)((const char *)&result->group_curves[i].points[index] + offset);
    return sum;
}

static double group_bytes_at(const struct plan *plan, struct cell cell, size_t index, size_t window, size_t part)
{
    const size_t offset = offsetof(struct group_point, bytes);
    double sum = 0;

    (void)window;
    for (size_t seed = 0; seed < cell.count; seed++) {
        double value = group_value(plan, &cell.results[seed], index, part, offset);

        sum += part ? value : (double)cell.results[seed].curve.samples[index].used_memory - value;
    }
    return sum / (double)cell.count;
}

static double group_misses_at(const struct plan *plan, struct cell cell, size_t index, size_t window, size_t part)
{
    const size_t offset = offsetof(struct group_point, misses);
    double sum = 0, seconds = 0;

    for (size_t seed = 0; part && seed < cell.count; seed++) {
        const struct sample *samples = cell.results[seed].curve.samples;

        sum += group_value(plan, &cell.results[seed], index, part, offset);
        if (index >= window)
            sum -= group_value(plan, &cell.results[seed], index - window, part, offset);
        seconds += (double)(samples[index].time_us - (index >= window ? samples[index - window].time_us : 0)) / 1e6;
    }
    return seconds > 0 ? sum / seconds : 0;
}

/* ---- names and colours ---- */

/* In the order of enum miss_cause: colours from what nothing helps against to what memory does. What lies on one another in a stack
 * is told apart in grey, too: their greys are 20 of 255 apart at least (tests/test_figure_looks.c). */
static const char *const cause_names[MISS_CAUSES] = {
    "cold", "expired, lazily", "expired, by cycle", "evicted", "deleted", "flushed", "refused for OOM", "not admitted",
};
static const char *const cause_columns[MISS_CAUSES] = {
    "misses_cold_per_second",    "misses_expired_lazily_per_second", "misses_expired_by_cycle_per_second",
    "misses_evicted_per_second", "misses_deleted_per_second",        "misses_flushed_per_second",
    "misses_refused_per_second", "misses_not_admitted_per_second",
};
static const char *const cause_colours[MISS_CAUSES] = {
    "#BBBBBB", "#56B4E9", "#0072B2", "#E66100", "#CC79A7", "#DDCC77", "#882255", "#009E73",
};

const struct stack stack_misses_by_cause = {
    .parts = MISS_CAUSES, .names = cause_names, .columns = cause_columns, .colours = cause_colours, .value = misses_at};

static const char *const memory_names[MEMORY_PARTS] = {
    "the server",  "clients", "query buffers", "output buffers", "replication", "hash tables", "tables emptied", "ttls",
    "keys' names", "strings", "hashes",        "lists",          "sets",        "sorted sets", "streams",
};
static const char *const memory_columns[MEMORY_PARTS] = {
    "server", "clients", "query_buffers", "output_buffers", "replication", "tables", "rehashing", "expires",
    "keys",   "strings", "hashes",        "lists",          "sets",        "zsets",  "streams",
};
/* Greys: the server; yellows and reds: clients; greens: what keys need besides their values; blues and purples: values. */
static const char *const memory_colours[MEMORY_PARTS] = {
    "#BBBBBB", "#FFEE88", "#E69F00", "#D55E00", "#661100", "#117733", "#BBCC33", "#44AA99",
    "#BBEECC", "#56B4E9", "#0072B2", "#332288", "#AA4499", "#CC79A7", "#882255",
};

const struct stack stack_memory_by_part = {.parts = MEMORY_PARTS,
                                           .names = memory_names,
                                           .columns = memory_columns,
                                           .colours = memory_colours,
                                           .value = memory_at};

static const char *const group_names[] = {"not of keys", "all other groups"};
static const char *const group_columns[] = {"not_of_keys", "others"};
/* Grey: not of keys; the groups; light grey: all others. */
static const char *const group_colours[PLAN_GROUPS + 2] = {
    "#888888", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#332288",
    "#999933", "#882255", "#44AA99", "#DDCC77", "#AA4499", "#6699CC", "#117733", "#DDDDDD",
};

const struct stack stack_memory_by_group = {
    .names = group_names, .columns = group_columns, .colours = group_colours, .value = group_bytes_at};
const struct stack stack_misses_by_group = {
    .names = group_names, .columns = group_columns, .colours = group_colours, .value = group_misses_at};

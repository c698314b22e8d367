/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/grid.h"

#include "sim/alloc.h"
#include "sim/printable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_group(const struct result *a, const struct result *b)
{
    return a->maxmemory == b->maxmemory && strcmp(a->server, b->server) == 0 && result_same_cluster(a, b);
}

static bool same_cell(const struct result *a, const struct result *b)
{
    return same_group(a, b) && strcmp(a->policy, b->policy) == 0;
}

struct cell_list cell_list_make(const struct run *run)
{
    struct cell_list list = {.cells = xcalloc(run->result_count + 1, sizeof *list.cells)};

    for (size_t i = 0; i < run->result_count; i++) {
        if (i == 0 || !same_cell(&run->results[i - 1], &run->results[i]))
            list.cells[list.count++].results = &run->results[i];
        list.cells[list.count - 1].count++;
    }
    return list;
}

void cell_list_release(struct cell_list *list)
{
    free(list->cells);
}

size_t cell_list_group_end(const struct cell_list *list, size_t first)
{
    size_t end = first + 1;

    while (end < list->count && same_group(list->cells[first].results, list->cells[end].results))
        end++;
    return end;
}

bool cell_list_has_servers(const struct cell_list *list)
{
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->cells[0].results->server, list->cells[i].results->server) != 0 ||
            !result_same_cluster(list->cells[0].results, list->cells[i].results))
            return true;
    return false;
}

bool cell_is_ample(struct cell cell)
{
    return cell_counter(cell, COUNTER_evicted_keys).mean + cell_counter(cell, COUNTER_oom_rejections).mean == 0;
}

bool cell_list_has_even_seeds(const struct cell_list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        if (list->cells[i].count != list->cells[0].count)
            return false;
        for (size_t j = 0; j < list->cells[0].count; j++)
            if (list->cells[i].results[j].seed != list->cells[0].results[j].seed)
                return false;
    }
    return true;
}

/* The place of the text in the list. A new text is appended. */
static size_t place_of(const char **texts, size_t *count, const char *text)
{
    size_t i = 0;

    while (i < *count && strcmp(texts[i], text) != 0)
        i++;
    if (i == *count)
        texts[(*count)++] = text;
    return i;
}

/* No limit, 0, sorts last: 0 - 1 is the greatest number. */
static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a - 1, right = *(const uint64_t *)b - 1;

    return (left > right) - (left < right);
}

static void find_sizes(struct cell_table *table, const struct cell_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        table->sizes[i] = list->cells[i].results->maxmemory;
    qsort(table->sizes, list->count, sizeof *table->sizes, by_size);
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || table->sizes[i] != table->sizes[kept - 1])
            table->sizes[kept++] = table->sizes[i];
    table->size_count = kept;
}

static size_t index_in(const struct cell_table *table, size_t server, size_t size, size_t policy)
{
    return (server * table->size_count + size) * table->policy_count + policy;
}

void cell_server_print(const struct result *result, char *text, size_t bytes)
{
    char cluster[CELL_SERVER_TEXT / 2];

    printable_copy(cluster, sizeof cluster, result->cluster ? result->cluster : "",
                   result->cluster ? strlen(result->cluster) : 0);
    snprintf(text, bytes, "%.40s%s%s", result->server, result->cluster ? ", " : "", cluster);
}

/* The place of the result's server. */
static size_t place_of_server(struct cell_table *table, const struct result *result)
{
    char text[CELL_SERVER_TEXT];
    size_t i = 0;

    cell_server_print(result, text, sizeof text);
    while (i < table->server_count && strcmp(table->servers[i], text) != 0)
        i++;
    if (i == table->server_count)
        table->servers[table->server_count++] = xstrdup(text);
    return i;
}

struct cell_table cell_table_make(const struct cell_list *list)
{
    size_t room = list->count + 1; /* upper bound of each count */
    struct cell_table table = {
        .servers = xcalloc(room, sizeof *table.servers),
        .policies = xcalloc(room, sizeof *table.policies),
        .sizes = xcalloc(room, sizeof *table.sizes),
    };

    find_sizes(&table, list);
    for (size_t i = 0; i < list->count; i++) {
        place_of_server(&table, list->cells[i].results);
        place_of(table.policies, &table.policy_count, list->cells[i].results->policy);
    }
    room = table.server_count * table.size_count * table.policy_count;
    table.cells = xcalloc(room + 1, sizeof *table.cells);
    for (size_t i = 0; i < list->count; i++) {
        const struct result *result = list->cells[i].results;
        const uint64_t *size = bsearch(&result->maxmemory, table.sizes, table.size_count, sizeof *table.sizes, by_size);

        table.cells[index_in(&table, place_of_server(&table, result), (size_t)(size - table.sizes),
                             place_of(table.policies, &table.policy_count, result->policy))] = &list->cells[i];
    }
    return table;
}

void cell_table_release(struct cell_table *table)
{
    for (size_t i = 0; i < table->server_count; i++)
        free(table->servers[i]);
    free(table->servers);
    free(table->policies);
    free(table->sizes);
    free(table->cells);
}

const struct cell *cell_table_at(const struct cell_table *table, size_t server, size_t size, size_t policy)
{
    return table->cells[index_in(table, server, size, policy)];
}

struct estimate cell_counter(struct cell cell, int counter)
{
    double *values = xmalloc(cell.count * sizeof *values);
    struct estimate estimate;

    for (size_t i = 0; i < cell.count; i++)
        values[i] = (double)counter_get(&cell.results[i].counters, counter);
    estimate = estimate_mean(values, cell.count);
    free(values);
    return estimate;
}

struct estimate cell_ratio(struct cell cell, double (*ratio)(const struct result *result))
{
    double *values = xmalloc(cell.count * sizeof *values);
    struct estimate estimate;

    for (size_t i = 0; i < cell.count; i++)
        values[i] = ratio(&cell.results[i]);
    estimate = estimate_mean(values, cell.count);
    free(values);
    return estimate;
}

struct estimate cell_moment(struct cell cell, int field)
{
    double *values = xmalloc(cell.count * sizeof *values);
    struct estimate estimate;
    size_t count = 0;

    for (size_t i = 0; i < cell.count; i++) {
        int64_t time_us = moment_get(&cell.results[i].moments, field);

        if (time_us >= 0)
            values[count++] = (double)time_us / 1e6;
    }
    estimate = estimate_mean(values, count);
    free(values);
    return estimate;
}

size_t cell_samples(struct cell cell)
{
    size_t samples = cell.results[0].curve.count;

    for (size_t i = 1; i < cell.count; i++)
        if (cell.results[i].curve.count < samples)
            samples = cell.results[i].curve.count;
    return samples;
}

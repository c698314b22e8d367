/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_groups.h"

#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Lines of a block, and blocks: whatever is more is in groups.csv. */
enum { LINES_MOST = 12, BLOCKS_MOST = 8, NAME_WIDTH = 24 };

enum { GROUP, BYTES, KEYS, REQUESTS, HIT_RATIO, MISSES, EVICTED, EXPIRED, OOM, COLUMNS };

static const char *const titles[COLUMNS] = {
    [GROUP] = "group",       [BYTES] = "memory",        [KEYS] = "keys",
    [REQUESTS] = "requests", [HIT_RATIO] = "hit ratio", [MISSES] = "misses",
    [EVICTED] = "evicted",   [EXPIRED] = "expired",     [OOM] = "OOM",
};

static int by_bytes(const void *a, const void *b)
{
    const struct group *x = *(const struct group *const *)a, *y = *(const struct group *const *)b;

    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    if (x->requests != y->requests)
        return x->requests < y->requests ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void put_count(char *field, uint64_t count)
{
    char text[UNITS_TEXT];

    snprintf(field, TEXT_FIELD, "%s", count ? print_count(text, count) : "-");
}

static void fill(struct text_row *row, const struct group *group, const char *name, const struct result *result)
{
    char text[UNITS_TEXT];

    printable_copy(row->fields[GROUP], NAME_WIDTH, name, strlen(name));
    snprintf(row->fields[BYTES], TEXT_FIELD, "%s",
             result->unit_sizes ? print_count(text, group->bytes) : print_bytes(text, group->bytes));
    put_count(row->fields[KEYS], group->keys);
    put_count(row->fields[REQUESTS], group->requests);
    if (group->reads)
        snprintf(row->fields[HIT_RATIO], TEXT_FIELD, "%.2f %%", 100 * (double)group->hits / (double)group->reads);
    else
        snprintf(row->fields[HIT_RATIO], TEXT_FIELD, "-");
    put_count(row->fields[MISSES], group->misses);
    put_count(row->fields[EVICTED], group->evicted_keys);
    put_count(row->fields[EXPIRED], group->expired_keys);
    put_count(row->fields[OOM], group->oom_rejections);
}

static void add(struct group *sum, const struct group *group)
{
    sum->bytes += group->bytes;
    sum->keys += group->keys;
    sum->requests += group->requests;
    sum->reads += group->reads;
    sum->hits += group->hits;
    sum->misses += group->misses;
    sum->evicted_keys += group->evicted_keys;
    sum->expired_keys += group->expired_keys;
    sum->oom_rejections += group->oom_rejections;
}

static void put_rows(const struct text_row *rows, size_t count, FILE *out)
{
    struct text_table table = {.columns = COLUMNS, .texts = 1 << GROUP};

    for (int column = 0; column < COLUMNS; column++) {
        bool says_something = false;

        for (size_t i = 0; i < count; i++)
            says_something |= strcmp(rows[i].fields[column], "-") != 0;
        if (says_something)
            text_table_measure(&table, column, titles[column]);
        for (size_t i = 0; i < count && says_something; i++)
            text_table_measure(&table, column, rows[i].fields[column]);
    }
    text_table_put_titles(&table, titles, out);
    text_table_put_rule(&table, out);
    for (size_t i = 0; i < count; i++)
        text_table_put_row(&table, &rows[i], out);
    text_table_put_rule(&table, out);
}

static void put_block(const struct result *result, bool has_seeds, FILE *out)
{
    const struct group **order = xcalloc(result->group_count + 1, sizeof(struct group *));
    struct text_row *rows = xcalloc(LINES_MOST + 1, sizeof *rows);
    size_t count = 0, shown = result->group_count <= LINES_MOST ? result->group_count : LINES_MOST - 1;
    struct group rest = {0};
    char size[TEXT_FIELD], policy[TEXT_FIELD], name[64];

    for (size_t i = 0; i < result->group_count; i++)
        order[i] = &result->groups[i];
    qsort(order, result->group_count, sizeof *order, by_bytes);
    for (size_t i = 0; i < shown; i++)
        fill(&rows[count++], order[i], order[i]->name, result);
    for (size_t i = shown; i < result->group_count; i++)
        add(&rest, order[i]);
    if (shown < result->group_count) {
        snprintf(name, sizeof name, "(%zu more)", result->group_count - shown);
        fill(&rows[count++], &rest, name, result);
    }
    printable_copy(policy, sizeof policy, result->policy, strlen(result->policy));
    text_maxmemory(size, result->maxmemory, result->unit_sizes);
    fprintf(out, "\nby group: %s, %s, %s%s", result->server, policy, result->maxmemory ? "maxmemory " : "", size);
    if (has_seeds)
        fprintf(out, ", seed %" PRIu64, result->seed);
    putc('\n', out);
    put_rows(rows, count, out);
    free(rows);
    free(order);
}

void table_put_groups(const struct run *run, const struct cell_list *list, FILE *out)
{
    for (size_t i = 0; i < list->count && i < BLOCKS_MOST; i++)
        if (list->cells[i].results->groups)
            put_block(list->cells[i].results, run->seed_count > 1, out);
    if (list->count > BLOCKS_MOST && list->cells[0].results->groups)
        fprintf(out, "the other %zu lines' groups are in groups.csv (-o DIR) and --json\n", list->count - BLOCKS_MOST);
}

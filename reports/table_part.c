/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_part.h"

#include "sim/alloc.h"
#include "sim/printable.h"

#include <stdlib.h>
#include <string.h>

/* "45 %", or "-" for none. */
void table_part_share(char *field, double part, double whole)
{
    double percent = whole > 0 ? part / whole * 100 : 0;

    if (!(part > 0))
        snprintf(field, TEXT_FIELD, "-");
    else if (percent < 0.5)
        snprintf(field, TEXT_FIELD, "<1 %%");
    else if (part < whole && percent > 99.5)
        snprintf(field, TEXT_FIELD, ">99 %%");
    else
        snprintf(field, TEXT_FIELD, "%.0f %%", percent);
}

/* "123", "123  45 %", "123 ± 4  45 %", or "-" for none. */
void table_part_count(char *field, struct estimate estimate, double whole, enum part_detail detail)
{
    char share[TEXT_FIELD];
    size_t length;

    if (detail != PART_WITH_INTERVALS)
        estimate.half_width = 0;
    table_part_share(field, estimate.mean, whole);
    if (!(estimate.mean > 0))
        return;
    snprintf(share, sizeof share, "%s", field);
    text_estimated_count(field, estimate);
    length = strlen(field);
    if (detail != PART_ALONE)
        snprintf(field + length, TEXT_FIELD - length, " %5s", share);
}

static void name_cell(struct text_row *row, const struct result *result)
{
    cell_server_print(result, row->fields[PART_SERVER], TEXT_FIELD);
    printable_copy(row->fields[PART_POLICY], TEXT_FIELD, result->policy, strlen(result->policy));
    text_maxmemory(row->fields[PART_MAXMEMORY], result->maxmemory, result->unit_sizes);
}

static bool has_sizes(const struct cell_list *list)
{
    for (size_t i = 1; i < list->count; i++)
        if (list->cells[i].results->maxmemory != list->cells[0].results->maxmemory)
            return true;
    return false;
}

static bool has_policies(const struct cell_list *list)
{
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->cells[i].results->policy, list->cells[0].results->policy) != 0)
            return true;
    return false;
}

static void fill(struct table_part *part, enum part_detail detail)
{
    part->table = (struct text_table){.columns = part->columns, .texts = 1 << PART_SERVER | 1 << PART_POLICY};
    for (int i = 0; i < part->columns; i++)
        text_table_measure(&part->table, i, part->titles[i]);
    for (size_t i = 0; i < part->count; i++) {
        struct cell cell = part->list->cells[part->cells[i]];

        part->rows[i] = (struct text_row){0};
        name_cell(&part->rows[i], cell.results);
        part->fill(part->run, &part->rows[i], cell, detail);
        text_table_measure_row(&part->table, &part->rows[i]);
    }
    if (part->has_titles || !cell_list_has_servers(part->list))
        part->table.widths[PART_SERVER] = 0;
    if (part->has_titles || !has_sizes(part->list))
        part->table.widths[PART_MAXMEMORY] = 0;
    if (part->list->count > 1 && !has_policies(part->list))
        part->table.widths[PART_POLICY] = 0;
    text_table_put_long_alone(&part->table, PART_POLICY, PART_WIDTH);
}

static bool says_nothing(const struct table_part *part, int column)
{
    for (size_t i = 0; i < part->count; i++)
        if (strcmp(part->rows[i].fields[column], "-") != 0)
            return false;
    return true;
}

/* `hidden`: bit i: column i is left out, after all else was tried. Columns that say nothing are, too. */
void table_part_fit(struct table_part *part, unsigned hidden)
{
    int ways = has_policies(part->list) ? 2 * PART_DETAILS : PART_DETAILS;

    for (int i = hidden ? ways - PART_DETAILS : 0; i < ways; i++) {
        part->has_titles = i >= PART_DETAILS;
        fill(part, (enum part_detail)(i % PART_DETAILS));
        for (int j = 0; j < part->columns; j++)
            if (hidden >> j & 1 || says_nothing(part, j))
                part->table.widths[j] = 0;
        if (text_table_width(&part->table) <= PART_WIDTH)
            return;
    }
}

void table_part_init(struct table_part *part, const struct run *run, const struct cell_list *list)
{
    part->run = run;
    part->list = list;
    part->rows = xcalloc(list->count + 1, sizeof *part->rows);
    part->cells = xcalloc(list->count + 1, sizeof *part->cells);
    for (size_t i = 0; i < list->count; i++)
        if (part->has_line(list->cells[i]))
            part->cells[part->count++] = i;
}

void table_part_release(struct table_part *part)
{
    free(part->rows);
    free(part->cells);
}

static void put_title(const struct table_part *part, const struct text_row *row, FILE *out)
{
    bool with_server = cell_list_has_servers(part->list), with_size = has_sizes(part->list);
    bool is_limit = strcmp(row->fields[PART_MAXMEMORY], "no limit") != 0;

    if (part->has_titles && (with_server || with_size))
        fprintf(out, "%s%s%s%s\n", with_server ? row->fields[PART_SERVER] : "", with_server && with_size ? ", " : "",
                with_size && is_limit ? "maxmemory " : "", with_size ? row->fields[PART_MAXMEMORY] : "");
}

/* Whether lines of different servers or sizes have to be kept apart: not where each has one line. */
static bool has_blocks(const struct table_part *part)
{
    for (size_t i = 1; i < part->count; i++)
        if (part->cells[i] < cell_list_group_end(part->list, part->cells[i - 1]))
            return true;
    return false;
}

/* How many lines from the first of a block on, which ends before cell `end`, say the same, in all of it: 1 otherwise. */
static size_t alike(const struct table_part *part, size_t first, size_t end)
{
    size_t i = first;

    for (; part->joins && i < part->count && part->cells[i] < end; i++)
        for (int column = PART_MAXMEMORY; column < part->columns; column++)
            if (!cell_is_ample(part->list->cells[part->cells[i]]) ||
                strcmp(part->rows[i].fields[column], part->rows[first].fields[column]) != 0)
                return 1;
    return i > first ? i - first : 1;
}

/* A rule separates what cannot be compared. */
void table_part_put(const struct table_part *part, const char *heading, FILE *out)
{
    bool with_rules = part->has_titles || has_blocks(part);
    size_t end = 0;

    fprintf(out, "\n%s\n", heading);
    text_table_put_titles(&part->table, part->titles, out);
    for (size_t i = 0, same; i < part->count; i += same) {
        bool begins = part->cells[i] >= end;

        if (begins) {
            if (!i || with_rules)
                text_table_put_rule(&part->table, out);
            end = cell_list_group_end(part->list, part->cells[i]);
            put_title(part, &part->rows[i], out);
        }
        same = begins ? alike(part, i, end) : 1;
        if (same > 1)
            snprintf(part->rows[i].fields[PART_POLICY], TEXT_FIELD, "any of %zu", same);
        text_table_put_row(&part->table, &part->rows[i], out);
    }
    text_table_put_rule(&part->table, out);
}

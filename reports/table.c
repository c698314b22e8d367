/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table: table.txt, the results for people to read. It begins with what was replayed. Then there is one row per cell
 * and one block per group of cells.
 *
 * Only policies of the same block can be compared directly, so the best of each block is marked. With several seeds a
 * number is a mean, and ± gives half the width of its 95 % interval if the seeds disagree. Every percentage is shown
 * with its counts. */
#include "reports/grid.h"
#include "reports/reading.h"
#include "reports/table_groups.h"
#include "reports/table_cost.h"
#include "reports/table_misses.h"
#include "reports/table_servers.h"
#include "reports/table_shards.h"
#include "reports/table_words.h"
#include "reports/text.h"
#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/report.h"
#include "sim/result.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD = TEXT_FIELD };

enum column {
    SERVER,
    POLICY,
    MAXMEMORY,
    HIT_RATIO,
    HITS,
    BYTE_HIT_RATIO,
    EVICTED,
    EXPIRED,
    OOM,
    OOM_SHARE,
    PEAK,
    FINAL,
    RSS,
    KEYS,
    FULL_AFTER, /* this and the next two are moment_fields, whose titles they have */
    FIRST_EVICTION,
    FIRST_OOM,
    COLUMNS
};

static const char *const titles[COLUMNS + 1] = {
    [SERVER] = "server",
    [POLICY] = "policy",
    [MAXMEMORY] = "maxmemory",
    [HIT_RATIO] = "hit ratio",
    [HITS] = "hits/reads",
    [BYTE_HIT_RATIO] = "byte hits",
    [EVICTED] = "evicted",
    [EXPIRED] = "expired",
    [OOM] = "OOM",
    [OOM_SHARE] = "of writes",
    [PEAK] = "peak mem",
    [FINAL] = "final mem",
    [RSS] = "final RSS",
    [KEYS] = "keys",
    [FULL_AFTER] = "full after",
    [FIRST_EVICTION] = "first eviction",
    [FIRST_OOM] = "first OOM",
};

/* In which order columns are left out on a terminal that is too narrow. */
static const int less_important[] = {
    HITS, FIRST_EVICTION, FINAL, BYTE_HIT_RATIO, OOM_SHARE, FIRST_OOM, FULL_AFTER, KEYS, EXPIRED, RSS, PEAK};
enum { LESS_IMPORTANT = sizeof less_important / sizeof *less_important };

/* The best values of a group; NaN when all rows are alike. */
struct best {
    double hit_ratio, oom;
};

static void print_estimated_ratio(char *field, struct estimate estimate)
{
    if (isnan(estimate.mean))
        snprintf(field, FIELD, "-");
    else if (estimate.half_width > 0)
        snprintf(field, FIELD, "%.2f ± %.2f %%", estimate.mean * 100, estimate.half_width * 100);
    else
        snprintf(field, FIELD, "%.2f %%", estimate.mean * 100);
}

static void print_mean_bytes(char *field, const struct result *result, struct estimate estimate)
{
    uint64_t mean = (uint64_t)llround(estimate.mean);
    char text[UNITS_TEXT];

    snprintf(field, FIELD, "%s", result->unit_sizes ? print_count(text, mean) : print_bytes(text, mean));
}

/* The best has a star, and where that can be is bold, too. */
static void mark(char *field, bool is_best, bool bold)
{
    static const char on[] = "\033[1m", off[] = "\033[0m";
    size_t length = strlen(field);

    snprintf(field + length, FIELD - length, "%s", is_best ? "*" : " ");
    length++;
    if (!is_best || !bold || length + sizeof on + sizeof off > FIELD)
        return;
    memmove(field + strlen(on), field, length);
    memcpy(field, on, strlen(on));
    memcpy(field + strlen(on) + length, off, sizeof off);
}

static double final_rss(const struct result *result)
{
    return result->curve.count ? (double)result_last_sample(result)->used_memory_rss : 0;
}

static void fill_row(struct text_row *row, struct cell cell, struct best best, bool bold)
{
    const struct result *result = cell.results;
    struct estimate hit_ratio = cell_ratio(cell, result_hit_ratio);
    struct estimate reads = cell_counter(cell, COUNTER_reads);
    struct estimate oom = cell_counter(cell, COUNTER_oom_rejections);
    bool memory_is_least = false, oom_is_least = false;
    char hits[UNITS_TEXT], of[UNITS_TEXT];

    cell_server_print(result, row->fields[SERVER], FIELD);
    printable_copy(row->fields[POLICY], FIELD - 1, result->policy, strlen(result->policy));
    if (result->policy_is_elsewhere)
        strcat(row->fields[POLICY], "?");
    text_maxmemory(row->fields[MAXMEMORY], result->maxmemory, result->unit_sizes);
    print_estimated_ratio(row->fields[HIT_RATIO], hit_ratio);
    mark(row->fields[HIT_RATIO], hit_ratio.mean == best.hit_ratio, bold);
    if (reads.mean > 0)
        snprintf(row->fields[HITS], FIELD, "%s/%s", text_count(hits, cell_counter(cell, COUNTER_hits).mean),
                 text_count(of, reads.mean));
    else
        snprintf(row->fields[HITS], FIELD, "-");
    print_estimated_ratio(row->fields[BYTE_HIT_RATIO], cell_ratio(cell, result_byte_hit_ratio));
    text_estimated_count(row->fields[EVICTED], cell_counter(cell, COUNTER_evicted_keys));
    text_estimated_count(row->fields[EXPIRED], cell_counter(cell, COUNTER_expired_keys));
    text_estimated_count(row->fields[OOM], oom);
    mark(row->fields[OOM], oom.mean == best.oom, bold);
    print_estimated_ratio(row->fields[OOM_SHARE], cell_ratio(cell, result_oom_share));
    print_mean_bytes(row->fields[PEAK], result, cell_counter(cell, COUNTER_used_memory_peak));
    print_mean_bytes(row->fields[FINAL], result, cell_counter(cell, COUNTER_used_memory));
    print_mean_bytes(row->fields[RSS], result, cell_ratio(cell, final_rss));
    text_estimated_count(row->fields[KEYS], cell_counter(cell, COUNTER_keys));
    for (int i = 0; i < MOMENTS; i++)
        text_moment(row->fields[FULL_AFTER + i], cell_moment(cell, i), cell.count);
    for (size_t i = 0; i < cell.count; i++) {
        memory_is_least |= cell.results[i].memory_is_least;
        oom_is_least |= cell.results[i].oom_is_least;
    }
    text_mark_least(row->fields[EVICTED], memory_is_least);
    text_mark_least(row->fields[PEAK], memory_is_least);
    text_mark_least(row->fields[FINAL], memory_is_least);
    text_mark_least(row->fields[RSS], memory_is_least);
    text_mark_least(row->fields[KEYS], memory_is_least);
    text_mark_least(row->fields[OOM], oom_is_least);
    text_mark_least(row->fields[OOM_SHARE], oom_is_least);
}

/* A row with the bound that no policy of the block can exceed. */
static void fill_bound_row(struct text_row *row, const struct result *result, const struct bound *bound)
{
    char hits[UNITS_TEXT], of[UNITS_TEXT];

    snprintf(row->fields[SERVER], FIELD, "%s", result->server);
    snprintf(row->fields[POLICY], FIELD, "(at most)");
    text_maxmemory(row->fields[MAXMEMORY], bound->maxmemory, result->unit_sizes);
    print_estimated_ratio(row->fields[HIT_RATIO], (struct estimate){.mean = bound_hit_ratio(bound)});
    mark(row->fields[HIT_RATIO], false, false);
    snprintf(row->fields[HITS], FIELD, "%s/%s", print_count(hits, bound->hits), print_count(of, bound->reads));
    print_estimated_ratio(row->fields[BYTE_HIT_RATIO], (struct estimate){.mean = bound_byte_hit_ratio(bound)});
}

/* NaN when all rows have the same value: then no row is marked. */
static double unless_equal(double chosen, double lowest, double highest)
{
    return lowest < highest ? chosen : NAN;
}

static struct best best_of(const struct cell_list *list, size_t first, size_t end)
{
    double least_hits = INFINITY, most_hits = -INFINITY, least_oom = INFINITY, most_oom = -INFINITY;

    for (size_t i = first; i < end; i++) {
        double hits = cell_ratio(list->cells[i], result_hit_ratio).mean;
        double oom = cell_counter(list->cells[i], COUNTER_oom_rejections).mean;

        least_hits = fmin(least_hits, hits);
        most_hits = fmax(most_hits, hits);
        least_oom = fmin(least_oom, oom);
        most_oom = fmax(most_oom, oom);
    }
    return (struct best){.hit_ratio = unless_equal(most_hits, least_hits, most_hits),
                         .oom = unless_equal(least_oom, least_oom, most_oom)};
}

/* The mark makes a column one wider than its numbers, so its title ends with a space. */
static void make_titles(const char *fields[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++)
        fields[i] = titles[i];
    fields[HIT_RATIO] = "hit ratio ";
    fields[OOM] = "OOM ";
}

static void measure_bound(const struct run *run, const struct bound *bound, struct text_table *table)
{
    struct text_row row = {0};

    fill_bound_row(&row, run->results, bound);
    for (int i = SERVER + 1; i < COLUMNS; i++)
        text_table_measure(table, i, row.fields[i]);
}

static void put_bound(const struct run *run, const struct result *result, const struct text_table *table, FILE *out)
{
    const struct bound *bound = run_bound(run, result->maxmemory);
    struct text_row row = {0};

    if (!bound)
        return;
    fill_bound_row(&row, result, bound);
    text_table_put_row(table, &row, out);
}

/* The rows of all cells, in the order of the list; to be freed. */
static struct text_row *make_rows(const struct cell_list *list, bool bold)
{
    struct text_row *rows = xcalloc(list->count ? list->count : 1, sizeof *rows);

    for (size_t first = 0, end; first < list->count; first = end) {
        struct best best;

        end = cell_list_group_end(list, first);
        best = best_of(list, first, end);
        for (size_t i = first; i < end; i++)
            fill_row(&rows[i], list->cells[i], best, bold);
    }
    return rows;
}

/* Whether the column has something to tell: a moment that comes in no cell would be a column of dashes. */
static bool is_told(const struct run *run, const struct cell_list *list, int column)
{
    if (column == RSS)
        return run->has_rss;
    if (column < FULL_AFTER || column > FIRST_OOM)
        return true;
    for (size_t i = 0; i < list->count; i++)
        if (cell_moment(list->cells[i], column - FULL_AFTER).count)
            return true;
    return false;
}

static void measure(const struct run *run, const struct cell_list *list, const struct text_row *rows,
                    const char *const *fields, struct text_table *table)
{
    for (int i = 0; i < COLUMNS; i++)
        text_table_measure(table, i, fields[i]);
    for (size_t i = 0; i < list->count; i++)
        text_table_measure_row(table, &rows[i]);
    if (!cell_list_has_servers(list))
        table->widths[SERVER] = 0; /* the server is named above the table */
    for (int i = 0; i < COLUMNS; i++)
        if (!is_told(run, list, i))
            table->widths[i] = 0;
    for (size_t i = 0; i < run->bound_count; i++)
        measure_bound(run, &run->bounds[i], table);
}

/* The columns that are wanted, also where they have nothing to tell. */
static void choose(const struct run *run, const struct cell_list *list, const struct column_choice *chosen,
                   struct text_row *rows, const char *const *fields, struct text_table *table)
{
    text_table_choose(table, fields, chosen);
    for (int i = 0; i < COLUMNS; i++)
        for (size_t k = 0; k < list->count && table->widths[i]; k++) {
            if (!is_told(run, list, i))
                snprintf(rows[k].fields[i], FIELD, "-");
            text_table_measure(table, i, rows[k].fields[i]);
        }
}

/* Says which columns are left out, and how to see them. */
static void put_left_out(const struct run *run, const struct cell_list *list, const struct text_table *table, FILE *out)
{
    char names[COLUMNS * TEXT_FIELD];
    int length = 0;

    for (int i = SERVER + 1; i < COLUMNS; i++)
        if (!table->widths[i] && is_told(run, list, i))
            length += snprintf(names + length, sizeof names - (size_t)length, "%s%s", length ? ", " : "", titles[i]);
    if (!length)
        return;
    snprintf(names + length, sizeof names - (size_t)length, " (--wide shows all)");
    paragraph_put("not shown:", 11, names, out);
}

/* Whether all of the rows say the same but for the policy, since memory is never short. */
static bool are_alike(const struct cell_list *list, const struct text_row *rows, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        for (int column = MAXMEMORY; column < COLUMNS; column++)
            if (!cell_is_ample(list->cells[i]) || strcmp(rows[i].fields[column], rows[first].fields[column]) != 0)
                return false;
    return end - first > 1;
}

/* One row for all of a block: the policy does not matter there. */
static void put_joined(const struct text_table *table, const struct text_row *row, size_t count, FILE *out)
{
    struct text_row joined = *row;

    snprintf(joined.fields[POLICY], FIELD, "any of %zu", count);
    text_table_put_row(table, &joined, out);
}

/* Whether lines of different servers or sizes have to be kept apart: not where each has one line. */
static bool has_blocks(const struct run *run, const struct cell_list *list)
{
    if (run->bound_count)
        return true;
    for (size_t first = 0, end; first < list->count; first = end) {
        end = cell_list_group_end(list, first);
        if (end - first > 1)
            return true;
    }
    return false;
}

/* The rows of the cells from `first` to before `end`, which are comparable. Returns whether they are joined. */
static bool put_block(const struct run *run, const struct cell_list *list, const struct text_row *rows, size_t first,
                      size_t end, const struct text_table *table, bool may_join, FILE *out)
{
    bool joins = may_join && are_alike(list, rows, first, end);

    if (joins)
        put_joined(table, &rows[first], end - first, out);
    for (size_t i = first; i < end && !joins; i++)
        text_table_put_row(table, &rows[i], out);
    put_bound(run, list->cells[first].results, table, out);
    return joins;
}

/* On lines of so many columns of the terminal, or 0: whatever they take. A server that has no room in a column stands above its
 * blocks. */
static void put_rows(const struct run *run, const struct cell_list *list, const struct outcome *outcome, FILE *out)
{
    int columns = outcome->columns;
    struct text_row *rows = make_rows(list, outcome->bold);
    struct text_table table = {.columns = COLUMNS, .texts = 1 << SERVER | 1 << POLICY};
    const char *fields[COLUMNS];
    bool is_above, has_joined = false;

    make_titles(fields);
    measure(run, list, rows, fields, &table);
    is_above = columns && !outcome->chosen && table.widths[SERVER] && text_table_width(&table) > columns;
    if (is_above)
        table.widths[SERVER] = 0;
    if (columns)
        text_table_put_long_alone(&table, POLICY, columns);
    if (outcome->chosen)
        choose(run, list, outcome->chosen, rows, fields, &table);
    else if (columns)
        text_table_fit(&table, less_important, LESS_IMPORTANT, columns);
    text_table_put_titles(&table, fields, out);
    for (size_t first = 0, end; first < list->count; first = end) {
        end = cell_list_group_end(list, first);
        if (is_above && (!first || strcmp(rows[first].fields[SERVER], rows[first - 1].fields[SERVER]) != 0)) {
            text_table_put_rule(&table, out);
            fprintf(out, "%s\n", rows[first].fields[SERVER]);
        }
        if (!first || is_above || has_blocks(run, list))
            text_table_put_rule(&table, out);
        has_joined |= put_block(run, list, rows, first, end, &table, columns, out);
    }
    text_table_put_rule(&table, out);
    if (has_joined)
        fputs("any of them: nothing was evicted or refused, so that the policy does not matter\n", out);
    if (!outcome->chosen)
        put_left_out(run, list, &table, out);
    free(rows);
}

/* All rows, and no more than that: what is pasted somewhere. */
static void put_markdown(const struct run *run, const struct cell_list *list, const struct column_choice *chosen,
                         FILE *out)
{
    struct text_row *rows = make_rows(list, false);
    struct text_table table = {.columns = COLUMNS, .texts = 1 << SERVER | 1 << POLICY};
    const char *fields[COLUMNS];

    make_titles(fields);
    measure(run, list, rows, fields, &table);
    if (chosen)
        choose(run, list, chosen, rows, fields, &table);
    text_table_put_markdown_titles(&table, fields, out);
    for (size_t i = 0; i < list->count; i++)
        text_table_put_markdown_row(&table, &rows[i], out);
    putc('\n', out);
    free(rows);
}

static bool has_best(const struct cell_list *list)
{
    for (size_t first = 0, end; first < list->count; first = end) {
        struct best best;

        end = cell_list_group_end(list, first);
        best = best_of(list, first, end);
        if (!isnan(best.hit_ratio) || !isnan(best.oom))
            return true;
    }
    return false;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;
    struct cell_list list = cell_list_make(run);

    (void)error;
    table_put_trace(run, out);
    table_put_model(run, &list, out);
    table_put_cluster(run, out);
    reading_put(&run->intake, run->start_assumed ? run->start_unix_us : 0, out);
    warnings_put(run->warnings, run->warning_count, out);
    putc('\n', out);
    if (outcome->markdown) {
        put_markdown(run, &list, outcome->chosen, out);
        if (has_best(&list))
            fputs("\\* best of its block: highest hit ratio, fewest OOM rejections\n", out);
        cell_list_release(&list);
        return 0;
    }
    put_rows(run, &list, outcome, out);
    if (has_best(&list))
        fputs("* best of its block: highest hit ratio, fewest OOM rejections\n", out);
    table_put_legend(run, &list, out);
    if (outcome->chosen) { /* that table, and no other */
        cell_list_release(&list);
        return 0;
    }
    table_put_servers(run, &list, out);
    table_put_misses(run, &list, outcome->columns, out);
    table_put_shards(run, &list, out);
    table_put_groups(run, &list, out);
    table_put_cost(run, &list, out);
    cell_list_release(&list);
    return 0;
}

const struct report report_table = {
    .name = "table.txt",
    .summary = "the table on standard output, to be read",
    .takes = OUTCOME_RUN,
    .print = PRINT_TABLE,
    .has_markdown = true,
    .columns = titles,
    .write = write,
};

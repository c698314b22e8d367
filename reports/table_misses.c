/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_misses.h"

#include "reports/histogram.h"
#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, SERVER = 0, POLICY, MAXMEMORY, FIRST };

/* What a field says when there is room for it. At last counts of misses stay alone, and shares of evicted keys. */
enum detail { WITH_INTERVALS, WITH_SHARES, ALONE, DETAILS };

/* A part of the table: columns FIRST to `columns` are its own. */
struct part {
    const struct cell_list *list;
    const char *const *titles;
    int columns;
    void (*fill)(struct text_row *row, struct cell cell, enum detail detail);
    bool (*has_line)(struct cell cell);
    struct text_row *rows; /* of the cells that have a line, in the order of the list; owned, as is the next */
    size_t *cells;         /* whose each row is */
    size_t count;
    struct text_table table;
    bool has_titles; /* server and maxmemory are not in columns, but above the lines that share them */
};

/* "45 %", or "-" for none. */
static void put_share(char *field, double part, double whole)
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
static void put_part(char *field, struct estimate estimate, double whole, enum detail detail)
{
    char share[TEXT_FIELD];
    size_t length;

    if (detail != WITH_INTERVALS)
        estimate.half_width = 0;
    put_share(field, estimate.mean, whole);
    if (!(estimate.mean > 0))
        return;
    snprintf(share, sizeof share, "%s", field);
    text_estimated_count(field, estimate);
    length = strlen(field);
    if (detail != ALONE)
        snprintf(field + length, TEXT_FIELD - length, " %5s", share);
}

static void name_cell(struct text_row *row, const struct result *result)
{
    snprintf(row->fields[SERVER], TEXT_FIELD, "%s", result->server);
    printable_copy(row->fields[POLICY], TEXT_FIELD, result->policy, strlen(result->policy));
    text_maxmemory(row->fields[MAXMEMORY], result->maxmemory, result->unit_sizes);
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

static void fill(struct part *part, enum detail detail)
{
    part->table = (struct text_table){.columns = part->columns, .texts = 1 << SERVER | 1 << POLICY};
    for (int i = 0; i < part->columns; i++)
        text_table_measure(&part->table, i, part->titles[i]);
    for (size_t i = 0; i < part->count; i++) {
        struct cell cell = part->list->cells[part->cells[i]];

        part->rows[i] = (struct text_row){0};
        name_cell(&part->rows[i], cell.results);
        part->fill(&part->rows[i], cell, detail);
        text_table_measure_row(&part->table, &part->rows[i]);
    }
    if (part->has_titles || !cell_list_has_servers(part->list))
        part->table.widths[SERVER] = 0;
    if (part->has_titles || !has_sizes(part->list))
        part->table.widths[MAXMEMORY] = 0;
    if (part->list->count > 1 && !has_policies(part->list))
        part->table.widths[POLICY] = 0;
}

static bool says_nothing(const struct part *part, int column)
{
    for (size_t i = 0; i < part->count; i++)
        if (strcmp(part->rows[i].fields[column], "-") != 0)
            return false;
    return true;
}

/* `hidden`: bit i: column i is left out, after all else was tried. Columns that say nothing are, too. */
static void fit(struct part *part, unsigned hidden)
{
    int ways = has_policies(part->list) ? 2 * DETAILS : DETAILS;

    for (int i = hidden ? ways - DETAILS : 0; i < ways; i++) {
        part->has_titles = i >= DETAILS;
        fill(part, (enum detail)(i % DETAILS));
        for (int j = 0; j < part->columns; j++)
            if (hidden >> j & 1 || says_nothing(part, j))
                part->table.widths[j] = 0;
        if (text_table_width(&part->table) <= WIDTH)
            return;
    }
}

static void make_part(struct part *part, const struct cell_list *list)
{
    part->list = list;
    part->rows = xcalloc(list->count + 1, sizeof *part->rows);
    part->cells = xcalloc(list->count + 1, sizeof *part->cells);
    for (size_t i = 0; i < list->count; i++)
        if (part->has_line(list->cells[i]))
            part->cells[part->count++] = i;
}

static void release_part(struct part *part)
{
    free(part->rows);
    free(part->cells);
}

static void put_title(const struct part *part, const struct text_row *row, FILE *out)
{
    bool with_server = cell_list_has_servers(part->list), with_size = has_sizes(part->list);
    bool is_limit = strcmp(row->fields[MAXMEMORY], "no limit") != 0;

    if (part->has_titles && (with_server || with_size))
        fprintf(out, "%s%s%s%s\n", with_server ? row->fields[SERVER] : "", with_server && with_size ? ", " : "",
                with_size && is_limit ? "maxmemory " : "", with_size ? row->fields[MAXMEMORY] : "");
}

/* Whether lines of different servers or sizes have to be kept apart: not where each has one line. */
static bool has_blocks(const struct part *part)
{
    for (size_t i = 1; i < part->count; i++)
        if (part->cells[i] < cell_list_group_end(part->list, part->cells[i - 1]))
            return true;
    return false;
}

/* A rule separates what cannot be compared. */
static void put_part_lines(const struct part *part, const char *heading, FILE *out)
{
    bool with_rules = part->has_titles || has_blocks(part);
    size_t end = 0;

    fprintf(out, "\n%s\n", heading);
    text_table_put_titles(&part->table, part->titles, out);
    for (size_t i = 0; i < part->count; i++) {
        if (part->cells[i] >= end) {
            if (!i || with_rules)
                text_table_put_rule(&part->table, out);
            end = cell_list_group_end(part->list, part->cells[i]);
            put_title(part, &part->rows[i], out);
        }
        text_table_put_row(&part->table, &part->rows[i], out);
    }
    text_table_put_rule(&part->table, out);
}

/* ---- why reads missed ---- */

/* Both ways of expiring are one column. */
enum { MISSES = FIRST, COLD, EXPIRED, EVICTED, DELETED, FLUSHED, REFUSED, NOT_ADMITTED, CAUSE_COLUMNS };

static const char *const cause_titles[CAUSE_COLUMNS] = {
    [SERVER] = "server",   [POLICY] = "policy",   [MAXMEMORY] = "maxmemory",       [MISSES] = "misses",
    [COLD] = "cold",       [EXPIRED] = "expired", [EVICTED] = "evicted",           [DELETED] = "deleted",
    [FLUSHED] = "flushed", [REFUSED] = "refused", [NOT_ADMITTED] = "not admitted",
};

static double expired(const struct result *result)
{
    return (double)(result->counters.misses_expired_lazily + result->counters.misses_expired_by_cycle);
}

static struct estimate misses_of(struct cell cell, int column)
{
    static const int counters[CAUSE_COLUMNS] = {
        [MISSES] = COUNTER_misses,
        [COLD] = COUNTER_misses_cold,
        [EVICTED] = COUNTER_misses_evicted,
        [DELETED] = COUNTER_misses_deleted,
        [FLUSHED] = COUNTER_misses_flushed,
        [REFUSED] = COUNTER_misses_refused,
        [NOT_ADMITTED] = COUNTER_misses_not_admitted,
    };

    return column == EXPIRED ? cell_ratio(cell, expired) : cell_counter(cell, counters[column]);
}

static void fill_causes(struct text_row *row, struct cell cell, enum detail detail)
{
    struct estimate misses = misses_of(cell, MISSES);

    text_estimated_count(row->fields[MISSES],
                         detail == WITH_INTERVALS ? misses : (struct estimate){.mean = misses.mean});
    for (int i = COLD; i < CAUSE_COLUMNS; i++)
        put_part(row->fields[i], misses_of(cell, i), misses.mean, detail);
}

static bool always(struct cell cell)
{
    (void)cell;
    return true;
}

static double total(const struct cell_list *list, int column)
{
    double sum = 0;

    for (size_t i = 0; i < list->count; i++)
        sum += misses_of(list->cells[i], column).mean;
    return sum;
}

/* The column with the fewest misses of those that are shown; 0: only one is. */
static int least_shown(const struct part *part)
{
    int least = 0, shown = 0;

    for (int i = COLD; i < CAUSE_COLUMNS; i++) {
        if (!part->table.widths[i])
            continue;
        shown++;
        if (!least || total(part->list, i) < total(part->list, least))
            least = i;
    }
    return shown > 1 ? least : 0;
}

static void put_left_out(unsigned left_out, FILE *out)
{
    const char *before = "in summary.csv only: ";

    for (int i = COLD; i < CAUSE_COLUMNS; i++)
        if (left_out >> i & 1) {
            fprintf(out, "%s%s", before, cause_titles[i]);
            before = ", ";
        }
    if (left_out)
        putc('\n', out);
}

static void put_causes(const struct run *run, const struct cell_list *list, FILE *out)
{
    struct part part = {.titles = cause_titles, .columns = CAUSE_COLUMNS, .fill = fill_causes, .has_line = always};
    unsigned left_out = 0;
    int least;

    make_part(&part, list);
    fit(&part, left_out);
    while (text_table_width(&part.table) > WIDTH && (least = least_shown(&part)) != 0)
        fit(&part, left_out |= 1u << least);
    put_part_lines(&part, run->seed_count > 1 ? "why reads missed, mean of the seeds" : "why reads missed", out);
    put_left_out(left_out, out);
    release_part(&part);
}

/* ---- what became of evicted keys ---- */

enum { KEYS = FIRST, ASKED_AGAIN, HALF_WITHIN, HAD_TTL, HALF_OVER, TTL_OVER, QUALITY_COLUMNS };

static const char *const quality_titles[QUALITY_COLUMNS] = {
    [SERVER] = "server",     [POLICY] = "policy",           [MAXMEMORY] = "maxmemory",
    [KEYS] = "evicted",      [ASKED_AGAIN] = "asked again", [HALF_WITHIN] = "half within",
    [HAD_TTL] = "had a ttl", [HALF_OVER] = "half over",     [TTL_OVER] = "ttl over",
};

static void put_time(char *field, bool is_known, int64_t time_us)
{
    if (is_known)
        print_duration(field, time_us);
    else
        snprintf(field, TEXT_FIELD, "-");
}

static void put_quality_part(char *field, double part, double whole, enum detail detail)
{
    if (detail == ALONE)
        put_share(field, part, whole);
    else
        put_part(field, (struct estimate){.mean = part}, whole, detail);
}

static bool is_least(struct cell cell)
{
    for (size_t i = 0; i < cell.count; i++)
        if (cell.results[i].memory_is_least)
            return true;
    return false;
}

static void fill_quality(struct text_row *row, struct cell cell, enum detail detail)
{
    struct estimate keys = cell_counter(cell, COUNTER_evicted_keys);
    double seeds = (double)cell.count,
           again = (double)histogram_count_below(cell, histogram_asked_again, INT64_MAX) / seeds;
    double with_ttl = (double)histogram_count_below(cell, histogram_ttl_left, INT64_MAX) / seeds;

    text_estimated_count(row->fields[KEYS], detail == WITH_INTERVALS ? keys : (struct estimate){.mean = keys.mean});
    put_quality_part(row->fields[ASKED_AGAIN], again, keys.mean, detail);
    put_time(row->fields[HALF_WITHIN], again > 0, histogram_half_before(cell, histogram_asked_again));
    put_quality_part(row->fields[HAD_TTL], with_ttl, keys.mean, detail);
    put_time(row->fields[HALF_OVER], with_ttl > 0, histogram_half_from(cell, histogram_ttl_left));
    put_quality_part(row->fields[TTL_OVER], cell_counter(cell, COUNTER_misses_evicted_expired).mean,
                     cell_counter(cell, COUNTER_misses_evicted).mean, detail);
    text_mark_least(row->fields[KEYS], is_least(cell));
}

static bool has_evicted(struct cell cell)
{
    return cell_counter(cell, COUNTER_evicted_keys).mean > 0;
}

static void put_quality(const struct cell_list *list, FILE *out)
{
    static const int dropped_in_turn[] = {TTL_OVER, HALF_OVER, HAD_TTL, HALF_WITHIN};
    struct part part = {
        .titles = quality_titles, .columns = QUALITY_COLUMNS, .fill = fill_quality, .has_line = has_evicted};
    unsigned left_out = 0;

    make_part(&part, list);
    if (part.count) {
        fit(&part, left_out);
        for (size_t i = 0; text_table_width(&part.table) > WIDTH && i < sizeof dropped_in_turn / sizeof(int); i++)
            fit(&part, left_out |= 1u << dropped_in_turn[i]);
        put_part_lines(&part, "what became of evicted keys", out);
        if (part.table.widths[ASKED_AGAIN])
            fputs("asked again: a read missed them later; half of these reads came within so long\n", out);
        if (part.table.widths[HAD_TTL])
            fputs("had a ttl: half of these would have lived on for over so long\n", out);
        if (part.table.widths[TTL_OVER])
            fputs("ttl over: of the misses of evicted keys, those that would have expired by then\n", out);
    }
    release_part(&part);
}

void table_put_misses(const struct run *run, const struct cell_list *list, FILE *out)
{
    double misses = total(list, MISSES);

    if (misses > 0 && total(list, COLD) >= misses)
        fputs("\nwhy reads missed: every miss was cold, its key had never been written before\n", out);
    else if (misses > 0)
        put_causes(run, list, out);
    put_quality(list, out);
}

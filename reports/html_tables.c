/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html_tables.h"

#include "reports/html_text.h"
#include "reports/text_table.h"
#include "sim/units.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Moments are in the order of moment_fields. */
enum form { FORM_COUNT, FORM_RATIO, FORM_BYTES, FORM_FULL_AFTER, FORM_FIRST_EVICTION, FORM_FIRST_OOM };

/* Which value of a block is marked. */
enum best { BEST_NONE, BEST_HIGHEST, BEST_LOWEST };

struct column {
    const char *title, *explains; /* the latter on hovering over the title */
    enum form form;
    enum best best;
    double (*value)(const struct result *result); /* NULL: it is a moment */
    size_t is_least; /* offset of the bool in struct result that makes it a lower bound; 0: none */
    bool (*is_shown)(const struct run *run, const struct cell_list *list); /* NULL: always */
};

#define COUNTER(name)                                                                                                  \
    static double name(const struct result *result)                                                                    \
    {                                                                                                                  \
        return (double)result->counters.name;                                                                          \
    }
COUNTER(reads)
COUNTER(hits)
COUNTER(evicted_keys)
COUNTER(expired_keys)
COUNTER(oom_rejections)
COUNTER(used_memory_peak)
COUNTER(used_memory)
COUNTER(keys)
COUNTER(misses)
COUNTER(misses_cold)
COUNTER(misses_evicted)
COUNTER(misses_deleted)
COUNTER(misses_flushed)
COUNTER(misses_refused)
COUNTER(misses_not_admitted)

static double misses_expired(const struct result *result)
{
    return (double)(result->counters.misses_expired_lazily + result->counters.misses_expired_by_cycle);
}

static double final_rss(const struct result *result)
{
    return result->curve.count ? (double)result_last_sample(result)->used_memory_rss : NAN;
}

static bool has_rss(const struct run *run, const struct cell_list *list)
{
    (void)list;
    return run->has_rss;
}

/* A place of moment_fields. */
static int moment_of(enum form form)
{
    return (int)form - (int)FORM_FULL_AFTER;
}

static bool comes(const struct cell_list *list, enum form form)
{
    for (size_t i = 0; i < list->count; i++)
        if (cell_moment(list->cells[i], moment_of(form)).count)
            return true;
    return false;
}

#define COMES(name, form)                                                                                              \
    static bool name(const struct run *run, const struct cell_list *list)                                              \
    {                                                                                                                  \
        (void)run;                                                                                                     \
        return comes(list, form);                                                                                      \
    }
COMES(becomes_full, FORM_FULL_AFTER)
COMES(evicts, FORM_FIRST_EVICTION)
COMES(refuses, FORM_FIRST_OOM)

#define MEMORY_IS_LEAST offsetof(struct result, memory_is_least)
#define OOM_IS_LEAST    offsetof(struct result, oom_is_least)

static const struct column result_columns[] = {
    {"hit ratio", "hits of reads", FORM_RATIO, BEST_HIGHEST, result_hit_ratio, 0, NULL},
    {"hits", "keyspace_hits", FORM_COUNT, BEST_NONE, hits, 0, NULL},
    {"reads", "keys looked up by reading commands", FORM_COUNT, BEST_NONE, reads, 0, NULL},
    {"byte hits", "hits of reads, by the bytes of their values", FORM_RATIO, BEST_NONE, result_byte_hit_ratio, 0, NULL},
    {"evicted", "keys evicted to get below maxmemory", FORM_COUNT, BEST_NONE, evicted_keys, MEMORY_IS_LEAST, NULL},
    {"expired", "keys deleted because their ttl passed", FORM_COUNT, BEST_NONE, expired_keys, 0, NULL},
    {"OOM", "writes refused for want of memory", FORM_COUNT, BEST_LOWEST, oom_rejections, OOM_IS_LEAST, NULL},
    {"of writes", "their share of all writes", FORM_RATIO, BEST_NONE, result_oom_share, OOM_IS_LEAST, NULL},
    {"peak memory", "highest used_memory", FORM_BYTES, BEST_NONE, used_memory_peak, MEMORY_IS_LEAST, NULL},
    {"final memory", "used_memory at the end", FORM_BYTES, BEST_NONE, used_memory, MEMORY_IS_LEAST, NULL},
    {"final RSS", "used_memory_rss at the end", FORM_BYTES, BEST_NONE, final_rss, MEMORY_IS_LEAST, has_rss},
    {"keys", "at the end", FORM_COUNT, BEST_NONE, keys, MEMORY_IS_LEAST, NULL},
    {"full after", "since the trace's start, when memory was first short", FORM_FULL_AFTER, BEST_NONE, NULL, 0,
     becomes_full},
    {"first eviction", "since the trace's start, when a key was first evicted", FORM_FIRST_EVICTION, BEST_NONE, NULL, 0,
     evicts},
    {"first OOM", "since the trace's start, when a write was first refused", FORM_FIRST_OOM, BEST_NONE, NULL, 0,
     refuses},
};

static bool occurs(const struct cell_list *list, double (*value)(const struct result *result))
{
    for (size_t i = 0; i < list->count; i++)
        if (cell_ratio(list->cells[i], value).mean > 0)
            return true;
    return false;
}

#define OCCURS(name)                                                                                                   \
    static bool has_##name(const struct run *run, const struct cell_list *list)                                        \
    {                                                                                                                  \
        (void)run;                                                                                                     \
        return occurs(list, name);                                                                                     \
    }
OCCURS(misses_cold)
OCCURS(misses_expired)
OCCURS(misses_evicted)
OCCURS(misses_deleted)
OCCURS(misses_flushed)
OCCURS(misses_refused)
OCCURS(misses_not_admitted)

static const struct column miss_columns[] = {
    {"misses", "keyspace_misses", FORM_COUNT, BEST_NONE, misses, 0, NULL},
    {"cold", "the key was never written before", FORM_COUNT, BEST_NONE, misses_cold, 0, has_misses_cold},
    {"expired", "its ttl had passed", FORM_COUNT, BEST_NONE, misses_expired, 0, has_misses_expired},
    {"evicted", "it had been evicted", FORM_COUNT, BEST_NONE, misses_evicted, 0, has_misses_evicted},
    {"deleted", "it had been deleted, renamed or emptied", FORM_COUNT, BEST_NONE, misses_deleted, 0,
     has_misses_deleted},
    {"flushed", "FLUSHALL or FLUSHDB had deleted it", FORM_COUNT, BEST_NONE, misses_flushed, 0, has_misses_flushed},
    {"refused", "its last write was refused for OOM", FORM_COUNT, BEST_NONE, misses_refused, 0, has_misses_refused},
    {"not admitted", "--admission, or the policy, had not let it in", FORM_COUNT, BEST_NONE, misses_not_admitted, 0,
     has_misses_not_admitted},
};

/* One table, whose columns behind server, policy and maxmemory are these. */
struct table {
    const struct run *run;
    const struct cell_list *list;
    const struct column *columns;
    size_t count;
    const char *caption;
};

static bool is_shown(const struct table *table, const struct column *column)
{
    return !column->is_shown || column->is_shown(table->run, table->list);
}

/* A number stays on one line with its unit: the last blank becomes one that does not break. */
static void glue_unit(char *field)
{
    char *blank = strrchr(field, ' ');

    if (!blank || strlen(field) + 2 > TEXT_FIELD)
        return;
    memmove(blank + 2, blank + 1, strlen(blank));
    memcpy(blank, "\xc2\xa0", 2);
}

static struct estimate estimate_of(const struct column *column, struct cell cell)
{
    return column->value ? cell_ratio(cell, column->value) : cell_moment(cell, moment_of(column->form));
}

static void print_field(char *field, const struct column *column, struct estimate estimate, struct cell cell)
{
    bool unit_sizes = cell.results->unit_sizes;
    char text[UNITS_TEXT];

    if (!column->value)
        text_moment(field, estimate, cell.count);
    else if (isnan(estimate.mean))
        snprintf(field, TEXT_FIELD, "-");
    else if (column->form == FORM_COUNT)
        text_estimated_count(field, estimate);
    else if (column->form == FORM_BYTES)
        snprintf(field, TEXT_FIELD, "%s",
                 unit_sizes ? print_count(text, (uint64_t)llround(estimate.mean))
                            : print_bytes(text, (uint64_t)llround(estimate.mean)));
    else if (estimate.half_width > 0)
        snprintf(field, TEXT_FIELD, "%.2f ± %.2f %%", estimate.mean * 100, estimate.half_width * 100);
    else
        snprintf(field, TEXT_FIELD, "%.2f %%", estimate.mean * 100);
    if (column->form != FORM_COUNT && column->value)
        glue_unit(field);
}

static bool is_least(const struct column *column, struct cell cell)
{
    for (size_t i = 0; column->is_least && i < cell.count; i++)
        if (*(const bool *)((const char *)&cell.results[i] + column->is_least))
            return true;
    return false;
}

/* The value that is marked among the cells from `first` on, before `end`; NaN when all are alike. */
static double best_of(const struct table *table, const struct column *column, size_t first, size_t end)
{
    double lowest = INFINITY, highest = -INFINITY;

    for (size_t i = first; i < end; i++) {
        double mean = estimate_of(column, table->list->cells[i]).mean;

        lowest = fmin(lowest, mean);
        highest = fmax(highest, mean);
    }
    if (column->best == BEST_NONE || !(lowest < highest))
        return NAN;
    return column->best == BEST_HIGHEST ? highest : lowest;
}

static void put_number(const struct column *column, struct cell cell, double best, FILE *out)
{
    struct estimate estimate = estimate_of(column, cell);
    bool is_best = estimate.mean == best;
    char field[TEXT_FIELD];

    print_field(field, column, estimate, cell);
    text_mark_least(field, is_least(column, cell));
    fprintf(out, "<td%s", is_best ? " class=\"best\"" : "");
    if (isfinite(estimate.mean))
        fprintf(out, " data-value=\"%.17g\"", estimate.mean);
    putc('>', out);
    html_put(field, out);
    fputs(is_best ? "<span class=\"unseen\"> (best)</span></td>" : "</td>", out);
}

static void put_titles(const struct table *table, FILE *out)
{
    fputs("<thead><tr><th scope=\"col\" class=\"text\">policy</th>", out);
    if (cell_list_has_servers(table->list))
        fputs("<th scope=\"col\" class=\"text\">server</th>", out);
    fputs("<th scope=\"col\">maxmemory</th>", out);
    for (size_t i = 0; i < table->count; i++)
        if (is_shown(table, &table->columns[i]))
            fprintf(out, "<th scope=\"col\" title=\"%s\">%s</th>", table->columns[i].explains, table->columns[i].title);
    fputs("</tr></thead>\n", out);
}

/* No limit is more than any. */
static void put_maxmemory(const struct result *result, FILE *out)
{
    char text[TEXT_FIELD];

    text_maxmemory(text, result->maxmemory, result->unit_sizes);
    fprintf(out, "<td data-value=\"%.17g\">", result->maxmemory ? (double)result->maxmemory : 0x1p64);
    html_put(text, out);
    fputs("</td>", out);
}

static void put_row(const struct table *table, struct cell cell, const double *best, FILE *out)
{
    char server[CELL_SERVER_TEXT];

    fputs("<tr><th scope=\"row\" class=\"text\">", out);
    html_put(cell.results->policy, out);
    fputs("</th>", out);
    if (cell_list_has_servers(table->list)) {
        cell_server_print(cell.results, server, sizeof server);
        fputs("<td class=\"text\">", out);
        html_put(server, out);
        fputs("</td>", out);
    }
    put_maxmemory(cell.results, out);
    for (size_t i = 0; i < table->count; i++)
        if (is_shown(table, &table->columns[i]))
            put_number(&table->columns[i], cell, best[i], out);
    fputs("</tr>\n", out);
}

/* What no policy of the block can exceed, with --bounds; it is no policy, and stays below its block, unless it is sorted. */
static void put_bound(const struct table *table, const struct result *result, FILE *out)
{
    const struct bound *bound = run_bound(table->run, result->maxmemory);

    if (!bound || table->columns != result_columns)
        return;
    fputs("<tr><th scope=\"row\" class=\"text\">(at most)</th>", out);
    if (cell_list_has_servers(table->list))
        fputs("<td class=\"text\"></td>", out);
    put_maxmemory(result, out);
    for (size_t i = 0; i < table->count; i++) {
        double (*value)(const struct result *of) = table->columns[i].value;
        const double known = value == result_hit_ratio        ? bound_hit_ratio(bound)
                             : value == result_byte_hit_ratio ? bound_byte_hit_ratio(bound)
                             : value == hits                  ? (double)bound->hits
                             : value == reads                 ? (double)bound->reads
                                                              : NAN;
        const size_t count = known >= 0;
        char field[TEXT_FIELD];

        if (!is_shown(table, &table->columns[i]))
            continue;
        print_field(field, &table->columns[i], (struct estimate){.mean = known, .count = count},
                    (struct cell){result, 1});
        if (isnan(known))
            fputs("<td>", out);
        else
            fprintf(out, "<td data-value=\"%.17g\">", known);
        fprintf(out, "%s</td>", field);
    }
    fputs("</tr>\n", out);
}

static void put_table(const struct table *table, FILE *out)
{
    double best[20];

    fprintf(out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n"
            "<table class=\"sortable\">\n<caption>%s</caption>\n",
            table->caption, table->caption);
    put_titles(table, out);
    for (size_t first = 0, end; first < table->list->count; first = end) {
        end = cell_list_group_end(table->list, first);
        for (size_t i = 0; i < table->count; i++)
            best[i] = best_of(table, &table->columns[i], first, end);
        fputs("<tbody>\n", out);
        for (size_t i = first; i < end; i++)
            put_row(table, table->list->cells[i], best, out);
        put_bound(table, table->list->cells[first].results, out);
        fputs("</tbody>\n", out);
    }
    fputs("</table>\n</div>\n", out);
}

void html_tables_put_results(const struct run *run, const struct cell_list *list, FILE *out)
{
    const struct table table = {run, list, result_columns, sizeof result_columns / sizeof *result_columns,
                                "One line for each policy, a block for each server and maxmemory; the best of a block "
                                "is marked: highest hit ratio, fewest OOM rejections"};

    put_table(&table, out);
}

void html_tables_put_misses(const struct run *run, const struct cell_list *list, FILE *out)
{
    const struct table table = {run, list, miss_columns, sizeof miss_columns / sizeof *miss_columns,
                                "Why reads missed: by what became of the key before"};

    if (occurs(list, misses))
        put_table(&table, out);
}

/* ---- several runs ---- */

/* Places in result_columns. */
enum { HIT_RATIO = 0, EVICTED = 4, OOM_SHARE = 7, PEAK = 8 };
static const int beside_columns[] = {HIT_RATIO, OOM_SHARE, EVICTED, PEAK};
enum { BESIDE_COLUMNS = sizeof beside_columns / sizeof *beside_columns };

static bool is_same_cell(struct cell a, struct cell b)
{
    return !strcmp(a.results->server, b.results->server) && !strcmp(a.results->policy, b.results->policy) &&
           a.results->maxmemory == b.results->maxmemory && result_same_cluster(a.results, b.results);
}

/* The run's cell of this server, policy and maxmemory; NULL: it has none. */
static const struct cell *twin_of(const struct cell_list *list, struct cell cell)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_same_cell(list->cells[i], cell))
            return &list->cells[i];
    return NULL;
}

static bool had_turn(const struct html_report *report, size_t run, struct cell cell)
{
    for (size_t i = 0; i < run; i++)
        if (twin_of(&report->lists[i], cell))
            return true;
    return false;
}

static void put_beside_row(const struct html_report *report, struct cell cell, FILE *out)
{
    char server[CELL_SERVER_TEXT];

    cell_server_print(cell.results, server, sizeof server);
    fputs("<tr><th scope=\"row\" class=\"text\">", out);
    html_put(cell.results->policy, out);
    fputs("</th><td class=\"text\">", out);
    html_put(server, out);
    fputs("</td>", out);
    put_maxmemory(cell.results, out);
    for (size_t column = 0; column < BESIDE_COLUMNS; column++)
        for (size_t i = 0; i < report->count; i++) {
            const struct cell *twin = twin_of(&report->lists[i], cell);

            if (twin)
                put_number(&result_columns[beside_columns[column]], *twin, NAN, out);
            else
                fputs("<td>-</td>", out);
        }
    fputs("</tr>\n", out);
}

void html_tables_put_beside(const struct html_report *report, FILE *out)
{
    fputs(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"results side by side\">\n"
        "<table class=\"sortable\">\n<caption>Side by side: one line for each server, policy and maxmemory that any of "
        "the runs has</caption>\n<thead><tr><th scope=\"col\" class=\"text\">policy</th>"
        "<th scope=\"col\" class=\"text\">server</th><th scope=\"col\">maxmemory</th>",
        out);
    for (size_t column = 0; column < BESIDE_COLUMNS; column++)
        for (size_t i = 0; i < report->count; i++) {
            const struct column *shown = &result_columns[beside_columns[column]];

            fprintf(out, "<th scope=\"col\" title=\"%s\">%s, ", shown->explains,
                    shown->value == result_oom_share ? "OOM of writes" : shown->title);
            html_put(report->runs[i].name, out);
            fputs("</th>", out);
        }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < report->count; i++)
        for (size_t j = 0; j < report->lists[i].count; j++)
            if (!had_turn(report, i, report->lists[i].cells[j]))
                put_beside_row(report, report->lists[i].cells[j], out);
    fputs("</tbody>\n</table>\n</div>\n", out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_misses.h"

#include "reports/histogram.h"
#include "reports/table_part.h"
#include "sim/units.h"

#include <string.h>

/* ---- why reads missed ---- */

/* Both ways of expiring are one column. */
enum { MISSES = PART_FIRST, COLD, EXPIRED, EVICTED, DELETED, FLUSHED, REFUSED, NOT_ADMITTED, CAUSE_COLUMNS };

static const char *const cause_titles[CAUSE_COLUMNS] = {
    [PART_SERVER] = "server", [PART_POLICY] = "policy", [PART_MAXMEMORY] = "maxmemory",  [MISSES] = "misses",
    [COLD] = "cold",          [EXPIRED] = "expired",    [EVICTED] = "evicted",           [DELETED] = "deleted",
    [FLUSHED] = "flushed",    [REFUSED] = "refused",    [NOT_ADMITTED] = "not admitted",
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

static void fill_causes(const struct run *run, struct text_row *row, struct cell cell, enum part_detail detail)
{
    struct estimate misses = misses_of(cell, MISSES);

    (void)run;
    text_estimated_count(row->fields[MISSES],
                         detail == PART_WITH_INTERVALS ? misses : (struct estimate){.mean = misses.mean});
    for (int i = COLD; i < CAUSE_COLUMNS; i++)
        table_part_count(row->fields[i], misses_of(cell, i), misses.mean, detail);
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
static int least_shown(const struct table_part *part)
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

static void put_causes(const struct run *run, const struct cell_list *list, bool joins, FILE *out)
{
    struct table_part part = {
        .titles = cause_titles, .columns = CAUSE_COLUMNS, .fill = fill_causes, .has_line = always, .joins = joins};
    unsigned left_out = 0;
    int least;

    table_part_init(&part, run, list);
    table_part_fit(&part, left_out);
    while (text_table_width(&part.table) > PART_WIDTH && (least = least_shown(&part)) != 0)
        table_part_fit(&part, left_out |= 1u << least);
    table_part_put(&part, run->seed_count > 1 ? "why reads missed, mean of the seeds" : "why reads missed", out);
    put_left_out(left_out, out);
    table_part_release(&part);
}

/* ---- what became of evicted keys ---- */

enum { KEYS = PART_FIRST, ASKED_AGAIN, HALF_WITHIN, HAD_TTL, HALF_OVER, TTL_OVER, QUALITY_COLUMNS };

static const char *const quality_titles[QUALITY_COLUMNS] = {
    [PART_SERVER] = "server", [PART_POLICY] = "policy",      [PART_MAXMEMORY] = "maxmemory",
    [KEYS] = "evicted",       [ASKED_AGAIN] = "asked again", [HALF_WITHIN] = "half within",
    [HAD_TTL] = "had a ttl",  [HALF_OVER] = "half over",     [TTL_OVER] = "ttl over",
};

static void put_time(char *field, bool is_known, int64_t time_us)
{
    if (is_known)
        print_duration(field, time_us);
    else
        snprintf(field, TEXT_FIELD, "-");
}

static void put_quality_part(char *field, double part, double whole, enum part_detail detail)
{
    if (detail == PART_ALONE)
        table_part_share(field, part, whole);
    else
        table_part_count(field, (struct estimate){.mean = part}, whole, detail);
}

static bool is_least(struct cell cell)
{
    for (size_t i = 0; i < cell.count; i++)
        if (cell.results[i].memory_is_least)
            return true;
    return false;
}

static void fill_quality(const struct run *run, struct text_row *row, struct cell cell, enum part_detail detail)
{
    struct estimate keys = cell_counter(cell, COUNTER_evicted_keys);
    double seeds = (double)cell.count,
           again = (double)histogram_count_below(cell, histogram_asked_again, INT64_MAX) / seeds;
    double with_ttl = (double)histogram_count_below(cell, histogram_ttl_left, INT64_MAX) / seeds;

    (void)run;
    text_estimated_count(row->fields[KEYS],
                         detail == PART_WITH_INTERVALS ? keys : (struct estimate){.mean = keys.mean});
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

static void put_quality(const struct run *run, const struct cell_list *list, FILE *out)
{
    static const int dropped_in_turn[] = {TTL_OVER, HALF_OVER, HAD_TTL, HALF_WITHIN};
    struct table_part part = {
        .titles = quality_titles, .columns = QUALITY_COLUMNS, .fill = fill_quality, .has_line = has_evicted};
    unsigned left_out = 0;

    table_part_init(&part, run, list);
    if (part.count) {
        table_part_fit(&part, left_out);
        for (size_t i = 0; text_table_width(&part.table) > PART_WIDTH && i < sizeof dropped_in_turn / sizeof(int); i++)
            table_part_fit(&part, left_out |= 1u << dropped_in_turn[i]);
        table_part_put(&part, "what became of evicted keys", out);
        if (part.table.widths[ASKED_AGAIN])
            fputs("asked again: a read missed them later; half of these reads came within so long\n", out);
        if (part.table.widths[HAD_TTL])
            fputs("had a ttl: half of these would have lived on for over so long\n", out);
        if (part.table.widths[TTL_OVER])
            fputs("ttl over: of the misses of evicted keys, those that would have expired by then\n", out);
    }
    table_part_release(&part);
}

void table_put_misses(const struct run *run, const struct cell_list *list, bool joins, FILE *out)
{
    double misses = total(list, MISSES);

    if (misses > 0 && total(list, COLD) >= misses)
        fputs("\nwhy reads missed: every miss was cold, its key had never been written before\n", out);
    else if (misses > 0)
        put_causes(run, list, joins, out);
    put_quality(run, list, out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_cost.h"

#include "reports/table_part.h"
#include "sim/units.h"

#include <math.h>

enum { MISSES = PART_FIRST, P99_MINUTE, IN_ALL, IN_FLIGHT, REPEATED, AT_ONCE, COLUMNS };

static const char *const titles[COLUMNS] = {
    [PART_SERVER] = "server",  [PART_POLICY] = "policy",    [PART_MAXMEMORY] = "maxmemory",
    [MISSES] = "misses/s",     [P99_MINUTE] = "p99 minute", [IN_ALL] = "time in all",
    [IN_FLIGHT] = "in flight", [REPEATED] = "repeated",     [AT_ONCE] = "at once",
};

static double p99_minute(const struct result *result)
{
    return result->quality.misses_per_s_p99_minute;
}

static double fetches(const struct result *result)
{
    return (double)result->load.fetches;
}

static double repeated(const struct result *result)
{
    return (double)result->load.repeated_fetches;
}

static double cost_us(const struct result *result)
{
    return (double)result->load.cost_us;
}

/* Of all seeds. */
static uint64_t most_at_once(struct cell cell)
{
    uint64_t most = 0;

    for (size_t i = 0; i < cell.count; i++)
        if (cell.results[i].load.fetches_at_once > most)
            most = cell.results[i].load.fetches_at_once;
    return most;
}

/* Three digits of what may be large or small: "1,234", "12.3", "0.12"; "-" of nothing. */
static void put_real(char *field, double value)
{
    if (!(value > 0))
        snprintf(field, TEXT_FIELD, "-");
    else if (value >= 100)
        text_count(field, value);
    else
        snprintf(field, TEXT_FIELD, value >= 10 ? "%.1f" : value >= 0.01 ? "%.2f" : "<0.01", value);
}

static void mark_most(char *field, bool is_most)
{
    char number[TEXT_FIELD];

    if (!is_most || *field == '-')
        return;
    snprintf(number, sizeof number, "%s", field);
    snprintf(field, TEXT_FIELD, "≤ %.*s", TEXT_FIELD - 5, number);
}

static void fill(const struct run *run, struct text_row *row, struct cell cell, enum part_detail detail)
{
    double seconds = (double)run_counted_us(run) / 1e6, spent_us = cell_ratio(cell, cost_us).mean;
    struct estimate again = cell_ratio(cell, repeated);
    bool is_most = result_fetches_are_most(cell.results, run->miss_cost_us);
    bool with_hits = cell_ratio(cell, fetches).mean > cell_counter(cell, COUNTER_misses).mean;

    put_real(row->fields[MISSES], seconds > 0 ? cell_counter(cell, COUNTER_misses).mean / seconds : 0);
    put_real(row->fields[P99_MINUTE], seconds >= 60 ? cell_ratio(cell, p99_minute).mean : 0);
    if (spent_us > 0)
        print_duration(row->fields[IN_ALL], llround(spent_us));
    else
        snprintf(row->fields[IN_ALL], TEXT_FIELD, "-");
    put_real(row->fields[IN_FLIGHT], seconds > 0 ? spent_us / 1e6 / seconds : 0);
    if (detail == PART_ALONE)
        table_part_share(row->fields[REPEATED], again.mean, cell_ratio(cell, fetches).mean);
    else
        table_part_count(row->fields[REPEATED], again, cell_ratio(cell, fetches).mean, detail);
    print_count(row->fields[AT_ONCE], most_at_once(cell));
    mark_most(row->fields[IN_ALL], is_most && with_hits);
    mark_most(row->fields[IN_FLIGHT], is_most && with_hits);
    mark_most(row->fields[REPEATED], is_most);
    mark_most(row->fields[AT_ONCE], is_most);
}

static bool has_fetches(struct cell cell)
{
    return cell_ratio(cell, fetches).mean > 0;
}

/* What the trace's clock cannot tell. */
static void put_clock(const struct run *run, FILE *out)
{
    for (size_t i = 0; i < run->result_count; i++)
        if (result_fetches_are_most(&run->results[i], run->miss_cost_us)) {
            fprintf(out, "≤: the trace's times are whole %s, so reads of one count as at once\n",
                    run->results[i].load.clock_us == 1000 ? "milliseconds" : "seconds");
            return;
        }
}

void table_put_cost(const struct run *run, const struct cell_list *list, FILE *out)
{
    static const int dropped_in_turn[] = {IN_FLIGHT, P99_MINUTE, REPEATED};
    struct table_part part = {.titles = titles, .columns = COLUMNS, .fill = fill, .has_line = has_fetches};
    char heading[TEXT_FIELD], cost[UNITS_TEXT];
    unsigned left_out = 0;

    if (!run->miss_cost_us)
        return;
    table_part_init(&part, run, list);
    if (part.count) {
        table_part_fit(&part, left_out);
        for (size_t i = 0; text_table_width(&part.table) > PART_WIDTH && i < sizeof dropped_in_turn / sizeof(int); i++)
            table_part_fit(&part, left_out |= 1u << dropped_in_turn[i]);
        snprintf(heading, sizeof heading, "what misses cost, %s%s%s",
                 run->miss_costs_differ ? "by group of keys" : "at ",
                 run->miss_costs_differ ? "" : print_duration(cost, run->miss_cost_us),
                 run->seed_count > 1 ? (run->miss_costs_differ ? ", mean of the seeds" : " each, mean of the seeds")
                 : run->miss_costs_differ ? ""
                                          : " each");
        table_part_put(&part, heading, out);
        if (part.table.widths[IN_FLIGHT])
            fputs("in flight: fetches of missed values that are under way at a time, on average\n", out);
        if (part.table.widths[REPEATED])
            fputs("repeated: fetches of a key that was being fetched already\n", out);
        fputs("at once: of one key, at most\n", out);
        put_clock(run, out);
    }
    table_part_release(&part);
}

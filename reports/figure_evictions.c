/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_evictions: how soon evicted keys were asked for again, and the ttl that they had left: one panel per server and
 * maxmemory, one line per policy, all seeds together.
 *
 * A line goes up with the share of evicted keys that lie below a time, over a logarithmic axis of times. It is known at the
 * ends of buckets, which are points; between two of them it is at least what it was at the first. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "reports/json_values.h"
#include "sim/elementary.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>

static double evicted_keys(struct cell cell)
{
    double sum = 0;

    for (size_t i = 0; i < cell.count; i++)
        sum += (double)cell.results[i].counters.evicted_keys;
    return sum;
}

/* Ends of buckets between which the cell has something; in us. */
struct span {
    int64_t first, last; /* last 0: nothing */
};

static struct span span_of(struct cell cell, histogram_fn *histogram)
{
    uint64_t all = histogram_count_below(cell, histogram, INT64_MAX);
    struct span span = {histogram(cell.results).unit_us, 0};

    if (!all || !(evicted_keys(cell) > 0))
        return span;
    while (!histogram_count_below(cell, histogram, span.first))
        span.first *= 2;
    span.last = span.first;
    while (histogram_count_below(cell, histogram, span.last) < all && span.last < INT64_MAX / 2)
        span.last *= 2;
    return span;
}

static struct span whole_span(const struct plan *plan, const struct figure *figure)
{
    struct span whole = {INT64_MAX, 0};

    for (size_t i = 0; i < plan->list.count; i++) {
        struct span span = span_of(plan->list.cells[i], figure->histogram);

        if (!span.last)
            continue;
        whole.first = span.first < whole.first ? span.first : whole.first;
        whole.last = span.last > whole.last ? span.last : whole.last;
    }
    return whole;
}

static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    const char *between = "";

    for (size_t i = 0; i < plan->list.count; i++) {
        struct cell cell = plan->list.cells[i];
        struct span span = span_of(cell, figure->histogram);

        if (!span.last)
            continue;
        fprintf(out, "%s# %s %s maxmemory %" PRIu64 "\n# below_s %s\n", between, cell.results->server,
                cell.results->policy, cell.results->maxmemory, figure->column);
        for (int64_t end_us = span.first; end_us <= span.last; end_us *= 2) {
            fprintf(out, "%.6f ", (double)end_us / 1e6);
            figure_put_value(out, (double)histogram_count_below(cell, figure->histogram, end_us) / evicted_keys(cell));
            putc('\n', out);
        }
        between = "\n\n";
    }
}

/* Ticks where people know them, as many as have room. */
static void put_time_axis(const struct page *page, struct span span)
{
    static const struct {
        double s;
        const char *name;
    } ticks[] = {{0.001, "1 ms"}, {0.01, "10 ms"}, {0.1, "100 ms"},  {1, "1 s"},
                 {10, "10 s"},    {60, "1 min"},   {600, "10 min"},  {3600, "1 h"},
                 {21600, "6 h"},  {86400, "1 d"},  {864000, "10 d"}, {8640000, "100 d"}};
    double low = (double)span.first / 1e6 / 1.3, high = (double)span.last / 1e6 * 1.3, named = 0;
    double apart = elementary_pow(high / low, 1 / (page_ticks(page, 'x') + 1));
    const char *separator = "";

    fprintf(page->out, "set logscale x 2\nset xrange [%.9g:%.9g]\nset xtics (", low, high);
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        if (ticks[i].s < low || ticks[i].s > high || ticks[i].s < named * apart)
            continue;
        fputs(separator, page->out);
        page_tick(page, 'x', ticks[i].name, ticks[i].s);
        named = ticks[i].s;
        separator = ", ";
    }
    fputs(")\n", page->out);
}

static void put_line(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)line;
    fprintf(out, "using 1:($2*100) with steps %s notitle", look);
}

static void put_points_beneath(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)look;
    fprintf(out, "using 1:($2*100) with points ls %zu notitle",
            FIGURE_STYLE_NESTED + FIGURE_STYLE_BENEATH + line.policy + 1);
}

static void put_points(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)look;
    fprintf(out, "using 1:($2*100) with points ls %zu notitle", FIGURE_STYLE_NESTED + line.policy + 1);
}

/* Groups in which something was evicted have a panel. */
static bool has_panel(const struct plan *plan, const struct figure *figure, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (span_of(plan->list.cells[i], figure->histogram).last)
            return true;
    return false;
}

/* The highest share of all, in percent. */
static double highest(const struct plan *plan, const struct figure *figure)
{
    double most = 0;

    for (size_t i = 0; i < plan->list.count; i++) {
        struct cell cell = plan->list.cells[i];

        if (evicted_keys(cell) > 0)
            most = fmax(most,
                        100 * (double)histogram_count_below(cell, figure->histogram, INT64_MAX) / evicted_keys(cell));
    }
    return most;
}

/* Cells that have something are blocks of the data. */
static struct figure_lines lines_of(const struct plan *plan, const struct figure *figure)
{
    struct figure_lines lines = figure_lines_new(plan->table.policies, plan->table.policy_count);
    char title[FIGURE_TEXT];

    for (size_t first = 0, end; first < plan->list.count; first = end) {
        end = cell_list_group_end(&plan->list, first);
        plan_panel_name(plan, plan->list.cells[first].results, title);
        figure_lines_panel(&lines, title);
        for (size_t i = first; i < end; i++)
            if (span_of(plan->list.cells[i], figure->histogram).last)
                figure_lines_add(&lines, plan_policy(plan, &plan->list.cells[i]));
    }
    return lines;
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    static figure_element_fn *const elements[] = {put_line, put_points_beneath, put_points};
    const struct figure_of of = {plan, figure};
    struct span span = whole_span(plan, figure);
    struct figure_lines lines = lines_of(plan, figure);
    char name[FIGURE_TEXT];
    struct sheet sheet = {.name = figure->name, .comment = figure->subject, .y_name = name, .x_name = figure->along};
    struct page page;

    figure_subject(figure, plan->run, name, sizeof name);
    figure_lines_arrange(&lines, figure_write_data, &of);
    figure_lines_put_sheet(&lines, &sheet);
    page = page_begin(out, &sheet, plan->frame);
    for (size_t i = 0; i < lines.panel_count; i++) {
        page_panel(&page, i);
        put_time_axis(&page, span);
        page_axis(&page, 'y', axis_percent(0, highest(plan, figure), page_ticks(&page, 'y')), tick_number);
        figure_lines_plot(&lines, i, elements, 3, 1, NULL, out);
        putc('\n', out);
    }
    page_end(&page);
    figure_lines_release(&lines);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    fprintf(out, "%s: %s, by %s; a point is at least true up to the next", figure->name, figure->subject,
            figure->along);
    if (plan->run->seed_count > 1)
        fprintf(out, "; %zu seeds together", plan->run->seed_count);
    figure_put_warmup(plan->run, out);
    fputs("; where points lie on one another, the legend's first is the largest\n", out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    return whole_span(plan, figure).last ? NULL : figure->when_zero;
}

/* Shares, although the figure's scale does not say so: whatever is counted is counted of evicted keys. */
static json_t *layout(const struct plan *plan, const struct figure *figure)
{
    char text[FIGURE_TEXT];
    json_t *layout =
        figure_layout(figure->subject, figure->along, figure_subject(figure, plan->run, text, sizeof text));

    json_object_set_new(layout, "scale", json_from_text("percent"));
    for (size_t first = 0, end; first < plan->list.count; first = end) {
        json_t *panel;

        end = cell_list_group_end(&plan->list, first);
        if (!has_panel(plan, figure, first, end))
            continue;
        plan_panel_title(plan->list.cells[first].results, text);
        panel = figure_layout_panel(layout, text);
        for (size_t i = first; i < end; i++)
            if (span_of(plan->list.cells[i], figure->histogram).last)
                figure_layout_series(panel, plan_policy(plan, &plan->list.cells[i]));
    }
    return layout;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption, "evictions", layout};

const struct figure figures_of_evictions[FIGURES_OF_EVICTIONS] = {
    {.kind = &kind,
     .name = "evicted-asked-again",
     .subject = "evicted keys that were asked for again (%)",
     .along = "time from the eviction to the read that missed",
     .column = "asked_again_share",
     .when_zero = "no evicted key was asked for again",
     .histogram = histogram_asked_again},
    {.kind = &kind,
     .name = "evicted-ttl-left",
     .subject = "evicted keys that had a shorter ttl left (%)",
     .along = "ttl that they had left",
     .column = "shorter_ttl_share",
     .when_zero = "no evicted key had a ttl",
     .histogram = histogram_ttl_left},
};

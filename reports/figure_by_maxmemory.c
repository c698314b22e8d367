/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_by_maxmemory: figures by maxmemory: one panel per server, one style per policy, the whole run at each point,
 * with 95 % intervals where there are several seeds.
 *
 * A point stands at its maxmemory. Points that lie on one another are drawn in different sizes. Nothing is known
 * between two sizes, so the line holds the value of the smaller size up to the next one. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static struct range range_by_size(const struct plan *plan, const struct figure *figure)
{
    struct range range = range_empty();

    for (size_t i = 0; i < plan->list.count; i++) {
        struct estimate estimate = cell_ratio(plan->list.cells[i], figure->ratio);

        range_widen(&range, estimate.mean);
        range_widen(&range, estimate.mean - estimate.half_width);
        range_widen(&range, estimate.mean + estimate.half_width);
    }
    return range;
}

/* A policy has a block of data if it ran on this server at any size. */
static bool has_block(const struct plan *plan, size_t server, size_t policy)
{
    for (size_t size = 0; size < plan->table.size_count; size++)
        if (cell_table_at(&plan->table, server, size, policy))
            return true;
    return false;
}

static void write_row(const struct cell *cell, const struct figure *figure, FILE *out)
{
    struct estimate estimate = cell_ratio(*cell, figure->ratio);

    fprintf(out, "%" PRIu64 " ", cell->results->maxmemory);
    figure_put_value(out, estimate.mean);
    putc(' ', out);
    figure_put_value(out, estimate.half_width);
    putc('\n', out);
}

static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    const struct cell_table *table = &plan->table;
    const char *between = "";

    for (size_t server = 0; server < table->server_count; server++)
        for (size_t policy = 0; policy < table->policy_count; policy++) {
            if (!has_block(plan, server, policy))
                continue;
            fprintf(out, "%s# %s %s\n# maxmemory_bytes %s half_width_95\n", between, table->servers[server],
                    table->policies[policy], figure->column);
            for (size_t size = 0; size < table->size_count; size++)
                if (cell_table_at(table, server, size, policy))
                    write_row(cell_table_at(table, server, size, policy), figure, out);
            between = "\n\n";
        }
}

/* What is drawn of one panel: a server's policies. */
struct panel {
    double unlimited_at; /* where runs without a limit are drawn; 0: there are none */
};

/* The data's maxmemory. A run without a limit is drawn at a place beside the axis. */
static void put_place(const struct panel *panel, FILE *out)
{
    if (panel->unlimited_at > 0)
        fprintf(out, "($1 > 0 ? $1 : %.9g)", panel->unlimited_at);
    else
        fputs("1", out);
}

static void put_line(const void *what, const char *look, struct figure_line line, FILE *out)
{
    const struct panel *panel = what;

    (void)line;
    fprintf(out, "using %s:($2*100) with steps %s notitle", panel->unlimited_at > 0 ? "($1 > 0 ? $1 : NaN)" : "1",
            look);
}

static void put_interval(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)line;
    fputs("using ", out);
    put_place(what, out);
    fprintf(out, ":(($2-$3)*100):(0):(2*$3*100) with vectors " FIGURE_INTERVAL " %s dt solid notitle", look);
}

static void put_points_of(const struct panel *panel, size_t style, FILE *out)
{
    fputs("using ", out);
    put_place(panel, out);
    fprintf(out, ":($2*100) with points ls %zu notitle", style);
}

static void put_points_beneath(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)look;
    put_points_of(what, FIGURE_STYLE_NESTED + FIGURE_STYLE_BENEATH + line.policy + 1, out);
}

static void put_points(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)look;
    put_points_of(what, FIGURE_STYLE_NESTED + line.policy + 1, out);
}

static struct figure_lines lines_of(const struct plan *plan)
{
    const struct cell_table *table = &plan->table;
    struct figure_lines lines = figure_lines_new(table->policies, table->policy_count);

    for (size_t server = 0; server < table->server_count; server++) {
        figure_lines_panel(&lines, table->servers[server]);
        for (size_t policy = 0; policy < table->policy_count; policy++)
            if (has_block(plan, server, policy))
                figure_lines_add(&lines, policy);
    }
    return lines;
}

/* Whether every server ran with every size: shares of what the data take are other sizes on each. */
static bool has_same_sizes(const struct cell_table *table)
{
    for (size_t server = 0; server < table->server_count; server++)
        for (size_t size = 0; size < table->size_count; size++) {
            bool has = false;

            for (size_t policy = 0; policy < table->policy_count; policy++)
                has |= cell_table_at(table, server, size, policy) != NULL;
            if (!has)
                return false;
        }
    return true;
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    static figure_element_fn *const plain[] = {put_line, put_points_beneath, put_points};
    static figure_element_fn *const with_intervals[] = {put_line, put_interval, put_points_beneath, put_points};
    const struct figure_of of = {plan, figure};
    const struct cell_table *table = &plan->table;
    bool has_intervals = plan->run->seed_count > 1;
    struct range range = range_by_size(plan, figure);
    struct figure_lines lines = lines_of(plan);
    char title[FIGURE_TEXT], name[FIGURE_TEXT];
    struct sheet sheet = {.name = figure->name, .comment = title, .y_name = name, .x_name = "maxmemory"};
    struct page page;
    tick_text_fn *tick_text = plan->run->results->unit_sizes ? tick_number
                              : has_same_sizes(table)        ? tick_maxmemory
                                                             : tick_bytes;

    snprintf(title, sizeof title, "%s by maxmemory", figure->subject);
    figure_subject(figure, plan->run, name, sizeof name);
    figure_lines_arrange(&lines, figure_write_data, &of);
    figure_lines_put_sheet(&lines, &sheet);
    page = page_begin(out, &sheet, plan->frame);
    for (size_t i = 0; i < lines.panel_count; i++) {
        struct panel panel;

        page_panel(&page, i);
        panel.unlimited_at = page_size_axis(&page, table->sizes, table->size_count, has_same_sizes(table), tick_text);
        page_axis(&page, 'y', axis_percent(range.lowest * 100, range.highest * 100, page_ticks(&page, 'y')),
                  tick_number);
        figure_lines_plot(&lines, i, has_intervals ? with_intervals : plain, has_intervals ? 4 : 3, 1, &panel, out);
        putc('\n', out);
    }
    page_end(&page);
    figure_lines_release(&lines);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    fprintf(out, "%s: %s%s, a point for each maxmemory; a line holds a point's value up to the next", figure->name,
            figure->subject, plan->run->warmup_us ? "" : " of the whole run");
    if (plan->run->seed_count > 1 && !cell_list_has_even_seeds(&plan->list))
        fputs("; mean and 95 % confidence interval over the seeds of each point", out);
    else if (plan->run->seed_count > 1)
        fprintf(out, "; mean and 95 %% confidence interval over %zu seeds", plan->run->seed_count);
    figure_put_warmup(plan->run, out);
    fputs("; where points lie on one another, the legend's first is the largest\n", out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    struct range range = range_by_size(plan, figure);

    if (plan->table.size_count < 2)
        return "there is one maxmemory";
    if (range.lowest > range.highest)
        return "there was nothing to count";
    return figure->when_zero && range.highest <= 0 ? figure->when_zero : NULL;
}

static json_t *layout(const struct plan *plan, const struct figure *figure)
{
    const struct cell_table *table = &plan->table;
    char title[FIGURE_TEXT], name[FIGURE_TEXT];
    json_t *layout;

    snprintf(title, sizeof title, "%s by maxmemory", figure->subject);
    layout = figure_layout(title, "maxmemory", figure_subject(figure, plan->run, name, sizeof name));
    for (size_t server = 0; server < table->server_count; server++) {
        json_t *panel = figure_layout_panel(layout, table->servers[server]);

        for (size_t policy = 0; policy < table->policy_count; policy++)
            if (has_block(plan, server, policy))
                figure_layout_series(panel, policy);
    }
    return layout;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption, "by-maxmemory", layout};

const struct figure figures_by_maxmemory[FIGURES_BY_MAXMEMORY] = {
    {.kind = &kind,
     .name = "hit-ratio-by-maxmemory",
     .subject = "hit ratio (%)",
     .column = "hit_ratio",
     .scale = FIGURE_PERCENT,
     .ratio = result_hit_ratio},
    {.kind = &kind,
     .name = "oom-by-maxmemory",
     .subject = "OOM rejections (% of writes)",
     .column = "oom_share",
     .is_least = offsetof(struct result, oom_is_least),
     .when_zero = "no write was refused",
     .scale = FIGURE_PERCENT,
     .ratio = result_oom_share},
};

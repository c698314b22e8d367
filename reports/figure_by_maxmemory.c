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

/* One panel: a server's policies, each with a block of data. */
struct panel {
    const struct page *page;
    const struct plan *plan;
    size_t server, first_block;
    double unlimited_at; /* where runs without a limit are drawn; 0: there are none */
};

typedef void element_fn(const struct panel *panel, size_t block, size_t policy);

static size_t for_every_policy(const struct panel *panel, element_fn *element)
{
    size_t block = panel->first_block;

    for (size_t policy = 0; policy < panel->plan->table.policy_count; policy++)
        if (has_block(panel->plan, panel->server, policy))
            element(panel, block++, policy);
    return block;
}

/* The data's maxmemory. A run without a limit is drawn at a place beside the axis. */
static void put_place(const struct panel *panel)
{
    if (panel->unlimited_at > 0)
        fprintf(panel->page->out, "($1 > 0 ? $1 : %.9g)", panel->unlimited_at);
    else
        fputs("1", panel->page->out);
}

static void put_line(const struct panel *panel, size_t block, size_t policy)
{
    fprintf(panel->page->out, "%s data index %zu using %s:($2*100) with steps ls %zu notitle",
            block == panel->first_block ? "plot" : ", \\\n    ", block,
            panel->unlimited_at > 0 ? "($1 > 0 ? $1 : NaN)" : "1", policy + 1);
}

static void put_interval(const struct panel *panel, size_t block, size_t policy)
{
    fprintf(panel->page->out, ", \\\n     data index %zu using ", block);
    put_place(panel);
    fprintf(panel->page->out, ":($2*100):($3*100) with yerrorbars ls %zu pt -1 dt solid notitle", policy + 1);
}

static void put_points(const struct panel *panel, size_t block, size_t policy)
{
    static const int layers[] = {FIGURE_STYLE_NESTED + FIGURE_STYLE_BENEATH, FIGURE_STYLE_NESTED};

    for (size_t i = 0; i < 2; i++) {
        fprintf(panel->page->out, ", \\\n     data index %zu using ", block);
        put_place(panel);
        fprintf(panel->page->out, ":($2*100) with points ls %zu notitle", (size_t)layers[i] + policy + 1);
    }
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    const struct cell_table *table = &plan->table;
    struct range range = range_by_size(plan, figure);
    char title[FIGURE_TEXT], name[FIGURE_TEXT];
    struct page page;
    struct panel panel = {.page = &page, .plan = plan};

    snprintf(title, sizeof title, "%s by maxmemory", figure->subject);
    page = page_begin(out, figure->name, title, table->server_count, plan_legend(plan));
    for (panel.server = 0; panel.server < table->server_count; panel.server++) {
        page_panel(&page, panel.server, table->servers[panel.server], "maxmemory",
                   figure_subject(figure, plan->run, name, sizeof name));
        panel.unlimited_at = page_size_axis(&page, table->sizes, table->size_count,
                                            plan->run->results->unit_sizes ? tick_number : tick_bytes);
        page_axis(&page, 'y', axis_percent(range.lowest * 100, range.highest * 100), tick_number);
        for_every_policy(&panel, put_line);
        if (plan->run->seed_count > 1)
            for_every_policy(&panel, put_interval);
        panel.first_block = for_every_policy(&panel, put_points);
        putc('\n', out);
    }
    page_end(&page);
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

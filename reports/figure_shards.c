/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_shards: with --shards, what each shard of a cluster needed, was asked and refused: one panel per cluster and
 * maxmemory, a bar for each shard and policy, of the first seed. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/json_values.h"
#include "sim/units.h"

#include <inttypes.h>

/* Groups of which the results have shards have a panel. */
static bool has_panel(const struct plan *plan, size_t first)
{
    return plan->list.cells[first].results->shard_count > 0;
}

static double highest(const struct plan *plan, const struct figure *figure)
{
    double most = 0;

    for (size_t i = 0; i < plan->list.count; i++)
        for (size_t j = 0; j < plan->list.cells[i].results->shard_count; j++) {
            double value = figure->of_shard(&plan->list.cells[i].results->shards[j]);

            most = value > most ? value : most;
        }
    return most;
}

static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    const char *between = "";

    for (size_t i = 0; i < plan->list.count; i++) {
        const struct result *result = plan->list.cells[i].results;
        char server[CELL_SERVER_TEXT];

        if (!result->shard_count)
            continue;
        cell_server_print(result, server, sizeof server);
        fprintf(out, "%s# %s %s maxmemory %" PRIu64 "\n# shard %s maxmemory\n", between, server, result->policy,
                result->maxmemory, figure->column);
        for (size_t j = 0; j < result->shard_count; j++) {
            fprintf(out, "%zu ", j + 1);
            figure_put_value(out, figure->of_shard(&result->shards[j]));
            fprintf(out, " %" PRIu64 "\n", result->shards[j].maxmemory);
        }
        between = "\n\n";
    }
}

/* Bars of one shard stand side by side, in the order of the policies. */
static size_t put_panel(const struct plan *plan, const struct figure *figure, size_t first, size_t end, size_t block,
                        FILE *out)
{
    double width = 0.8 / (double)(end - first);
    const char *before = "plot";

    for (size_t i = first; i < end; i++) {
        double place = ((double)(i - first) + 0.5) * width - 0.4;

        fprintf(out, "%s data index %zu using ($1%+.4f):2:(%.4f) with boxes fill solid 0.6 border ls %zu notitle",
                before, block + (i - first), place, width, plan_policy(plan, &plan->list.cells[i]) + 1);
        before = ", \\\n    ";
    }
    if (figure->scale == FIGURE_BYTES && plan->list.cells[first].results->maxmemory)
        fprintf(out, ", \\\n     data index %zu using 1:3 with lines lc rgb '#000000' dt (4,3) lw 1 notitle", block);
    putc('\n', out);
    return block + (end - first);
}

static size_t count_panels(const struct plan *plan)
{
    size_t count = 0;

    for (size_t first = 0; first < plan->list.count; first = cell_list_group_end(&plan->list, first))
        count += has_panel(plan, first);
    return count;
}

static struct axis axis_of(const struct figure *figure, double most)
{
    if (figure->scale == FIGURE_BYTES)
        return axis_bytes(most);
    return figure->scale == FIGURE_PERCENT ? axis_percent(0, most) : axis_counts(most);
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    size_t block = 0, index = 0;
    char title[FIGURE_TEXT], name[FIGURE_TEXT];
    struct page page = page_begin(out, figure->name, figure->subject, count_panels(plan), plan_legend(plan));
    double most = highest(plan, figure);

    for (size_t first = 0, end; first < plan->list.count; first = end) {
        size_t shards = plan->list.cells[first].results->shard_count;

        end = cell_list_group_end(&plan->list, first);
        if (!has_panel(plan, first))
            continue;
        plan_panel_title(plan->list.cells[first].results, title);
        page_panel(&page, index++, title, "shard", figure_subject(figure, plan->run, name, sizeof name));
        fprintf(out, "set xrange [0.4:%.1f]\n", (double)shards + 0.6);
        fprintf(out, "set xtics 1,%zu\n", shards / 12 + 1);
        page_axis(&page, 'y', axis_of(figure, most), figure->scale == FIGURE_BYTES ? tick_bytes : tick_number);
        block = put_panel(plan, figure, first, end, block, out);
    }
    page_end(&page);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    fprintf(out, "%s: %s of each shard; bars of one shard are the policies in the legend's order", figure->name,
            figure->subject);
    if (figure->scale == FIGURE_BYTES)
        fputs("; dashed: its maxmemory", out);
    if (plan->run->seed_count > 1)
        fputs("; the first seed", out);
    figure_put_warmup(plan->run, out);
    putc('\n', out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    if (!count_panels(plan))
        return "--shards was not asked for";
    return figure->when_zero && highest(plan, figure) <= 0 ? figure->when_zero : NULL;
}

static double memory_of(const struct shard *shard)
{
    return (double)shard->used_memory_peak;
}

static double requests_of(const struct shard *shard)
{
    return (double)shard->requests;
}

static double oom_of(const struct shard *shard)
{
    return (double)shard->oom_rejections;
}

/* Counts are of the whole run, not per time. */
static json_t *layout(const struct plan *plan, const struct figure *figure)
{
    char text[FIGURE_TEXT], title[FIGURE_TEXT];
    json_t *layout;

    snprintf(title, sizeof title, "%s of each shard", figure->subject);
    layout = figure_layout(title, "shard", figure_subject(figure, plan->run, text, sizeof text));
    if (figure->scale == FIGURE_RATE)
        json_object_set_new(layout, "scale", json_from_text("counts"));
    for (size_t first = 0, end; first < plan->list.count; first = end) {
        json_t *panel;

        end = cell_list_group_end(&plan->list, first);
        if (!has_panel(plan, first))
            continue;
        plan_panel_title(plan->list.cells[first].results, text);
        panel = figure_layout_panel(layout, text);
        for (size_t i = first; i < end; i++)
            figure_layout_series(panel, plan_policy(plan, &plan->list.cells[i]));
    }
    return layout;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption, "shards", layout};

const struct figure figures_of_shards[FIGURES_OF_SHARDS] = {
    {.kind = &kind,
     .name = "shards-memory",
     .subject = "highest used_memory",
     .column = "used_memory_peak",
     .scale = FIGURE_BYTES,
     .of_shard = memory_of},
    {.kind = &kind,
     .name = "shards-requests",
     .subject = "requests",
     .column = "requests",
     .scale = FIGURE_RATE,
     .of_shard = requests_of},
    {.kind = &kind,
     .name = "shards-oom",
     .subject = "OOM rejections",
     .column = "oom_rejections",
     .is_least = offsetof(struct result, oom_is_least),
     .when_zero = "no write was refused",
     .scale = FIGURE_RATE,
     .of_shard = oom_of},
};

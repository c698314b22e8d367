/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_shards: with --shards, what each shard of a cluster needed, was asked and refused: one panel per cluster and
 * maxmemory, a bar for each shard and policy, of the first seed. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/json_values.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdlib.h>

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

/* A panel: some of a group's cells, and the block of the data that is the first one's. */
struct panel {
    size_t first, end, block;
};

/* Bars of one shard stand side by side, in the order of the policies. */
static void plot_panel(const struct plan *plan, const struct figure *figure, struct panel panel, FILE *out)
{
    double width = 0.8 / (double)(panel.end - panel.first);
    const char *before = "plot";

    for (size_t i = panel.first; i < panel.end; i++) {
        double place = ((double)(i - panel.first) + 0.5) * width - 0.4;

        fprintf(out, "%s data index %zu using ($1%+.4f):2:(%.4f) with boxes fill solid 0.6 border ls %zu notitle",
                before, panel.block + (i - panel.first), place, width, plan_policy(plan, &plan->list.cells[i]) + 1);
        before = ", \\\n    ";
    }
    if (figure->scale == FIGURE_BYTES && plan->list.cells[panel.first].results->maxmemory)
        fprintf(out, ", \\\n     data index %zu using 1:3 with lines lc rgb '#000000' dt (4,3) lw 1 notitle",
                panel.block);
    putc('\n', out);
}

static size_t count_panels(const struct plan *plan)
{
    size_t count = 0;

    for (size_t first = 0; first < plan->list.count; first = cell_list_group_end(&plan->list, first))
        count += has_panel(plan, first);
    return count;
}

/* Into so many panels a group is split: bars of more than six policies are too thin. */
static size_t parts_of(const struct plan *plan)
{
    return (plan->table.policy_count + FIGURE_MOST_POLICIES - 1) / FIGURE_MOST_POLICIES;
}

/* Into `panels` and `titles`, which the caller owns; returns how many. */
static size_t find_panels(const struct plan *plan, struct panel *panels, char (*titles)[FIGURE_TEXT])
{
    size_t count = 0, block = 0, parts = parts_of(plan);

    for (size_t first = 0, end; first < plan->list.count; first = end) {
        end = cell_list_group_end(&plan->list, first);
        if (!has_panel(plan, first))
            continue;
        for (size_t part = 0; part < parts; part++) {
            size_t from = first + (end - first) * part / parts, to = first + (end - first) * (part + 1) / parts;

            if (from == to)
                continue;
            plan_panel_name(plan, plan->list.cells[first].results, titles[count]);
            panels[count++] = (struct panel){from, to, block + (from - first)};
        }
        block += end - first;
    }
    return count;
}

static struct axis axis_of(const struct figure *figure, double most, double ticks)
{
    if (figure->scale == FIGURE_BYTES)
        return axis_bytes(most, ticks);
    return figure->scale == FIGURE_PERCENT ? axis_percent(0, most, ticks) : axis_counts(most, ticks);
}

static void write_panel(const struct plan *plan, const struct figure *figure, struct panel panel, struct page *page)
{
    size_t shards = plan->list.cells[panel.first].results->shard_count;

    fprintf(page->out, "set xrange [0.4:%.1f]\nset xtics 1,%zu\n", (double)shards + 0.6,
            shards / (size_t)page_ticks(page, 'x') / 2 + 1);
    page_axis(page, 'y', axis_of(figure, highest(plan, figure), page_ticks(page, 'y')),
              figure->scale == FIGURE_BYTES ? tick_bytes : tick_number);
    plot_panel(plan, figure, panel, page->out);
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    size_t most = (count_panels(plan) + 1) * parts_of(plan);
    struct panel *panels = xcalloc(most, sizeof *panels);
    char(*texts)[FIGURE_TEXT] = xcalloc(most, sizeof *texts);
    const char **titles = xcalloc(most, sizeof *titles);
    char name[FIGURE_TEXT];
    struct sheet sheet = {
        .name = figure->name,
        .comment = figure->subject,
        .y_name = figure_subject(figure, plan->run, name, sizeof name),
        .x_name = "shard",
        .panels = find_panels(plan, panels, texts),
        .titles = titles,
        .legend = plan_legend(plan),
        .in_a_row = parts_of(plan),
        .has_own_x = true,
    };
    struct page page;

    for (size_t i = 0; i < sheet.panels; i++)
        titles[i] = texts[i];
    page = page_begin(out, &sheet, plan->frame);
    for (size_t i = 0; i < sheet.panels; i++) {
        page_panel(&page, i);
        write_panel(plan, figure, panels[i], &page);
    }
    page_end(&page);
    free(titles);
    free(texts);
    free(panels);
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

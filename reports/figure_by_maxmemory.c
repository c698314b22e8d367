/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_by_maxmemory: one panel per server, one line per policy, the whole run at each point,
 * with 95 % intervals where there are several seeds. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Of the width of the figure, between the points of two policies. */
static const double SIDEWAYS = 0.008;

static size_t servers_of(const struct plan *plan)
{
    size_t count = 1;

    for (size_t group = 1; group < plan->group_count; group++)
        count += strcmp(grid_cell(plan->run, plan_first_of_group(plan, group)).results->server,
                        grid_cell(plan->run, plan_first_of_group(plan, group - 1)).results->server) != 0;
    return count;
}

static size_t sizes_of(const struct plan *plan)
{
    return plan->group_count / servers_of(plan);
}

static struct cell cell_at(const struct plan *plan, size_t server, size_t size, size_t policy)
{
    size_t group = server * sizes_of(plan) + size;

    return grid_cell(plan->run, plan_first_of_group(plan, group) + policy);
}

/* Sizes with their limits; 0, no limit, has no place on the axis. */
static struct range range_of_sizes(const struct plan *plan)
{
    struct range range = range_empty();

    for (size_t i = 0; i < sizes_of(plan); i++)
        if (cell_at(plan, 0, i, 0).results->maxmemory)
            range_widen(&range, (double)cell_at(plan, 0, i, 0).results->maxmemory);
    return range;
}

static struct range range_by_size(const struct plan *plan, const struct figure *figure)
{
    struct range range = range_empty();

    for (size_t i = 0; i < grid_cell_count(plan->run); i++) {
        struct estimate estimate = cell_ratio(grid_cell(plan->run, i), figure->ratio);

        range_widen(&range, estimate.mean);
        range_widen(&range, estimate.mean - estimate.half_width);
        range_widen(&range, estimate.mean + estimate.half_width);
    }
    return range;
}

static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    for (size_t server = 0; server < servers_of(plan); server++)
        for (size_t policy = 0; policy < plan->policy_count; policy++) {
            fprintf(out, "%s# %s %s\n# maxmemory_bytes %s half_width_95\n", server || policy ? "\n\n" : "",
                    cell_at(plan, server, 0, 0).results->server, plan->policies[policy], figure->column);
            for (size_t size = 0; size < sizes_of(plan); size++) {
                struct cell cell = cell_at(plan, server, size, policy);
                struct estimate estimate = cell_ratio(cell, figure->ratio);

                if (!cell.results->maxmemory)
                    continue;
                fprintf(out, "%" PRIu64 " ", cell.results->maxmemory);
                figure_put_value(out, estimate.mean);
                putc(' ', out);
                figure_put_value(out, estimate.half_width);
                putc('\n', out);
            }
        }
}

/* Sizes that double are equal steps, so the axis is logarithmic; its ticks are the sizes that ran.
 */
static void write_size_axis(const struct page *page, const struct plan *plan)
{
    struct range range = range_of_sizes(plan);
    double margin = pow(range.highest / range.lowest, 0.06);
    size_t every = (sizes_of(plan) + 7) / 8;
    const char *separator = "";
    char text[UNITS_TEXT];

    fprintf(page->out, "set logscale x 2\nset xrange [%.9g:%.9g]\nset xtics (", range.lowest / margin,
            range.highest * margin);
    for (size_t i = 0; i < sizes_of(plan); i += every) {
        uint64_t maxmemory = cell_at(plan, 0, i, 0).results->maxmemory;

        if (!maxmemory)
            continue;
        (plan->run->results->unit_sizes ? tick_number : tick_bytes)(text, (double)maxmemory);
        fprintf(page->out, "%s'%s' %" PRIu64, separator, text, maxmemory);
        separator = ", ";
    }
    fputs(")\n", page->out);
}

/* Each policy a little to the side of the one before, so that equal points do not hide one another.
 */
static void plot_by_size(const struct page *page, const struct plan *plan, size_t server)
{
    struct range range = range_of_sizes(plan);
    double width = log(range.highest / range.lowest);

    fputs("plot", page->out);
    for (size_t i = 0; i < plan->policy_count; i++) {
        double place = (double)i - (double)(plan->policy_count - 1) / 2;
        double aside = exp(width * SIDEWAYS * place);
        size_t index = server * plan->policy_count + i;

        fprintf(page->out, "%s index %zu using ($1*%.6f):($2*100) with linespoints ls %zu notitle",
                i ? ", \\\n     data" : " data", index, aside, i + 1);
        if (plan->run->seed_count > 1)
            fprintf(page->out,
                    ", \\\n     data index %zu using ($1*%.6f):($2*100):($3*100) with yerrorbars "
                    "ls %zu dt solid notitle",
                    index, aside, i + 1);
    }
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    struct range range = range_by_size(plan, figure);
    size_t servers = servers_of(plan);
    char title[FIGURE_TEXT];
    struct page page;

    snprintf(title, sizeof title, "%s by maxmemory", figure->subject);
    page = page_begin(out, figure->name, title, servers, plan->policies, plan->policy_count);
    for (size_t server = 0; server < servers; server++) {
        page_panel(&page, server, cell_at(plan, server, 0, 0).results->server, "maxmemory", figure->subject);
        write_size_axis(&page, plan);
        page_axis(&page, 'y', axis_percent(range.lowest * 100, range.highest * 100), tick_number);
        plot_by_size(&page, plan, server);
        putc('\n', out);
    }
    page_end(&page);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    fprintf(out, "%s: %s of the whole run by maxmemory", figure->name, figure->subject);
    if (plan->run->seed_count > 1)
        fprintf(out, "; mean and 95 %% confidence interval over %zu seeds", plan->run->seed_count);
    fputs("; policies are set a little apart sideways\n", out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    struct range sizes = range_of_sizes(plan), range = range_by_size(plan, figure);

    if (!(sizes.lowest < sizes.highest))
        return "there is one maxmemory";
    if (range.lowest > range.highest)
        return "there was nothing to count";
    return figure->when_zero && range.highest <= 0 ? figure->when_zero : NULL;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption};

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
     .when_zero = "no write was refused",
     .scale = FIGURE_PERCENT,
     .ratio = result_oom_share},
};

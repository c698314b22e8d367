/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_over_time: one panel per server and maxmemory, one line per policy, the mean of the
 * seeds.
 *
 * Rates and ratios are taken over a window that slides along: a single interval of a curve holds
 * too few requests to be read. All panels have one scale, so that they can be compared; bytes have
 * one each, as what matters there is the distance to the panel's own maxmemory. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MARKERS = 7 }; /* on each line */

static const struct sample *sample_of(struct cell cell, size_t seed, size_t index)
{
    return &cell.results[seed].curve.samples[index];
}

static double time_of(struct cell cell, size_t index)
{
    return (double)sample_of(cell, 0, index)->time_us / 1e6;
}

/* Since the sample `window` before; since the start when that is earlier than the first. */
static double gain(struct cell cell, size_t index, size_t window, uint64_t (*count)(const struct sample *sample))
{
    double sum = 0;

    for (size_t seed = 0; seed < cell.count; seed++) {
        uint64_t before = index >= window ? count(sample_of(cell, seed, index - window)) : 0;

        sum += (double)count(sample_of(cell, seed, index)) - (double)before;
    }
    return sum;
}

static double rate(struct cell cell, size_t index, size_t window, uint64_t (*count)(const struct sample *sample))
{
    double before = index >= window ? time_of(cell, index - window) : 0;
    double seconds = time_of(cell, index) - before;

    if (!(seconds > 0))
        return NAN;
    return gain(cell, index, window, count) / seconds / (double)cell.count;
}

static uint64_t hits(const struct sample *sample)
{
    return sample->hits;
}

static uint64_t reads(const struct sample *sample)
{
    return sample->hits + sample->misses;
}

static uint64_t rejections(const struct sample *sample)
{
    return sample->oom_rejections;
}

static uint64_t evicted(const struct sample *sample)
{
    return sample->evicted_keys;
}

/* The values of the figures over time, as the data files have them: bytes, ratios, rates per
 * second. */

static double memory_at(struct cell cell, size_t index, size_t window)
{
    double sum = 0;

    (void)window;
    for (size_t seed = 0; seed < cell.count; seed++)
        sum += (double)sample_of(cell, seed, index)->used_memory;
    return sum / (double)cell.count;
}

static double hit_ratio_at(struct cell cell, size_t index, size_t window)
{
    double asked = gain(cell, index, window, reads);

    return asked > 0 ? gain(cell, index, window, hits) / asked : NAN;
}

static double rejections_at(struct cell cell, size_t index, size_t window)
{
    return rate(cell, index, window, rejections);
}

static double evictions_at(struct cell cell, size_t index, size_t window)
{
    return rate(cell, index, window, evicted);
}

static struct range range_over_time(const struct plan *plan, const struct figure *figure, size_t first, size_t end)
{
    struct range range = range_empty();

    for (size_t i = first; i < end; i++)
        for (size_t j = 0; j < plan->samples; j++)
            range_widen(&range, figure->value(grid_cell(plan->run, i), j, plan->window));
    return range;
}

/* One block per line of the figure, two empty lines between blocks: gnuplot's `index`. */
static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    for (size_t i = 0; i < grid_cell_count(plan->run); i++) {
        struct cell cell = grid_cell(plan->run, i);

        fprintf(out, "%s# %s %s maxmemory %" PRIu64 "\n# time_s %s\n", i ? "\n\n" : "", cell.results->server,
                cell.results->policy, cell.results->maxmemory, figure->column);
        for (size_t j = 0; j < plan->samples; j++) {
            fprintf(out, "%.6f ", time_of(cell, j));
            figure_put_value(out, figure->value(cell, j, plan->window));
            putc('\n', out);
        }
    }
}

static double factor(const struct plan *plan, enum figure_scale scale)
{
    if (scale == FIGURE_PERCENT)
        return 100;
    return scale == FIGURE_RATE ? plan->rate_unit_s : 1;
}

static struct axis value_axis(const struct plan *plan, enum figure_scale scale, struct range range)
{
    double by = factor(plan, scale);

    if (scale == FIGURE_BYTES)
        return plan->run->results->unit_sizes ? axis_counts(range.highest) : axis_bytes(range.highest);
    if (scale == FIGURE_PERCENT)
        return axis_percent(range.lowest * by, range.highest * by);
    return axis_counts(range.highest * by);
}

/* "48m" rather than "48m 00s". */
static void window_text(const struct plan *plan, char *text)
{
    char *last;

    print_duration(text, plan->run->results[0].curve.interval_us * (int64_t)plan->window);
    last = strrchr(text, ' ');
    if (last && strncmp(last, " 00", 3) == 0)
        *last = '\0';
}

static void value_name(const struct plan *plan, const struct figure *figure, char *text)
{
    char window[UNITS_TEXT];

    window_text(plan, window);
    if (figure->scale == FIGURE_BYTES)
        snprintf(text, FIGURE_TEXT, "%s", figure->subject);
    else if (figure->scale == FIGURE_PERCENT)
        snprintf(text, FIGURE_TEXT, "%s (%%), window of %s", figure->subject, window);
    else
        snprintf(text, FIGURE_TEXT, "%s per %s", figure->subject, plan->rate_name);
}

static void panel_title(const struct plan *plan, size_t group, char *text)
{
    const struct result *result = grid_cell(plan->run, plan_first_of_group(plan, group)).results;
    char maxmemory[UNITS_TEXT];

    if (result->unit_sizes)
        print_count(maxmemory, result->maxmemory);
    else
        print_maxmemory(maxmemory, result->maxmemory);
    snprintf(text, FIGURE_TEXT, "%s, %s%s", result->server, result->maxmemory ? "maxmemory " : "no limit",
             result->maxmemory ? maxmemory : "");
}

static void plot_markers(const struct page *page, const struct plan *plan, size_t group, size_t policy, double by,
                         size_t style)
{
    size_t every = plan->samples / MARKERS ? plan->samples / MARKERS : 1;
    size_t first = (every * policy + every / 2) / plan->policy_count;

    fprintf(page->out, ", \\\n     data index %zu every %zu::%zu using ($1/%g):($2*%g) with points ls %zu notitle",
            plan_first_of_group(plan, group) + policy, every, first, plan->time_unit_s, by, style);
}

/* Lines first, then markers, each policy's at places of its own: of lines that lie on one another,
 * the markers still tell which are there. */
static void plot_lines(const struct page *page, const struct plan *plan, size_t group, double by)
{
    fputs("plot", page->out);
    for (size_t i = 0; i < plan->policy_count; i++)
        fprintf(page->out, "%s index %zu using ($1/%g):($2*%g) with lines ls %zu notitle",
                i ? ", \\\n     data" : " data", plan_first_of_group(plan, group) + i, plan->time_unit_s, by, i + 1);
    for (size_t i = 0; i < plan->policy_count; i++) {
        plot_markers(page, plan, group, i, by, FIGURE_STYLE_BENEATH + i + 1);
        plot_markers(page, plan, group, i, by, i + 1);
    }
}

static void mark_maxmemory(const struct page *page, const struct result *result)
{
    if (!result->maxmemory)
        return;
    fprintf(page->out,
            "set arrow 1 from graph 0, first %" PRIu64 " to graph 1, first %" PRIu64
            " nohead back lc rgb '#606060' lw 1.2 dt (4,3)\n"
            "set label 1 'maxmemory' at graph 1, first %" PRIu64 " right offset 0,0.9 textcolor rgb '#606060'\n",
            result->maxmemory, result->maxmemory, result->maxmemory);
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    size_t cells = grid_cell_count(plan->run);
    struct range all = range_over_time(plan, figure, 0, cells);
    double duration = time_of(grid_cell(plan->run, 0), plan->samples - 1);
    char title[FIGURE_TEXT], name[FIGURE_TEXT], time_name[FIGURE_TEXT];
    struct page page;

    snprintf(title, sizeof title, "%s over time", figure->subject);
    value_name(plan, figure, name);
    snprintf(time_name, sizeof time_name, "time since the first request (%s)", plan->time_name);
    page = page_begin(out, figure->name, title, plan->group_count, plan->policies, plan->policy_count);
    for (size_t group = 0; group < plan->group_count; group++) {
        size_t first = plan_first_of_group(plan, group), end = first + plan->policy_count;
        const struct result *result = grid_cell(plan->run, first).results;
        struct range range = all; /* one scale for all panels, except for bytes, which differ by design */

        panel_title(plan, group, title);
        page_panel(&page, group, title, time_name, name);
        page_axis(&page, 'x', axis_time(duration, plan->time_unit_s), tick_number);
        if (figure->scale == FIGURE_BYTES) {
            range = range_over_time(plan, figure, first, end);
            range_widen(&range, (double)result->maxmemory);
            mark_maxmemory(&page, result);
        }
        page_axis(&page, 'y', value_axis(plan, figure->scale, range),
                  figure->scale == FIGURE_BYTES && !plan->run->results->unit_sizes ? tick_bytes : tick_number);
        plot_lines(&page, plan, group, factor(plan, figure->scale));
        putc('\n', out);
    }
    page_end(&page);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    char window[UNITS_TEXT];

    window_text(plan, window);
    fprintf(out, "%s: %s over time", figure->name, figure->subject);
    if (figure->scale == FIGURE_BYTES)
        fputs("; the dashed grey line is maxmemory", out);
    else
        fprintf(out, ", in a window of %s that slides along", window);
    if (plan->run->seed_count > 1)
        fprintf(out, "; mean of %zu seeds", plan->run->seed_count);
    fputs("\n", out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    struct range range;

    if (plan->samples < 2)
        return "the run is too short for a curve";
    range = range_over_time(plan, figure, 0, grid_cell_count(plan->run));
    if (range.lowest > range.highest)
        return "nothing was read";
    return figure->when_zero && range.highest <= 0 ? figure->when_zero : NULL;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption};

const struct figure figures_over_time[FIGURES_OVER_TIME] = {
    {.kind = &kind,
     .name = "memory",
     .subject = "used_memory",
     .column = "used_memory_bytes",
     .scale = FIGURE_BYTES,
     .value = memory_at},
    {.kind = &kind,
     .name = "hit-ratio",
     .subject = "hit ratio",
     .column = "hit_ratio",
     .scale = FIGURE_PERCENT,
     .value = hit_ratio_at},
    {.kind = &kind,
     .name = "oom-rejections",
     .subject = "OOM rejections",
     .column = "oom_rejections_per_second",
     .when_zero = "no write was refused",
     .scale = FIGURE_RATE,
     .value = rejections_at},
    {.kind = &kind,
     .name = "evictions",
     .subject = "evicted keys",
     .column = "evicted_keys_per_second",
     .when_zero = "no key was evicted",
     .scale = FIGURE_RATE,
     .value = evictions_at},
};

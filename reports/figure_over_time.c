/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_over_time: figures over time: one panel per server and maxmemory, one line per policy, the mean of the
 * seeds.
 *
 * Rates and ratios are taken over a sliding window, because a single interval of a curve holds too few requests. All
 * panels have one scale, so that they can be compared. Bytes have a scale for each row of panels: there the distance to
 * maxmemory matters.
 *
 * A line is made of steps, because a curve is known only at its samples. Memory holds its value until the next sample;
 * a rate or ratio is that of the time since the sample before. Where nothing was read there is no ratio, and the line
 * has a gap. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MARKERS = 5 }; /* markers on each line */

static const struct sample *sample_of(struct cell cell, size_t seed, size_t index)
{
    return &cell.results[seed].curve.samples[index];
}

static double time_of(struct cell cell, size_t index)
{
    return (double)sample_of(cell, 0, index)->time_us / 1e6;
}

/* The growth of a count since the sample `window` places before, or since the start if there is none, summed over the
 * seeds. */
static double growth(struct cell cell, size_t index, size_t window, uint64_t (*count)(const struct sample *sample))
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
    return growth(cell, index, window, count) / seconds / (double)cell.count;
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

/* The values of the figures over time, in the units of the data files: bytes, ratios, rates per second. */

static double memory_at(struct cell cell, size_t index, size_t window)
{
    double sum = 0;

    (void)window;
    for (size_t seed = 0; seed < cell.count; seed++)
        sum += (double)sample_of(cell, seed, index)->used_memory;
    return sum / (double)cell.count;
}

static double rss_at(struct cell cell, size_t index, size_t window)
{
    double sum = 0;

    (void)window;
    for (size_t seed = 0; seed < cell.count; seed++)
        sum += (double)sample_of(cell, seed, index)->used_memory_rss;
    return sum / (double)cell.count;
}

static double hit_ratio_at(struct cell cell, size_t index, size_t window)
{
    double asked = growth(cell, index, window, reads);

    return asked > 0 ? growth(cell, index, window, hits) / asked : NAN;
}

static double rejections_at(struct cell cell, size_t index, size_t window)
{
    return rate(cell, index, window, rejections);
}

static double evictions_at(struct cell cell, size_t index, size_t window)
{
    return rate(cell, index, window, evicted);
}

/* The range of the values of the cells from `first` on, before `end`. */
static struct range range_over_time(const struct plan *plan, const struct figure *figure, size_t first, size_t end)
{
    struct range range = range_empty();

    for (size_t i = first; i < end; i++) {
        struct cell cell = plan->list.cells[i];
        size_t window = plan_window(plan, &cell), samples = cell_samples(cell);

        for (size_t j = 0; j < samples; j++) {
            range_widen(&range, figure->value(cell, j, window));
            if (figure->scale == FIGURE_BYTES)
                range_widen(&range, (double)sample_of(cell, 0, j)->maxmemory);
        }
    }
    return range;
}

/* gnuplot's fsteps draws no step for a value without one before it. Returns where such a step begins, in seconds; NaN
 * for other steps. */
static double lone_begin(struct cell cell, const struct figure *figure, size_t index, size_t window)
{
    if (index == 0)
        return 0;
    return isnan(figure->value(cell, index - 1, window)) ? time_of(cell, index - 1) : NAN;
}

static void write_sample(struct cell cell, const struct figure *figure, size_t index, size_t window, FILE *out)
{
    fprintf(out, "%.6f ", time_of(cell, index));
    figure_put_value(out, figure->value(cell, index, window));
    putc(' ', out);
    if (figure->scale == FIGURE_BYTES)
        fprintf(out, "%" PRIu64, sample_of(cell, 0, index)->maxmemory);
    else
        figure_put_value(out, lone_begin(cell, figure, index, window));
    putc('\n', out);
}

/* Writes one block per line of the figure. Blocks are two empty lines apart, as gnuplot's `index` requires. */
static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    const char *between = "";

    for (size_t i = 0; i < plan->list.count; i++) {
        struct cell cell = plan->list.cells[i];
        size_t window = plan_window(plan, &cell), samples = cell_samples(cell);

        if (!samples)
            continue;
        fprintf(out, "%s# %s %s maxmemory %" PRIu64 "\n# time_s %s %s\n", between, cell.results->server,
                cell.results->policy, cell.results->maxmemory, figure->column,
                figure->scale == FIGURE_BYTES ? "maxmemory_bytes" : "lone_begin_s");
        for (size_t j = 0; j < samples; j++)
            write_sample(cell, figure, j, window, out);
        between = "\n\n";
    }
}

static double factor(const struct plan *plan, enum figure_scale scale)
{
    if (scale == FIGURE_PERCENT)
        return 100;
    return scale == FIGURE_RATE ? plan->rate_unit_s : 1;
}

static struct axis value_axis(const struct plan *plan, enum figure_scale scale, struct range range, double ticks)
{
    double by = factor(plan, scale);

    if (scale == FIGURE_BYTES)
        return plan->run->results->unit_sizes ? axis_counts(range.highest, ticks)
                                              : axis_byte_range(range.lowest, range.highest, ticks);
    if (scale == FIGURE_PERCENT)
        return axis_percent(range.lowest * by, range.highest * by, ticks);
    return axis_counts(range.highest * by, ticks);
}

static void value_name(const struct plan *plan, const struct figure *figure, char *text)
{
    char subject[FIGURE_TEXT / 2], window[UNITS_TEXT];

    figure_subject(figure, plan->run, subject, sizeof subject);
    plan_window_text(plan, window);
    if (figure->scale == FIGURE_BYTES)
        snprintf(text, FIGURE_TEXT, "%s", subject);
    else if (figure->scale == FIGURE_PERCENT)
        snprintf(text, FIGURE_TEXT, "%s (%%), window of %s", subject, window);
    else
        snprintf(text, FIGURE_TEXT, "%s per %s", subject, plan->rate_name);
}

/* What is drawn of one panel. */
struct panel {
    const struct plan *plan;
    const struct figure *figure;
    const struct cell *cell; /* one of it */
};

static void put_line(const void *what, const char *look, struct figure_line line, FILE *out)
{
    const struct panel *panel = what;

    (void)line;
    fprintf(out, "using ($1/%g):($2*%g) with %s %s notitle", panel->plan->time_unit_s,
            factor(panel->plan, panel->figure->scale), panel->figure->scale == FIGURE_BYTES ? "steps" : "fsteps", look);
}

/* Draws the steps that fsteps leaves out: the first, and those after gaps. */
static void put_lone_steps(const void *what, const char *look, struct figure_line line, FILE *out)
{
    const struct panel *panel = what;

    (void)line;
    fprintf(out, "using ($1/%g):($3 >= 0 ? $2*%g : NaN):(($3-$1)/%g):(0) with vectors nohead %s notitle",
            panel->plan->time_unit_s, factor(panel->plan, panel->figure->scale), panel->plan->time_unit_s, look);
}

/* Each policy has its markers at different places, so that lines which lie on one another can be told apart. */
static void put_markers_of(const struct panel *panel, size_t policy, size_t layer, FILE *out)
{
    size_t samples = cell_samples(*panel->cell);
    size_t every = samples / MARKERS ? samples / MARKERS : 1;
    size_t first = (every * policy + every / 2) / panel->plan->table.policy_count;

    fprintf(out, "every %zu::%zu using ($1/%g):($2*%g) with points ls %zu notitle", every, first,
            panel->plan->time_unit_s, factor(panel->plan, panel->figure->scale), layer + policy + 1);
}

static void put_markers_beneath(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)look;
    put_markers_of(what, line.policy, FIGURE_STYLE_BENEATH, out);
}

static void put_markers(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)look;
    put_markers_of(what, line.policy, 0, out);
}

/* A scenario may change maxmemory, so it is drawn from the data, as a line like any other. */
static void put_maxmemory(const struct panel *panel, size_t block, FILE *out)
{
    fprintf(out,
            ", \\\n     data index %zu using ($1/%g):($3 > 0 ? $3 : NaN) with steps lc rgb '#606060' lw 1.2 dt (4,3) "
            "notitle",
            block, panel->plan->time_unit_s);
}

static void label_maxmemory(const struct panel *panel, FILE *out)
{
    size_t samples = cell_samples(*panel->cell);
    uint64_t last = samples ? sample_of(*panel->cell, 0, samples - 1)->maxmemory : 0;

    if (last)
        fprintf(out,
                "set label 1 'maxmemory' at graph 1, first %" PRIu64 " right offset 0,0.6 textcolor rgb '#606060'\n",
                last);
}

static void plot_panel(const struct panel *panel, const struct figure_lines *lines, size_t index, FILE *out)
{
    static figure_element_fn *const of_bytes[] = {put_line, put_markers_beneath, put_markers};
    static figure_element_fn *const of_rates[] = {put_line, put_lone_steps, put_markers_beneath, put_markers};
    bool is_bytes = panel->figure->scale == FIGURE_BYTES;

    figure_lines_plot(lines, index, is_bytes ? of_bytes : of_rates, is_bytes ? 3 : 4, is_bytes ? 1 : 2, panel, out);
    if (is_bytes)
        put_maxmemory(panel, lines->panels[index].lines->block, out);
    putc('\n', out);
}

/* A panel for each group that has a curve; `firsts` get the first cell of each, in the order of the lines' panels. */
static struct figure_lines lines_of(const struct plan *plan, size_t *firsts)
{
    struct figure_lines lines = figure_lines_new(plan->table.policies, plan->table.policy_count);
    char title[FIGURE_TEXT];

    for (size_t first = 0, end; first < plan->list.count; first = end) {
        end = cell_list_group_end(&plan->list, first);
        plan_panel_name(plan, plan->list.cells[first].results, title);
        firsts[lines.said_count] = first;
        figure_lines_panel(&lines, title);
        for (size_t i = first; i < end; i++)
            if (cell_samples(plan->list.cells[i]))
                figure_lines_add(&lines, plan_policy(plan, &plan->list.cells[i]));
    }
    return lines;
}

/* The axis of a panel is that of its row: of the cells of its panels. All rows have one, unless it is of bytes: there the distance to
 * maxmemory matters. */
static struct range range_of_row(const struct plan *plan, const struct figure *figure, const struct figure_lines *lines,
                                 const size_t *firsts, const struct page *page, size_t index)
{
    struct range range = range_empty();

    if (figure->scale != FIGURE_BYTES)
        return range_over_time(plan, figure, 0, plan->list.count);
    for (size_t i = page_row_first(page, index); i < page_row_end(page, index); i++) {
        size_t first = firsts[lines->panels[i].source];
        struct range one = range_over_time(plan, figure, first, cell_list_group_end(&plan->list, first));

        range_widen(&range, one.lowest);
        range_widen(&range, one.highest);
    }
    return range;
}

static void write_panels(const struct plan *plan, const struct figure *figure, const struct figure_lines *lines,
                         const size_t *firsts, struct page *page)
{
    bool is_bytes = figure->scale == FIGURE_BYTES;

    for (size_t i = 0; i < lines->panel_count; i++) {
        const struct panel panel = {plan, figure, &plan->list.cells[firsts[lines->panels[i].source]]};

        page_panel(page, i);
        figure_shade_warmup(plan, figure, page->out);
        page_axis(page, 'x', axis_time(plan_duration_s(plan), plan->time_unit_s, page_ticks(page, 'x')), tick_number);
        if (is_bytes)
            label_maxmemory(&panel, page->out);
        page_axis(
            page, 'y',
            value_axis(plan, figure->scale, range_of_row(plan, figure, lines, firsts, page, i), page_ticks(page, 'y')),
            is_bytes && !plan->run->results->unit_sizes ? tick_bytes : tick_number);
        plot_panel(&panel, lines, i, page->out);
    }
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    const struct figure_of of = {plan, figure};
    size_t *firsts = xcalloc(plan->list.count + 1, sizeof *firsts);
    struct figure_lines lines = lines_of(plan, firsts);
    char title[FIGURE_TEXT], name[FIGURE_TEXT], time_name[FIGURE_TEXT];
    struct sheet sheet = {.name = figure->name, .comment = title, .y_name = name, .x_name = time_name};
    struct page page;

    snprintf(title, sizeof title, "%s over time", figure->subject);
    value_name(plan, figure, name);
    plan_time_title(plan, time_name);
    figure_lines_arrange(&lines, figure_write_data, &of);
    figure_lines_put_sheet(&lines, &sheet);
    page = page_begin(out, &sheet, plan->frame);
    write_panels(plan, figure, &lines, firsts, &page);
    page_end(&page);
    figure_lines_release(&lines);
    free(firsts);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    char window[UNITS_TEXT];

    plan_window_text(plan, window);
    fprintf(out, "%s: %s over time", figure->name, figure->subject);
    if (figure->scale == FIGURE_BYTES)
        fputs("; the dashed grey line is maxmemory", out);
    else
        fprintf(out, ", each value over the %s before it (at first: since the start)", window);
    if (plan->run->seed_count > 1)
        fprintf(out, "; mean of %zu seeds", plan->run->seed_count);
    figure_name_warmup(plan->run, figure, out);
    fputs("\n", out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    struct range range;
    size_t most = 0;

    if (figure->needs_rss && !plan->run->has_rss)
        return "--rss was not given";
    for (size_t i = 0; i < plan->list.count; i++)
        most = cell_samples(plan->list.cells[i]) > most ? cell_samples(plan->list.cells[i]) : most;
    if (most < 2)
        return "the run is too short for a curve";
    range = range_over_time(plan, figure, 0, plan->list.count);
    if (range.lowest > range.highest)
        return "nothing was read";
    return figure->when_zero && range.highest <= 0 ? figure->when_zero : NULL;
}

static json_t *layout(const struct plan *plan, const struct figure *figure)
{
    char title[FIGURE_TEXT], name[FIGURE_TEXT], time_name[FIGURE_TEXT];
    json_t *layout;

    snprintf(title, sizeof title, "%s over time", figure->subject);
    plan_time_title(plan, time_name);
    value_name(plan, figure, name);
    layout = figure_layout(title, time_name, name);
    for (size_t first = 0, end; first < plan->list.count; first = end) {
        json_t *panel = NULL;

        end = cell_list_group_end(&plan->list, first);
        plan_panel_title(plan->list.cells[first].results, title);
        for (size_t i = first; i < end; i++) {
            if (!cell_samples(plan->list.cells[i]))
                continue;
            panel = panel ? panel : figure_layout_panel(layout, title);
            figure_layout_series(panel, plan_policy(plan, &plan->list.cells[i]));
        }
    }
    return layout;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption, "over-time", layout};

const struct figure figures_over_time[FIGURES_OVER_TIME] = {
    {.kind = &kind,
     .name = "memory",
     .subject = "used_memory",
     .is_least = offsetof(struct result, memory_is_least),
     .column = "used_memory_bytes",
     .scale = FIGURE_BYTES,
     .value = memory_at},
    {.kind = &kind,
     .name = "rss",
     .subject = "used_memory_rss",
     .is_least = offsetof(struct result, memory_is_least),
     .column = "used_memory_rss_bytes",
     .needs_rss = true,
     .scale = FIGURE_BYTES,
     .value = rss_at},
    {.kind = &kind,
     .name = "hit-ratio",
     .subject = "hit ratio",
     .column = "hit_ratio",
     .scale = FIGURE_PERCENT,
     .value = hit_ratio_at},
    {.kind = &kind,
     .name = "oom-rejections",
     .subject = "OOM rejections",
     .is_least = offsetof(struct result, oom_is_least),
     .column = "oom_rejections_per_second",
     .when_zero = "no write was refused",
     .scale = FIGURE_RATE,
     .value = rejections_at},
    {.kind = &kind,
     .name = "evictions",
     .subject = "evicted keys",
     .is_least = offsetof(struct result, memory_is_least),
     .column = "evicted_keys_per_second",
     .when_zero = "no key was evicted",
     .scale = FIGURE_RATE,
     .value = evictions_at},
};

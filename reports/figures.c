/* SPDX-License-Identifier: GPL-3.0-or-later */

/* figures: the curves of a run as pictures, through gnuplot.
 *
 * Each figure is four files of one name in figures/: data (.dat), script (.gp) and two pictures
 * (.svg, .png). Data come first, for all figures, so that a machine without gnuplot still gives
 * them. Over time there is one panel per server and maxmemory; by maxmemory one per server. With
 * several seeds the curves are means of the seeds, and points by maxmemory have 95 % intervals.
 * captions.txt says what each figure shows, and why one is missing.
 *
 * Rates and ratios over time are taken over a window that slides along: a single interval of a
 * curve holds too few requests to be read. */
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "reports/gnuplot.h"
#include "reports/grid.h"
#include "reports/output.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the width of the figure, between the points of two policies. */
static const double SIDEWAYS = 0.008;

enum { WINDOW_PARTS = 25, MARKERS = 7, CAPTION = 512 };

/* What all figures of a run have in common. */
struct plan {
    const struct run *run;
    char *directory; /* owned */
    FILE *captions;
    const char **policies; /* owned array: of the first group, as every group has them */
    size_t policy_count, group_count;
    size_t samples, window; /* of every curve; samples in a window */
    double time_unit_s, rate_unit_s;
    const char *time_name, *rate_name;
};

static size_t first_of_group(const struct plan *plan, size_t group)
{
    return group * plan->policy_count;
}

static const struct sample *sample_of(struct cell cell, size_t seed, size_t index)
{
    return &cell.results[seed].curve.samples[index];
}

static double time_of(struct cell cell, size_t index)
{
    return (double)sample_of(cell, 0, index)->time_us / 1e6;
}

/* Since the sample `window` before; since the start when that is earlier than the first. */
static double gain(struct cell cell, size_t index, size_t window,
                   uint64_t (*count)(const struct sample *sample))
{
    double sum = 0;

    for (size_t seed = 0; seed < cell.count; seed++) {
        uint64_t before = index >= window ? count(sample_of(cell, seed, index - window)) : 0;

        sum += (double)count(sample_of(cell, seed, index)) - (double)before;
    }
    return sum;
}

static double rate(struct cell cell, size_t index, size_t window,
                   uint64_t (*count)(const struct sample *sample))
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

enum scale { BYTES, PERCENT, RATE };

struct time_figure {
    const char *name, *column, *subject;
    enum scale scale;
    double (*value)(struct cell cell, size_t index, size_t window);
    const char *when_zero; /* why there is no figure when every value is 0; NULL: there is one */
};

static const struct time_figure time_figures[] = {
    {"memory", "used_memory_bytes", "used_memory", BYTES, memory_at, NULL},
    {"hit-ratio", "hit_ratio", "hit ratio", PERCENT, hit_ratio_at, NULL},
    {"oom-rejections", "oom_rejections_per_second", "OOM rejections", RATE, rejections_at,
     "no write was refused"},
    {"evictions", "evicted_keys_per_second", "evicted keys", RATE, evictions_at,
     "no key was evicted"},
};

struct size_figure {
    const char *name, *column, *subject;
    double (*ratio)(const struct result *result);
    const char *when_zero;
};

static const struct size_figure size_figures[] = {
    {"hit-ratio-by-maxmemory", "hit_ratio", "hit ratio (%)", result_hit_ratio, NULL},
    {"oom-by-maxmemory", "oom_share", "OOM rejections (% of writes)", result_oom_share,
     "no write was refused"},
};

enum {
    TIME_FIGURES = sizeof time_figures / sizeof *time_figures,
    SIZE_FIGURES = sizeof size_figures / sizeof *size_figures,
};

struct range {
    double lowest, highest; /* lowest > highest: nothing there */
};

static const struct range nothing = {INFINITY, -INFINITY};

static void widen(struct range *range, double value)
{
    if (isfinite(value)) {
        range->lowest = fmin(range->lowest, value);
        range->highest = fmax(range->highest, value);
    }
}

static struct range range_over_time(const struct plan *plan, const struct time_figure *figure,
                                    size_t first, size_t end)
{
    struct range range = nothing;

    for (size_t i = first; i < end; i++)
        for (size_t j = 0; j < plan->samples; j++)
            widen(&range, figure->value(grid_cell(plan->run, i), j, plan->window));
    return range;
}

static void put_value(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.17g", value);
    else
        fputs("NaN", out);
}

/* One block per line of the figure, two empty lines between blocks: gnuplot's `index`. */
static void write_time_data(const struct plan *plan, const struct time_figure *figure, FILE *out)
{
    for (size_t i = 0; i < grid_cell_count(plan->run); i++) {
        struct cell cell = grid_cell(plan->run, i);

        fprintf(out, "%s# %s %s maxmemory %" PRIu64 "\n# time_s %s\n", i ? "\n\n" : "",
                cell.results->server, cell.results->policy, cell.results->maxmemory,
                figure->column);
        for (size_t j = 0; j < plan->samples; j++) {
            fprintf(out, "%.6f ", time_of(cell, j));
            put_value(out, figure->value(cell, j, plan->window));
            putc('\n', out);
        }
    }
}

static double factor(const struct plan *plan, enum scale scale)
{
    if (scale == PERCENT)
        return 100;
    return scale == RATE ? plan->rate_unit_s : 1;
}

static struct axis value_axis(const struct plan *plan, enum scale scale, struct range range)
{
    double by = factor(plan, scale);

    if (scale == BYTES)
        return axis_bytes(range.highest);
    if (scale == PERCENT)
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

static void value_name(const struct plan *plan, const struct time_figure *figure, char *text)
{
    char window[UNITS_TEXT];

    window_text(plan, window);
    if (figure->scale == BYTES)
        snprintf(text, CAPTION, "%s", figure->subject);
    else if (figure->scale == PERCENT)
        snprintf(text, CAPTION, "%s (%%), window of %s", figure->subject, window);
    else
        snprintf(text, CAPTION, "%s per %s", figure->subject, plan->rate_name);
}

static void panel_title(const struct plan *plan, size_t group, char *text)
{
    const struct result *result = grid_cell(plan->run, first_of_group(plan, group)).results;
    char maxmemory[UNITS_TEXT];

    print_maxmemory(maxmemory, result->maxmemory);
    snprintf(text, CAPTION, "%s, %s%s", result->server,
             result->maxmemory ? "maxmemory " : "no limit", result->maxmemory ? maxmemory : "");
}

static void plot_markers(const struct page *page, const struct plan *plan, size_t group,
                         size_t policy, double by, size_t style)
{
    size_t every = plan->samples / MARKERS ? plan->samples / MARKERS : 1;
    size_t first = (every * policy + every / 2) / plan->policy_count;

    fprintf(
        page->out,
        ", \\\n     data index %zu every %zu::%zu using ($1/%g):($2*%g) with points ls %zu notitle",
        first_of_group(plan, group) + policy, every, first, plan->time_unit_s, by, style);
}

/* Lines first, then markers, each policy's at places of its own: of lines that lie on one another,
 * the markers still tell which are there. */
static void plot_lines(const struct page *page, const struct plan *plan, size_t group, double by)
{
    fputs("plot", page->out);
    for (size_t i = 0; i < plan->policy_count; i++)
        fprintf(page->out, "%s index %zu using ($1/%g):($2*%g) with lines ls %zu notitle",
                i ? ", \\\n     data" : " data", first_of_group(plan, group) + i, plan->time_unit_s,
                by, i + 1);
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
            "set label 1 'maxmemory' at graph 1, first %" PRIu64
            " right offset 0,0.9 textcolor rgb '#606060'\n",
            result->maxmemory, result->maxmemory, result->maxmemory);
}

static void write_time_script(const struct plan *plan, const struct time_figure *figure, FILE *out)
{
    size_t cells = grid_cell_count(plan->run);
    struct range all = range_over_time(plan, figure, 0, cells);
    double duration = time_of(grid_cell(plan->run, 0), plan->samples - 1);
    char title[CAPTION], name[CAPTION], time_name[CAPTION];
    struct page page;

    snprintf(title, sizeof title, "%s over time", figure->subject);
    value_name(plan, figure, name);
    snprintf(time_name, sizeof time_name, "time since the first request (%s)", plan->time_name);
    page =
        page_begin(out, figure->name, title, plan->group_count, plan->policies, plan->policy_count);
    for (size_t group = 0; group < plan->group_count; group++) {
        size_t first = first_of_group(plan, group), end = first + plan->policy_count;
        const struct result *result = grid_cell(plan->run, first).results;
        struct range range =
            all; /* one scale for all panels, except for bytes, which differ by design */

        panel_title(plan, group, title);
        page_panel(&page, group, title, time_name, name);
        page_axis(&page, 'x', axis_time(duration, plan->time_unit_s), tick_number);
        if (figure->scale == BYTES) {
            range = range_over_time(plan, figure, first, end);
            widen(&range, (double)result->maxmemory);
            mark_maxmemory(&page, result);
        }
        page_axis(&page, 'y', value_axis(plan, figure->scale, range),
                  figure->scale == BYTES ? tick_bytes : tick_number);
        plot_lines(&page, plan, group, factor(plan, figure->scale));
        putc('\n', out);
    }
    page_end(&page);
}

/* By maxmemory: one panel per server, one line per policy. */

static size_t servers_of(const struct plan *plan)
{
    size_t count = 1;

    for (size_t group = 1; group < plan->group_count; group++)
        count += strcmp(grid_cell(plan->run, first_of_group(plan, group)).results->server,
                        grid_cell(plan->run, first_of_group(plan, group - 1)).results->server) != 0;
    return count;
}

static size_t sizes_of(const struct plan *plan)
{
    return plan->group_count / servers_of(plan);
}

static struct cell cell_at(const struct plan *plan, size_t server, size_t size, size_t policy)
{
    size_t group = server * sizes_of(plan) + size;

    return grid_cell(plan->run, first_of_group(plan, group) + policy);
}

/* Sizes with their limits; 0, no limit, has no place on the axis. */
static struct range range_of_sizes(const struct plan *plan)
{
    struct range range = nothing;

    for (size_t i = 0; i < sizes_of(plan); i++)
        if (cell_at(plan, 0, i, 0).results->maxmemory)
            widen(&range, (double)cell_at(plan, 0, i, 0).results->maxmemory);
    return range;
}

static struct range range_by_size(const struct plan *plan, const struct size_figure *figure)
{
    struct range range = nothing;

    for (size_t i = 0; i < grid_cell_count(plan->run); i++) {
        struct estimate estimate = cell_ratio(grid_cell(plan->run, i), figure->ratio);

        widen(&range, estimate.mean);
        widen(&range, estimate.mean - estimate.half_width);
        widen(&range, estimate.mean + estimate.half_width);
    }
    return range;
}

static void write_size_data(const struct plan *plan, const struct size_figure *figure, FILE *out)
{
    for (size_t server = 0; server < servers_of(plan); server++)
        for (size_t policy = 0; policy < plan->policy_count; policy++) {
            fprintf(out, "%s# %s %s\n# maxmemory_bytes %s half_width_95\n",
                    server || policy ? "\n\n" : "", cell_at(plan, server, 0, 0).results->server,
                    plan->policies[policy], figure->column);
            for (size_t size = 0; size < sizes_of(plan); size++) {
                struct cell cell = cell_at(plan, server, size, policy);
                struct estimate estimate = cell_ratio(cell, figure->ratio);

                if (!cell.results->maxmemory)
                    continue;
                fprintf(out, "%" PRIu64 " ", cell.results->maxmemory);
                put_value(out, estimate.mean);
                putc(' ', out);
                put_value(out, estimate.half_width);
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

    fprintf(page->out, "set logscale x 2\nset xrange [%.9g:%.9g]\nset xtics (",
            range.lowest / margin, range.highest * margin);
    for (size_t i = 0; i < sizes_of(plan); i += every) {
        uint64_t maxmemory = cell_at(plan, 0, i, 0).results->maxmemory;

        if (!maxmemory)
            continue;
        tick_bytes(text, (double)maxmemory);
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

static void write_size_script(const struct plan *plan, const struct size_figure *figure, FILE *out)
{
    struct range range = range_by_size(plan, figure);
    size_t servers = servers_of(plan);
    char title[CAPTION];
    struct page page;

    snprintf(title, sizeof title, "%s by maxmemory", figure->subject);
    page = page_begin(out, figure->name, title, servers, plan->policies, plan->policy_count);
    for (size_t server = 0; server < servers; server++) {
        page_panel(&page, server, cell_at(plan, server, 0, 0).results->server, "maxmemory",
                   figure->subject);
        write_size_axis(&page, plan);
        page_axis(&page, 'y', axis_percent(range.lowest * 100, range.highest * 100), tick_number);
        plot_by_size(&page, plan, server);
        putc('\n', out);
    }
    page_end(&page);
}

/* Captions */

static void caption_time_figure(const struct plan *plan, const struct time_figure *figure)
{
    char window[UNITS_TEXT];

    window_text(plan, window);
    fprintf(plan->captions, "%s: %s over time", figure->name, figure->subject);
    if (figure->scale == BYTES)
        fputs("; the dashed grey line is maxmemory", plan->captions);
    else
        fprintf(plan->captions, ", in a window of %s that slides along", window);
    if (plan->run->seed_count > 1)
        fprintf(plan->captions, "; mean of %zu seeds", plan->run->seed_count);
    fputs("\n", plan->captions);
}

static void caption_size_figure(const struct plan *plan, const struct size_figure *figure)
{
    fprintf(plan->captions, "%s: %s of the whole run by maxmemory", figure->name, figure->subject);
    if (plan->run->seed_count > 1)
        fprintf(plan->captions, "; mean and 95 %% confidence interval over %zu seeds",
                plan->run->seed_count);
    fputs("; policies are set a little apart sideways\n", plan->captions);
}

/* Without a figure there must not be one either from an earlier run in the same directory. */
static void remove_figure(const struct plan *plan, const char *name)
{
    static const char *const kinds[] = {"dat", "gp", "svg", "png"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char file[256], *path;

        snprintf(file, sizeof file, "%s.%s", name, kinds[i]);
        path = output_path(plan->directory, file);
        unlink(path);
        free(path);
    }
}

static void leave_out(const struct plan *plan, const char *name, const char *why)
{
    fprintf(plan->captions, "%s: not drawn: %s\n", name, why);
    remove_figure(plan, name);
}

/* NULL: it is drawn. */
static const char *why_no_time_figure(const struct plan *plan, const struct time_figure *figure)
{
    struct range range;

    if (plan->samples < 2)
        return "the run is too short for a curve";
    range = range_over_time(plan, figure, 0, grid_cell_count(plan->run));
    if (range.lowest > range.highest)
        return "nothing was read";
    return figure->when_zero && range.highest <= 0 ? figure->when_zero : NULL;
}

static const char *why_no_size_figure(const struct plan *plan, const struct size_figure *figure)
{
    struct range sizes = range_of_sizes(plan), range = range_by_size(plan, figure);

    if (!(sizes.lowest < sizes.highest))
        return "there is one maxmemory";
    if (range.lowest > range.highest)
        return "there was nothing to count";
    return figure->when_zero && range.highest <= 0 ? figure->when_zero : NULL;
}

static int open_part(const struct plan *plan, struct output *output, const char *name,
                     const char *kind, struct error *error)
{
    char file[256];

    snprintf(file, sizeof file, "%s.%s", name, kind);
    return output_open(output, plan->directory, file, error);
}

static int write_time_figure(const struct plan *plan, const struct time_figure *figure,
                             struct error *error)
{
    struct output output;

    if (open_part(plan, &output, figure->name, "dat", error) != 0)
        return -1;
    write_time_data(plan, figure, output.file);
    if (output_close(&output, error) != 0 ||
        open_part(plan, &output, figure->name, "gp", error) != 0)
        return -1;
    write_time_script(plan, figure, output.file);
    caption_time_figure(plan, figure);
    return output_close(&output, error);
}

static int write_size_figure(const struct plan *plan, const struct size_figure *figure,
                             struct error *error)
{
    struct output output;

    if (open_part(plan, &output, figure->name, "dat", error) != 0)
        return -1;
    write_size_data(plan, figure, output.file);
    if (output_close(&output, error) != 0 ||
        open_part(plan, &output, figure->name, "gp", error) != 0)
        return -1;
    write_size_script(plan, figure, output.file);
    caption_size_figure(plan, figure);
    return output_close(&output, error);
}

/* Data and scripts of every figure that there is to draw; their names go into `drawn`. */
static int write_inputs(const struct plan *plan, const char **drawn, size_t *drawn_count,
                        struct error *error)
{
    for (size_t i = 0; i < TIME_FIGURES; i++) {
        const char *why = why_no_time_figure(plan, &time_figures[i]);

        if (why)
            leave_out(plan, time_figures[i].name, why);
        else if (write_time_figure(plan, &time_figures[i], error) != 0)
            return -1;
        else
            drawn[(*drawn_count)++] = time_figures[i].name;
    }
    for (size_t i = 0; i < SIZE_FIGURES; i++) {
        const char *why = why_no_size_figure(plan, &size_figures[i]);

        if (why)
            leave_out(plan, size_figures[i].name, why);
        else if (write_size_figure(plan, &size_figures[i], error) != 0)
            return -1;
        else
            drawn[(*drawn_count)++] = size_figures[i].name;
    }
    return 0;
}

/* Units that make the numbers of the axes small. */
static void choose_units(struct plan *plan)
{
    double duration = plan->samples ? time_of(grid_cell(plan->run, 0), plan->samples - 1) : 0;

    plan->time_unit_s = duration < 180      ? 1
                        : duration < 10800  ? 60
                        : duration < 259200 ? 3600
                                            : 86400;
    plan->time_name = duration < 180      ? "seconds"
                      : duration < 10800  ? "minutes"
                      : duration < 259200 ? "hours"
                                          : "days";
    plan->rate_unit_s = duration < 600 ? 1 : 60;
    plan->rate_name = duration < 600 ? "second" : "minute";
}

static struct plan make_plan(const struct run *run, const char *directory)
{
    struct plan plan = {.run = run, .directory = output_path(directory, "figures")};
    size_t cells = grid_cell_count(run);

    plan.policy_count = grid_group_end(run, 0);
    plan.group_count = cells / plan.policy_count;
    plan.policies = xcalloc(plan.policy_count, sizeof *plan.policies);
    for (size_t i = 0; i < plan.policy_count; i++)
        plan.policies[i] = grid_cell(run, i).results->policy;
    plan.samples = run->results[0].curve.count;
    for (size_t i = 1; i < run->result_count; i++)
        if (run->results[i].curve.count < plan.samples)
            plan.samples = run->results[i].curve.count;
    plan.window = plan.samples / WINDOW_PARTS ? plan.samples / WINDOW_PARTS : 1;
    choose_units(&plan);
    return plan;
}

static int write_and_draw(struct plan *plan, struct error *error)
{
    const char *drawn[TIME_FIGURES + SIZE_FIGURES];
    size_t drawn_count = 0;
    struct output captions;

    if (output_make_directory(plan->directory, error) != 0 ||
        output_open(&captions, plan->directory, "captions.txt", error) != 0)
        return -1;
    plan->captions = captions.file;
    write_inputs(plan, drawn, &drawn_count, error);
    if (output_close(&captions, error) != 0)
        return -1;
    for (size_t i = 0; i < drawn_count; i++)
        if (gnuplot_draw(plan->directory, drawn[i], error) != 0)
            return -1;
    return 0;
}

static int write_files(const struct run *run, const char *directory, struct error *error)
{
    struct plan plan;
    int status;

    if (run->result_count == 0)
        return 0;
    plan = make_plan(run, directory);
    status = write_and_draw(&plan, error);
    free(plan.policies);
    free(plan.directory);
    return status;
}

const struct report report_figures = {
    .name = "figures",
    .summary = "SVG and PNG figures through gnuplot, with their data and scripts",
    .write_files = write_files,
};

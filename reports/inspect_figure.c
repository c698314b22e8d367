/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect_figure: a trace as pictures through gnuplot, each beside its data and script: requests and working sets over time, when keys are named
 * again and how long after (a heat map), how large values are, and how requests spread over keys, with Zipf's line. */
#include "reports/figure.h"
#include "reports/figure_axis.h"
#include "reports/figure_page.h"
#include "sim/elementary.h"
#include "sim/inspect/portrait.h"
#include "sim/report.h"
#include "sim/units.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char blue[] = "#0072B2";

/* ---- axes ---- */

static double duration_s(const struct portrait *portrait)
{
    return portrait->duration_us > 0 ? (double)portrait->duration_us / 1e6 : 1;
}

/* Of time, in the data's seconds. */
static struct time_unit put_time_axis(const struct page *page, const struct portrait *portrait)
{
    struct time_unit unit = figure_time_unit(duration_s(portrait));

    page_axis(page, 'x', axis_time(duration_s(portrait), unit.seconds, page_ticks(page, 'x')), tick_number);
    return unit;
}

static void time_name(const struct portrait *portrait, char *text)
{
    snprintf(text, FIGURE_TEXT, "time since the first request (%s)%s", figure_time_unit(duration_s(portrait)).name,
             portrait->is_untimed ? ", made up" : "");
}

/* ---- requests over time ---- */

static void rate_data(const void *what, FILE *out)
{
    const struct portrait *portrait = what;
    double step_s = (double)portrait->rate_points_us / 1e6, rate = NAN, end_s = 0;

    fputs("# time_s requests_per_s\n", out);
    for (size_t i = 0; i < portrait->rate_point_count; i++) {
        const struct rate_point *point = &portrait->rate_points[i];
        double from_s = (double)point->from_us / 1e6, length_s = fmin(step_s, duration_s(portrait) - from_s);

        if (i + 1 == portrait->rate_point_count && i && length_s < step_s / 2)
            break; /* of a short rest there is no rate */
        rate = (double)point->requests / fmax(length_s, 1e-6);
        end_s = from_s + length_s;
        figure_put_value(out, from_s);
        putc(' ', out);
        figure_put_value(out, rate);
        putc('\n', out);
    }
    figure_put_value(out, end_s); /* where the last step ends */
    putc(' ', out);
    figure_put_value(out, rate);
    putc('\n', out);
}

static double highest_rate(const struct portrait *portrait)
{
    double highest = 0;

    for (size_t i = 0; i < portrait->rate_point_count; i++)
        highest = fmax(highest, (double)portrait->rate_points[i].requests);
    return highest * 1e6 / (double)(portrait->rate_points_us < 1 ? 1 : portrait->rate_points_us);
}

static void rate_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct portrait *portrait = what;
    char time[FIGURE_TEXT], title[FIGURE_TEXT], step[UNITS_TEXT];
    const struct sheet sheet = {
        .name = "rate", .comment = "requests over time", .y_name = title, .x_name = time, .panels = 1};
    struct time_unit unit;
    struct page page;

    time_name(portrait, time);
    snprintf(title, sizeof title, "requests per second, mean over %s", print_duration(step, portrait->rate_points_us));
    page = page_begin(out, &sheet, frame);
    page_panel(&page, 0);
    unit = put_time_axis(&page, portrait);
    page_axis(&page, 'y', axis_counts(fmax(highest_rate(portrait), 1), page_ticks(&page, 'y')), tick_number);
    fprintf(out, "plot data using ($1/%g):2 with steps lw 1.4 lc rgb '%s' notitle\n", unit.seconds, blue);
    page_end(&page);
}

static bool has_rate(const struct portrait *portrait)
{
    return portrait->rate_point_count > 1 && portrait->duration_us > 0 && !portrait->is_untimed;
}

/* ---- working sets ---- */

static const struct {
    int64_t window_us;
    const char *name, *look;
} window_styles[] = {{60000000, "in a minute", "lc rgb '#0072B2' lw 1.6 dt solid"},
                     {3600000000, "in an hour", "lc rgb '#D55E00' lw 1.6 dt (12,4)"},
                     {86400000000, "in a day", "lc rgb '#202020' lw 1.6 dt (3,3)"}};
enum { WINDOW_STYLES = sizeof window_styles / sizeof *window_styles };

/* How many whole windows of this length there are a point of. */
static size_t points_of(const struct portrait *portrait, int64_t window_us)
{
    size_t count = 0;

    for (size_t i = 0; i < portrait->working_set_point_count; i++)
        count += portrait->working_set_points[i].window_us == window_us;
    return count;
}

/* Steps, of which the last ends with its windows. */
static void working_sets_data(const void *what, FILE *out)
{
    const struct portrait *portrait = what;

    fputs("# from_s keys bytes; a block for each length of windows\n", out);
    for (size_t w = 0; w < WINDOW_STYLES; w++) {
        const struct working_set_point *last = NULL;

        for (size_t i = 0; i <= portrait->working_set_point_count; i++) {
            const struct working_set_point *point = &portrait->working_set_points[i];
            bool is_end = i == portrait->working_set_point_count;
            double from_us;

            if (is_end ? !last : point->window_us != window_styles[w].window_us)
                continue;
            last = is_end ? last : point;
            assert(last);
            from_us = (double)last->from_us + (is_end ? (double)last->window_us * (double)last->windows : 0);
            figure_put_value(out, from_us / 1e6);
            putc(' ', out);
            figure_put_value(out, last->keys);
            putc(' ', out);
            figure_put_value(out, last->bytes);
            putc('\n', out);
        }
        fputs(last ? "\n\n" : "", out);
    }
}

static void working_set_bounds(const struct portrait *portrait, bool of_bytes, double *low, double *high)
{
    *low = INFINITY;
    *high = 1;
    for (size_t i = 0; i < portrait->working_set_point_count; i++) {
        const struct working_set_point *point = &portrait->working_set_points[i];
        double value = of_bytes ? point->bytes : point->keys;

        *high = fmax(*high, value);
        if (value > 0)
            *low = fmin(*low, value);
    }
    *low = fmin(*low, *high);
}

static void working_sets_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    static const char *const titles[] = {"keys", "bytes of their names and values"};
    const struct portrait *portrait = what;
    const char *names[WINDOW_STYLES], *looks[WINDOW_STYLES];
    char time[FIGURE_TEXT];
    size_t styles = 0;
    struct sheet sheet = {.name = "working-sets",
                          .comment = "keys that are named in each minute, hour and day",
                          .y_name = "working set: what is named in a minute, an hour, a day",
                          .x_name = time,
                          .panels = 2,
                          .titles = titles,
                          .has_own_y = true};
    struct page page;

    for (size_t w = 0; w < WINDOW_STYLES; w++)
        if (points_of(portrait, window_styles[w].window_us)) {
            names[styles] = window_styles[w].name;
            looks[styles++] = window_styles[w].look;
        }
    time_name(portrait, time);
    sheet.legend = (struct legend){.names = names, .entries = styles, .looks = looks};
    page = page_begin(out, &sheet, frame);
    for (int of_bytes = 0; of_bytes < 2; of_bytes++) {
        double low, high, base = of_bytes ? 4 : 10;
        size_t block = 0;
        struct time_unit unit;

        working_set_bounds(portrait, of_bytes, &low, &high);
        low = elementary_pow(base, floor(elementary_log(low) / elementary_log(base) + 1e-9));
        page_panel(&page, (size_t)of_bytes);
        unit = put_time_axis(&page, portrait);
        page_log_axis(&page, 'y', 0.98 * low, high * 1.2, base, of_bytes ? tick_bytes : tick_number);
        for (size_t w = 0; w < WINDOW_STYLES; w++)
            if (points_of(portrait, window_styles[w].window_us)) { /* 0 is at the bottom */
                fprintf(out, "%s data index %zu using ($1/%g):($%d > %g ? $%d : %g) with steps %s notitle",
                        block ? ", \\\n    " : "plot", block, unit.seconds, 2 + of_bytes, low, 2 + of_bytes, low,
                        window_styles[w].look);
                block++;
            }
        putc('\n', out);
    }
    page_end(&page);
}

/* In two minutes at least; of times that are made up there is nothing to see. */
static bool has_working_sets(const struct portrait *portrait)
{
    return !portrait->is_untimed && points_of(portrait, window_styles[0].window_us) > 1;
}

/* ---- reuse ---- */

static const struct {
    double up_to; /* of the fullest cell's requests */
    const char *name, *colour;
} shades[] = {{0.001, "up to 0.1 %", "#FFF4D6"}, {0.01, "0.1 to 1 %", "#FBD9A0"}, {0.1, "1 to 10 %", "#F5A65B"},
              {0.25, "10 to 25 %", "#E8703F"},   {0.5, "25 to 50 %", "#B93A3C"},  {2, "50 to 100 %", "#6E1A33"}};
enum { SHADES = sizeof shades / sizeof *shades };

static uint64_t fullest_cell(const struct portrait *portrait)
{
    uint64_t most = 1;

    for (size_t i = 0; i < portrait->reuse_cell_count; i++)
        most = portrait->reuse_cells[i].requests > most ? portrait->reuse_cells[i].requests : most;
    return most;
}

/* From the lowest reuse time that is not 0, half of which stands for 0. */
static void reuse_bounds(const struct portrait *portrait, double *low, double *high)
{
    *low = INFINITY;
    *high = 0;
    for (size_t i = 0; i < portrait->reuse_cell_count; i++) {
        double reuse_us = (double)portrait->reuse_cells[i].reuse_us;

        *high = fmax(*high, 2 * reuse_us);
        if (reuse_us > 0)
            *low = fmin(*low, reuse_us);
    }
    for (size_t i = 0; i < portrait->reuse_cell_count; i++)
        if (portrait->reuse_cells[i].reuse_us <= 0 && *high > 0) {
            *low /= 2;
            break;
        }
}

static void reuse_data(const void *what, FILE *out)
{
    const struct portrait *portrait = what;
    double low, high;

    reuse_bounds(portrait, &low, &high);
    fputs("# from_s to_s from_reuse_s to_reuse_s requests share_of_the_fullest\n", out);
    for (size_t i = 0; i < portrait->reuse_cell_count; i++) {
        const struct reuse_cell *cell = &portrait->reuse_cells[i];
        double from_us = cell->reuse_us > 0 ? (double)cell->reuse_us : low;

        figure_put_value(out, (double)cell->from_us / 1e6);
        putc(' ', out);
        figure_put_value(out, ((double)cell->from_us + (double)portrait->reuse_column_us) / 1e6);
        putc(' ', out);
        figure_put_value(out, from_us / 1e6);
        putc(' ', out);
        figure_put_value(out, 2 * from_us / 1e6);
        fprintf(out, " %" PRIu64 " ", cell->requests);
        figure_put_value(out, (double)cell->requests / (double)fullest_cell(portrait));
        putc('\n', out);
    }
}

/* Ticks of the reuse axis: times that people say. */
static void put_reuse_axis(const struct page *page, double low_s, double high_s)
{
    static const struct {
        double seconds;
        const char *name;
    } ticks[] = {{1e-6, "1 us"},  {1e-5, "10 us"}, {1e-4, "100 us"}, {1e-3, "1 ms"},   {0.01, "10 ms"},
                 {0.1, "100 ms"}, {1, "1 s"},      {10, "10 s"},     {60, "1 min"},    {600, "10 min"},
                 {3600, "1 h"},   {36000, "10 h"}, {86400, "1 d"},   {864000, "10 d"}, {8640000, "100 d"}};
    const char *separator = "";

    fprintf(page->out, "set logscale y\nset yrange [%.9g:%.9g]\nset ytics (", low_s, high_s);
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++)
        if (ticks[i].seconds >= low_s && ticks[i].seconds <= high_s) {
            fputs(separator, page->out);
            page_tick(page, 'y', ticks[i].name, ticks[i].seconds);
            separator = ", ";
        }
    fputs(")\n", page->out);
}

static void reuse_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct portrait *portrait = what;
    const char *names[SHADES], *colours[SHADES];
    char time[FIGURE_TEXT], title[FIGURE_TEXT], column[UNITS_TEXT], most[UNITS_TEXT];
    double low, high, from = 0;
    const struct sheet sheet = {.name = "reuse",
                                .comment = "when keys are named again, and how long after",
                                .y_name = "time since the key was named before",
                                .x_name = time,
                                .panels = 1,
                                .titles = (const char *const[]){title},
                                .legend = {.names = names, .entries = SHADES, .colours = colours}};
    struct time_unit unit;
    struct page page;

    for (size_t i = 0; i < SHADES; i++) {
        names[i] = shades[i].name;
        colours[i] = shades[i].colour;
    }
    time_name(portrait, time);
    reuse_bounds(portrait, &low, &high);
    snprintf(title, sizeof title, "requests in %s and an octave, in %% of the fullest cell's, which has %s",
             print_duration(column, portrait->reuse_column_us), print_count(most, fullest_cell(portrait)));
    page = page_begin(out, &sheet, frame);
    page_panel(&page, 0);
    unit = put_time_axis(&page, portrait);
    put_reuse_axis(&page, low / 1e6, high / 1e6);
    fputs("unset grid\n", out);
    for (size_t i = 0; i < SHADES; i++) {
        fprintf(out,
                "%s data using ($6 > %g && $6 <= %g ? ($1+$2)/2/%g : NaN):(sqrt($3*$4)):($1/%g):($2/%g):3:4 with "
                "boxxyerror fs solid 1 noborder lc rgb '%s' notitle",
                i ? ", \\\n    " : "plot", from, shades[i].up_to, unit.seconds, unit.seconds, unit.seconds,
                shades[i].colour);
        from = shades[i].up_to;
    }
    putc('\n', out);
    page_end(&page);
}

static bool has_reuse(const struct portrait *portrait)
{
    double low, high;

    reuse_bounds(portrait, &low, &high);
    return portrait->duration_us > 0 && high > 0 && high < 1e18;
}

/* ---- sizes ---- */

static void sizes_data(const void *what, FILE *out)
{
    const struct portrait *portrait = what;

    fputs("# bytes share\n", out);
    for (size_t i = 0; i < portrait->size_point_count; i++) {
        fprintf(out, "%" PRIu64 " ", portrait->size_points[i].bytes);
        figure_put_value(out, portrait->size_points[i].share);
        putc('\n', out);
    }
}

static void sizes_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct portrait *portrait = what;
    double low = fmax(1, (double)portrait->value_sizes.min), high = fmax(low * 4, (double)portrait->value_sizes.max);
    char title[FIGURE_TEXT], median[UNITS_TEXT], p99[UNITS_TEXT];
    const struct sheet sheet = {.name = "value-sizes",
                                .comment = "the share of values that are no larger",
                                .y_name = "values that are no larger (%)",
                                .x_name = "size of the value that is read or written",
                                .panels = 1,
                                .titles = (const char *const[]){title}};
    struct page page;

    snprintf(title, sizeof title, "median %s, p99 %s", print_bytes(median, portrait->value_sizes.median),
             print_bytes(p99, portrait->value_sizes.p99));
    page = page_begin(out, &sheet, frame);
    page_panel(&page, 0);
    page_log_axis(&page, 'x', low, high, 4, tick_bytes);
    page_axis(&page, 'y', axis_percent(0, 100, page_ticks(&page, 'y')), tick_number);
    fprintf(out, "plot data using ($1 < 1 ? 1 : $1):($2*100) with steps lw 1.6 lc rgb '%s' notitle\n", blue);
    page_end(&page);
}

static bool has_sizes(const struct portrait *portrait)
{
    return portrait->size_point_count > 1 && portrait->value_sizes.max > 0 &&
           portrait->value_sizes.max >= portrait->value_sizes.min;
}

/* ---- popularity ---- */

static void popularity_data(const void *what, FILE *out)
{
    const struct popularity *popularity = &((const struct portrait *)what)->popularity;

    fputs("# rank requests fitted is_within_the_fit\n", out);
    for (size_t i = 0; i < popularity->point_count; i++) {
        const struct popularity_point *point = &popularity->points[i];

        fprintf(out, "%" PRIu64 " %" PRIu64 " ", point->rank, point->requests);
        figure_put_value(out, point->fitted);
        fprintf(out, " %d\n", point->rank <= popularity->fitted_keys);
    }
}

static void popularity_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct popularity *popularity = &((const struct portrait *)what)->popularity;
    const char *names[] = {"keys", "Zipf's line, fitted", "... and beyond"},
               *looks[] = {"pt 7 ps 0.5 lc rgb '#0072B2'", "lc rgb '#D55E00' lw 1.8",
                           "lc rgb '#606060' lw 1.4 dt (4,3)"};
    size_t entries = isnan(popularity->zipf) ? 1 : popularity->fitted_keys < popularity->keys ? 3 : 2;
    double keys = fmax(2, (double)popularity->keys), high = fmax(2, (double)popularity->top_requests);
    char title[FIGURE_TEXT] = "";
    const struct sheet sheet = {.name = "popularity",
                                .comment = "requests by rank, and Zipf's line",
                                .y_name = "requests",
                                .x_name = "rank of the key",
                                .panels = 1,
                                .titles = (const char *const[]){title},
                                .legend = {.names = names, .entries = entries, .looks = looks}};
    struct page page;

    for (size_t i = 0; i < popularity->point_count; i++)
        high = fmax(high, isfinite(popularity->points[i].fitted) ? popularity->points[i].fitted : 0);
    if (entries > 1)
        snprintf(title, sizeof title, "slope %.3f ± %.3f, p %.2g", popularity->zipf, popularity->zipf_error,
                 popularity->p_value);
    page = page_begin(out, &sheet, frame);
    page_panel(&page, 0);
    page_log_axis(&page, 'x', 1, keys * 1.1, 10, tick_number);
    page_log_axis(&page, 'y', 0.8, high * 1.3, 10, tick_number);
    fprintf(out, "plot data using 1:2 with points %s notitle", looks[0]);
    if (entries > 1)
        fprintf(out,
                ", \\\n     data using 1:($4 == 1 ? $3 : NaN) with lines %s notitle"
                ", \\\n     data using 1:($4 == 0 ? $3 : NaN) with lines %s notitle",
                looks[1], looks[2]);
    putc('\n', out);
    page_end(&page);
}

static bool has_popularity(const struct portrait *portrait)
{
    return portrait->popularity.point_count > 1 && portrait->popularity.keys > 1;
}

/* ---- all ---- */

static const struct {
    const char *name;
    bool (*is_there)(const struct portrait *portrait); /* anything to draw */
    figure_write_fn *data;
    figure_script_fn *script;
} figures[] = {
    {"rate", has_rate, rate_data, rate_script},
    {"working-sets", has_working_sets, working_sets_data, working_sets_script},
    {"reuse", has_reuse, reuse_data, reuse_script},
    {"value-sizes", has_sizes, sizes_data, sizes_script},
    {"popularity", has_popularity, popularity_data, popularity_script},
};

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    int status = 0;

    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        figure_remove(directory, figures[i].name);
    for (size_t i = 0; i < sizeof figures / sizeof *figures && !status; i++)
        if (figures[i].is_there(outcome->portrait))
            status = figure_write(directory, figures[i].name, figures[i].data, figures[i].script, outcome->portrait,
                                  outcome, error);
    return status;
}

static const char *figure_name(size_t index)
{
    return index < sizeof figures / sizeof *figures ? figures[index].name : NULL;
}

const struct report report_inspect_figure = {
    .name = "rate.svg, working-sets.svg, reuse.svg, value-sizes.svg, popularity.svg",
    .summary = "requests and working sets over time, reuse as a heat map, sizes of values, popularity with Zipf's "
               "line: SVG and PNG",
    .takes = OUTCOME_PORTRAIT,
    .write_files = write_files,
    .figure = figure_name,
};

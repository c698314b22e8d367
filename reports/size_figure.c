/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size_figure: size.svg, size.png: the hit ratio by maxmemory of each policy, a panel per server, through gnuplot, beside
 * their data (size.dat) and script (size.gp).
 *
 * The points are the sizes that were simulated; a line between two says nothing. A ring is around each answer, and a
 * dashed line lies at a goal on hit_ratio. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/figure_style.h"
#include "reports/size_words.h"
#include "sim/advice/ladder.h"
#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is drawn: lines that have a point, as blocks of the data in their order. */
struct drawing {
    const struct sizing *sizing;
    const char **policies, **servers; /* each name once; owned */
    size_t policy_count, server_count;
    struct range sizes, ratios;
};

static size_t place_of(const char **names, size_t *count, const char *name)
{
    size_t i = 0;

    while (i < *count && strcmp(names[i], name))
        i++;
    if (i == *count)
        names[(*count)++] = name;
    return i;
}

static bool is_drawn(const struct sized_point *point)
{
    return point->maxmemory && isfinite(point->hit_ratio);
}

static bool has_points(const struct sized_line *line)
{
    for (size_t i = 0; i < line->point_count; i++)
        if (is_drawn(&line->points[i]))
            return true;
    return false;
}

/* The goal on hit_ratio; NULL: there is none. */
static const struct sized_goal *ratio_goal(const struct sizing *sizing)
{
    for (size_t g = 0; g < sizing->goal_count; g++)
        if (!strcmp(sizing->goals[g].name, "hit_ratio"))
            return &sizing->goals[g];
    return NULL;
}

static struct drawing drawing_of(const struct sizing *sizing)
{
    struct drawing drawing = {.sizing = sizing, .sizes = range_empty(), .ratios = range_empty()};

    drawing.policies = xcalloc(sizing->line_count + 1, sizeof *drawing.policies);
    drawing.servers = xcalloc(sizing->line_count + 1, sizeof *drawing.servers);
    for (size_t i = 0; i < sizing->line_count; i++) {
        const struct sized_line *line = &sizing->lines[i];

        if (!has_points(line))
            continue;
        place_of(drawing.policies, &drawing.policy_count, line->policy);
        place_of(drawing.servers, &drawing.server_count, line->server);
        for (size_t p = 0; p < line->point_count; p++)
            if (is_drawn(&line->points[p])) {
                range_widen(&drawing.sizes, (double)line->points[p].maxmemory);
                range_widen(&drawing.ratios, line->points[p].hit_ratio);
            }
    }
    if (drawing.server_count && ratio_goal(sizing))
        range_widen(&drawing.ratios, ratio_goal(sizing)->target);
    return drawing;
}

static void release(struct drawing *drawing)
{
    free(drawing->policies);
    free(drawing->servers);
}

static void write_data(const void *what, FILE *out)
{
    const struct drawing *drawing = what;
    const struct sizing *sizing = drawing->sizing;
    const char *separator = "";

    for (size_t i = 0; i < sizing->line_count; i++) {
        const struct sized_line *line = &sizing->lines[i];

        if (!has_points(line))
            continue;
        fprintf(out, "%s# %s ", separator, line->server);
        page_quoted(out, line->policy);
        fputs("\n# maxmemory hit_ratio is_answer\n", out);
        for (size_t p = 0; p < line->point_count; p++)
            if (is_drawn(&line->points[p])) {
                fprintf(out, "%" PRIu64 " ", line->points[p].maxmemory);
                figure_put_value(out, line->points[p].hit_ratio);
                fprintf(out, " %d\n", line->found && line->points[p].maxmemory == line->maxmemory);
            }
        separator = "\n\n";
    }
}

/* Sizes that double are equal steps; ticks stand at sizes that are easily said. */
static void write_size_axis(const struct drawing *drawing, const struct page *page)
{
    const int ticks = (int)page_ticks(page, 'x');
    struct ladder ladder = {0.2, drawing->sizing->unit_sizes};
    double low = drawing->sizes.lowest, high = drawing->sizes.highest,
           margin = elementary_pow(fmax(high / low, 1.1), 0.04);
    uint64_t last = 0;
    char text[UNITS_TEXT];

    fprintf(page->out, "set logscale x 2\nset xrange [%.9g:%.9g]\nset xtics (", low / margin, high * margin);
    for (int i = 0; i < ticks; i++) {
        uint64_t tick =
            ladder_up_to(&ladder, (uint64_t)fmax(1, low * elementary_pow(high / low, (double)i / (ticks - 1))));

        if (tick <= last || (double)tick > high * margin)
            continue;
        fputs(last ? ", " : "", page->out);
        page_tick(page, 'x', size_text(text, drawing->sizing, tick), (double)tick);
        last = tick;
    }
    fputs(")\n", page->out);
}

static void put_line(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)line;
    fprintf(out, "using 1:($2*100) with lines %s notitle", look);
}

static void put_points(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)look;
    fprintf(out, "using 1:($2*100) with points ls %zu notitle", FIGURE_STYLE_NESTED + line.policy + 1);
}

static void put_rings(const void *what, const char *look, struct figure_line line, FILE *out)
{
    (void)what, (void)line;
    fprintf(out, "using 1:($3 > 0 ? $2*100 : NaN) with points %s pt 6 ps 2.2 lw 2 dt solid notitle", look);
}

/* A panel per server; lines that have a point are blocks of the data, in their order. */
static struct figure_lines lines_of(const struct drawing *drawing)
{
    const struct sizing *sizing = drawing->sizing;
    struct figure_lines lines = figure_lines_new(drawing->policies, drawing->policy_count);

    for (size_t s = 0; s < drawing->server_count; s++) {
        figure_lines_panel(&lines, drawing->servers[s]);
        for (size_t i = 0, block = 0; i < sizing->line_count; i++) {
            size_t count = drawing->policy_count;

            if (!has_points(&sizing->lines[i]))
                continue;
            if (!strcmp(sizing->lines[i].server, drawing->servers[s]))
                figure_lines_add_block(&lines, block, place_of(drawing->policies, &count, sizing->lines[i].policy));
            block++;
        }
    }
    return lines;
}

static void write_panels(const struct drawing *drawing, const struct figure_lines *lines, struct page *page)
{
    static figure_element_fn *const elements[] = {put_line, put_points, put_rings};
    const struct sized_goal *goal = ratio_goal(drawing->sizing);

    for (size_t i = 0; i < lines->panel_count; i++) {
        page_panel(page, i);
        write_size_axis(drawing, page);
        page_axis(page, 'y',
                  axis_percent(drawing->ratios.lowest * 100, drawing->ratios.highest * 100, page_ticks(page, 'y')),
                  tick_number);
        if (goal)
            fprintf(
                page->out,
                "set arrow 1 from graph 0, first %.9g to graph 1, first %.9g nohead back lc rgb '#404040' dt (6,4)\n",
                100 * goal->target, 100 * goal->target);
        figure_lines_plot(lines, i, elements, 3, 1, NULL, page->out);
        putc('\n', page->out);
    }
}

static void write_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct drawing *drawing = what;
    struct figure_lines lines = lines_of(drawing);
    struct sheet sheet = {
        .name = "size",
        .comment = "hit ratio by maxmemory; rings: the smallest that meets the goals",
        .y_name = "hit ratio (%); rings: the smallest that does",
        .x_name = drawing->sizing->unit_sizes ? "objects" : "maxmemory",
    };
    struct page page;

    figure_lines_arrange(&lines, write_data, drawing);
    figure_lines_put_sheet(&lines, &sheet);
    page = page_begin(out, &sheet, frame);
    write_panels(drawing, &lines, &page);
    page_end(&page);
    figure_lines_release(&lines);
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    struct drawing drawing = drawing_of(outcome->sizing);
    int status = 0;

    figure_remove(directory, "size");
    if (drawing.server_count)
        status = figure_write(directory, "size", write_data, write_script, &drawing, outcome, error);
    release(&drawing);
    return status;
}

static const char *figure_name(size_t index)
{
    return index ? NULL : "size";
}

const struct report report_size_figure = {
    .name = "size.svg",
    .summary = "hit ratio by maxmemory, with the goal and the answers, as SVG and PNG through gnuplot",
    .takes = OUTCOME_SIZING,
    .write_files = write_files,
    .figure = figure_name,
};

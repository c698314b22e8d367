/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_figure: remedies.svg, remedies.png: what each remedy of evsim doctor does, as a dot plot, through gnuplot, beside its data
 * (remedies.dat) and script (remedies.gp).
 *
 * A row for each, the best on top, below the server as it is now; a panel for writes that are refused, for the hit ratio and for
 * the peak of used_memory, each with the 95 % confidence interval of the mean over the seeds. Dashed lines: as it is now; in the last
 * panel, maxmemory. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "sim/advice/diagnosis.h"
#include "sim/printable.h"
#include "sim/report.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* in pixels of the SVG; the PNG has twice as many */
enum {
    ROW = 22,
    TOP = 34,
    BOTTOM = 54,
    NAMES = 300,
    PANEL = 220,
    GAP = 30,
    MOST_ROWS = 20,
    PANELS = 3,
    NAME_COLUMNS = 44
};

struct dots {
    const char *title;
    const struct seen *(*of)(const struct tried *tried);
    double scale; /* of the data, on the axis */
};

static const struct seen *refusals(const struct tried *tried)
{
    return &tried->oom_rejections;
}

static const struct seen *hit_ratio(const struct tried *tried)
{
    return &tried->hit_ratio;
}

static const struct seen *peak(const struct tried *tried)
{
    return &tried->used_memory_peak;
}

static const struct dots panels[PANELS] = {
    {"writes refused (OOM)", refusals, 1}, {"hit ratio (%)", hit_ratio, 100}, {"peak of used_memory", peak, 1}};

struct drawing {
    const struct diagnosis *diagnosis;
    const struct tried *rows[MOST_ROWS];
    size_t count;
};

static struct drawing drawing_of(const struct diagnosis *diagnosis)
{
    struct drawing drawing = {.diagnosis = diagnosis};

    if (!diagnosis->remedy_count)
        return drawing;
    drawing.rows[drawing.count++] = &diagnosis->now;
    for (size_t i = 0; i < diagnosis->remedy_count && drawing.count < MOST_ROWS; i++)
        if (!diagnosis->remedies[i].has_no_effect)
            drawing.rows[drawing.count++] = &diagnosis->remedies[i];
    return drawing;
}

/* A row: its place from below, and each panel's mean with both ends of its interval. */
static void write_data(const void *what, FILE *out)
{
    const struct drawing *drawing = what;
    fputs("# row refused low high hit_ratio low high peak low high\n", out);
    for (size_t i = 0; i < drawing->count; i++) {
        fprintf(out, "%zu", drawing->count - i);
        for (int p = 0; p < PANELS; p++) {
            const struct seen *seen = panels[p].of(drawing->rows[i]);
            double half = isfinite(seen->half_width) ? seen->half_width : 0;

            for (int side = 0; side < 3; side++) {
                putc(' ', out);
                figure_put_value(out, panels[p].scale * (side == 0   ? seen->mean
                                                         : side == 1 ? seen->mean - half
                                                                     : seen->mean + half));
            }
        }
        putc('\n', out);
    }
}

static struct range range_of(const struct drawing *drawing, const struct dots *dots)
{
    struct range range = range_empty();

    for (size_t i = 0; i < drawing->count; i++) {
        const struct seen *seen = dots->of(drawing->rows[i]);
        double half = isfinite(seen->half_width) ? seen->half_width : 0;

        if (!isfinite(seen->mean))
            continue;
        range_widen(&range, dots->scale * (seen->mean - half));
        range_widen(&range, dots->scale * (seen->mean + half));
    }
    return range;
}

/* The later panels have the ticks alone. */
static void write_names(const struct drawing *drawing, bool are_shown, FILE *out)
{
    fputs("set ytics (", out);
    for (size_t i = 0; i < drawing->count; i++) {
        const char *name = drawing->rows[i]->name, *prefix = "maxmemory-policy ";
        char text[4 * NAME_COLUMNS + 8];

        if (!strncmp(name, prefix, strlen(prefix)))
            name += strlen(prefix);
        printable_copy(text, NAME_COLUMNS, name, strlen(name));
        fputs(i ? ", " : "", out);
        page_quoted(out, are_shown ? text : "");
        fprintf(out, " %zu", drawing->count - i);
    }
    fputs(")\n", out);
}

/* Its tenth each way, so that no dot lies on an edge. */
static void write_x_axis(const struct drawing *drawing, int panel, FILE *out)
{
    struct range range = range_of(drawing, &panels[panel]);
    struct axis axis;
    char text[UNITS_TEXT];

    if (range.lowest > range.highest) {
        fputs("set xrange [0:1]\nset xtics ()\n", out);
        return;
    }
    axis = panel == 0   ? axis_counts(range.highest)
           : panel == 1 ? axis_percent(range.lowest, range.highest)
                        : axis_bytes(range.highest);
    if (panel == 0)
        axis.low = -0.04 * (axis.high > 0 ? axis.high : 1);
    fprintf(out, "set xrange [%.9g:%.9g]\nset xtics (", axis.low, axis.high > axis.low ? axis.high : axis.low + 1);
    for (int i = 0; i < 100; i++) {
        double value = ceil(fmax(axis.low, axis.least) / axis.step) * axis.step + i * axis.step;

        if (value > axis.high + 1e-9 * axis.step || value > axis.most)
            break;
        (panel == 2 ? tick_bytes : tick_number)(text, value);
        fprintf(out, "%s'%s' %.9g", i ? ", " : "", text, value);
    }
    fputs(")\n", out);
}

static void write_panel(const struct drawing *drawing, int panel, int width, int height, FILE *out)
{
    const struct seen *now = panels[panel].of(drawing->rows[0]);
    double left = NAMES + panel * (PANEL + GAP);

    fprintf(out, "\nset lmargin at screen %.5f\nset rmargin at screen %.5f\n", left / width, (left + PANEL) / width);
    fprintf(out, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n", 1 - (double)TOP / height,
            (double)BOTTOM / height);
    fprintf(out, "set title '%s'\nset yrange [0.3:%zu.7]\nunset arrow\n", panels[panel].title, drawing->count);
    write_names(drawing, panel == 0, out);
    write_x_axis(drawing, panel, out);
    if (isfinite(now->mean))
        fprintf(out,
                "set arrow 1 from first %.9g, graph 0 to first %.9g, graph 1 nohead back lc rgb '#9A9A9A' dt (4,4)\n",
                panels[panel].scale * now->mean, panels[panel].scale * now->mean);
    if (panel == 2)
        fprintf(out,
                "set arrow 2 from first %" PRIu64 ", graph 0 to first %" PRIu64
                ", graph 1 nohead back lc rgb '#D55E00' dt (6,4)\n",
                drawing->diagnosis->maxmemory, drawing->diagnosis->maxmemory);
    fprintf(out, "plot data using %d:1:%d:%d with xerrorbars lw 1.4 pt 7 ps 0.7 lc rgb '#0072B2' notitle\n",
            2 + 3 * panel, 3 + 3 * panel, 4 + 3 * panel);
}

static void write_script(const void *what, FILE *out)
{
    const struct drawing *drawing = what;
    int width = NAMES + PANELS * (PANEL + GAP), height = TOP + BOTTOM + ROW * (int)drawing->count;

    fprintf(
        out,
        "# what each remedy does: means over the seeds with their 95 %% confidence intervals; dashed: as it is now, "
        "and maxmemory\n"
        "# Draw again: gnuplot remedies.gp\n"
        "if (!exists('prefix')) prefix = ''\n"
        "data = 'remedies.dat'\n"
        "do for [kind in 'svg png'] {\n"
        "if (kind eq 'svg') {\n"
        "    set terminal svg noenhanced size %d,%d font 'DejaVu Sans,11' background '#FFFFFF'\n"
        "} else {\n"
        "    set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,8.5' fontscale 2 linewidth 2 pointscale 2\n"
        "}\n"
        "set output prefix.'remedies.'.kind\n"
        "set border 3 lw 0.8 lc rgb '#404040'\n"
        "set grid lw 0.5 lt 1 lc rgb '#E2E2E2'\n"
        "set tics nomirror out scale 0.6\n"
        "unset key\n"
        "set multiplot\n",
        width, height, 2 * width, 2 * height);
    for (int panel = 0; panel < PANELS; panel++)
        write_panel(drawing, panel, width, height, out);
    fprintf(out,
            "\nset label 1 'bars: 95 %% confidence intervals of the mean, %" PRIu64
            " seeds; dashed: as it is now, and maxmemory' at screen 0.99, screen %.5f right tc rgb '#404040'\n"
            "unset border; unset tics; unset grid; unset title; unset arrow\n"
            "plot [0:1] [0:1] NaN notitle\n",
            drawing->diagnosis->now.seeds, 10.0 / height);
    fputs("\nunset multiplot\nunset output\nreset\n}\n", out);
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    struct drawing drawing = drawing_of(outcome->diagnosis);

    figure_remove(directory, "remedies");
    if (drawing.count < 2)
        return 0;
    return figure_write(directory, "remedies", write_data, write_script, &drawing, error);
}

const struct report report_doctor_figure = {
    .name = "remedies.svg",
    .summary = "what each remedy does to refusals, hit ratio and memory, as SVG and PNG through gnuplot",
    .takes = OUTCOME_DIAGNOSIS,
    .write_files = write_files,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_page.h"

#include "reports/figure_style.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* in pixels of the SVG; the PNG has twice as many */
enum {
    MARGIN_LEFT = 84,
    MARGIN_RIGHT = 20,
    MARGIN_TOP = 10,
    TITLE = 22,
    TICKS = 26,
    AXIS_NAME = 22,
    GAP_X = 64,
    LEGEND_ROW = 19,
    LEGEND_ENTRY = 165,
    TICK_NAME = 50, /* width kept for the text of a tick on the x axis */
};

struct size {
    int width, height;
};

/* The plotting area of one panel. The fewer panels there are, the larger each is. */
static struct size area(size_t columns)
{
    if (columns == 1)
        return (struct size){640, 330};
    return columns == 2 ? (struct size){400, 240} : (struct size){300, 200};
}

static int columns_for(size_t panels)
{
    if (panels <= 1)
        return 1;
    return panels == 2 || panels == 4 ? 2 : 3;
}

static int row_height(const struct page *page)
{
    return TITLE + area((size_t)page->columns).height + TICKS;
}

static int legend_columns(const struct page *page)
{
    int fit = (page->width - 20) / LEGEND_ENTRY;

    return fit < (int)page->legend.entries ? fit : (int)page->legend.entries;
}

void page_quoted(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            putc('\'', out);
        putc(*text == '\n' ? ' ' : *text, out);
    }
    putc('\'', out);
}

static void write_terminals(const struct page *page)
{
    fprintf(page->out,
            "do for [kind in 'svg png'] {\n"
            "if (kind eq 'svg') {\n"
            "    set terminal svg noenhanced size %d,%d font 'DejaVu Sans,11' background '#FFFFFF'\n"
            "} else {\n"
            "    set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,8.5' fontscale 2 "
            "linewidth 2 pointscale 2\n"
            "}\n"
            "set output prefix.'%s.'.kind\n",
            page->width, page->height, 2 * page->width, 2 * page->height, page->name);
}

struct page page_begin(FILE *out, const char *name, const char *comment, size_t panels, struct legend legend)
{
    struct page page = {.out = out, .name = name, .panels = panels, .legend = legend};
    struct size size;

    page.columns = columns_for(panels);
    page.rows = (int)((panels + (size_t)page.columns - 1) / (size_t)page.columns);
    size = area((size_t)page.columns);
    page.width = MARGIN_LEFT + page.columns * (size.width + GAP_X) - GAP_X + MARGIN_RIGHT;
    page.legend_height = 16 + LEGEND_ROW * (((int)legend.entries + legend_columns(&page) - 1) / legend_columns(&page));
    page.height = MARGIN_TOP + page.rows * row_height(&page) + AXIS_NAME + page.legend_height;
    fprintf(out,
            "# %s\n"
            "# Draw again: gnuplot %s.gp\n"
            "if (!exists('prefix')) prefix = ''\n"
            "data = '%s.dat'\n",
            comment, name, name);
    write_terminals(&page);
    fputs("set border 3 lw 0.8 lc rgb '#404040'\n"
          "set grid lw 0.5 lt 1 lc rgb '#E2E2E2'\n"
          "set tics nomirror out scale 0.6\n"
          "unset key\n",
          out);
    if (!legend.colours)
        figure_styles(out, legend.names, legend.entries);
    fputs("set multiplot\n", out);
    return page;
}

/* Draws a plot that has only a key. Within a panel, gnuplot would fit the key to the panel's width. */
static void write_legend(const struct page *page)
{
    fprintf(page->out,
            "\nset lmargin at screen 0\nset rmargin at screen 1\n"
            "set tmargin at screen %.5f\nset bmargin at screen 0\n"
            "unset border; unset tics; unset grid; unset title; unset xlabel; unset ylabel\n"
            "unset arrow; unset label; unset object; unset logscale\n"
            "set key center center horizontal maxcols %d Left reverse samplen 3 spacing 1 width 1\n"
            "plot [0:1] [0:1]",
            (double)page->legend_height / page->height, legend_columns(page));
    for (size_t i = 0; i < page->legend.entries; i++) {
        const char *between = i ? ", \\\n    " : "";

        if (page->legend.colours)
            fprintf(page->out, "%s NaN with boxes fs solid 1 noborder lc rgb '%s' title ", between,
                    page->legend.colours[i]);
        else
            fprintf(page->out, "%s NaN with linespoints ls %zu title ", between, i + 1);
        page_quoted(page->out, page->legend.names[i]);
    }
    putc('\n', page->out);
}

void page_end(const struct page *page)
{
    write_legend(page);
    fputs("unset multiplot\nunset output\nreset\n}\n", page->out);
}

bool page_is_leftmost(const struct page *page, size_t index)
{
    return index % (size_t)page->columns == 0;
}

bool page_is_lowest(const struct page *page, size_t index)
{
    return index + (size_t)page->columns >= page->panels;
}

void page_panel(const struct page *page, size_t index, const char *title, const char *x_name, const char *y_name)
{
    struct size size = area((size_t)page->columns);
    int column = (int)index % page->columns, row = (int)index / page->columns;
    int left = MARGIN_LEFT + column * (size.width + GAP_X);
    int top = MARGIN_TOP + TITLE + row * row_height(page);
    double w = page->width, h = page->height;

    fprintf(page->out,
            "\nset lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
            left / w, (left + size.width) / w, 1 - top / h, 1 - (top + size.height) / h);
    fputs("set title ", page->out);
    page_quoted(page->out, title);
    fputs(" offset 0,-0.5\nset xlabel ", page->out);
    page_quoted(page->out, page_is_lowest(page, index) ? x_name : "");
    fputs(" offset 0,0.3\nset ylabel ", page->out);
    page_quoted(page->out, page_is_leftmost(page, index) ? y_name : "");
    putc('\n', page->out);
}

/* The smallest of 1, 2 or 5 times a power of ten that needs at most `most` steps. */
static double decimal_step(double span, double most)
{
    double power;

    if (!(span > 0))
        return 1;
    power = pow(10, floor(log10(span / most)));
    if (span / power <= most)
        return power;
    if (span / (2 * power) <= most)
        return 2 * power;
    return span / (5 * power) <= most ? 5 * power : 10 * power;
}

struct axis axis_counts(double highest)
{
    double step = decimal_step(highest, 5);

    return (struct axis){0, highest > 0 ? highest * 1.05 : 1, step, 0, INFINITY};
}

struct axis axis_bytes(double highest)
{
    double step = highest > 5 ? exp2(ceil(log2(highest / 5))) : 1;

    return (struct axis){0, highest * 1.16, step, 0, INFINITY};
}

struct axis axis_percent(double lowest, double highest)
{
    double step = decimal_step(fmax(fmin(highest, 100) - fmax(lowest, 0), 0.1), 5);

    return (struct axis){floor(lowest / step) * step, ceil(highest / step) * step + step * 0.1, step, 0, 100};
}

struct axis axis_differences(double lowest, double highest, bool in_bytes)
{
    double span = highest > lowest ? highest - lowest : 1, step = decimal_step(span, 4);

    if (in_bytes)
        step = span > 4 ? exp2(ceil(log2(span / 4))) : 1;
    return (struct axis){lowest - 0.06 * span, highest + 0.06 * span, step, -INFINITY, INFINITY};
}

/* Uses the steps of clocks and calendars: 5, 15, 30 minutes, 6 or 12 hours, a week. */
struct axis axis_time(double duration, double unit_s)
{
    static const double sixty[] = {1, 2, 5, 10, 15, 20, 30, 60};
    static const double hours[] = {1, 2, 3, 4, 6, 12, 24};
    const bool in_hours = unit_s == 3600;
    const double *steps = in_hours ? hours : sixty;
    size_t count = in_hours ? sizeof hours / sizeof *hours : sizeof sixty / sizeof *sixty;
    double span = duration / unit_s, step = decimal_step(span, 7);

    if (unit_s < 86400 && span > 3)
        for (size_t i = count; i-- > 0;)
            if (span / steps[i] <= 7)
                step = steps[i];
    if (unit_s == 86400 && span > 7 && span <= 49)
        step = span > 14 ? 7 : 2;
    return (struct axis){0, span > 0 ? span : 1, step, 0, INFINITY};
}

void tick_number(char *text, double value)
{
    if (value >= 1e9)
        snprintf(text, UNITS_TEXT, "%.4g G", value / 1e9);
    else if (value >= 1e6)
        snprintf(text, UNITS_TEXT, "%.4g M", value / 1e6);
    else if (value >= 1e4)
        print_count(text, (uint64_t)llround(value));
    else
        snprintf(text, UNITS_TEXT, "%.6g", value);
}

void tick_bytes(char *text, double value)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t unit = 0;

    for (; value >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    if (value == 0)
        snprintf(text, UNITS_TEXT, "0");
    else
        snprintf(text, UNITS_TEXT, "%.4g %s", value, units[unit]);
}

void page_axis(const struct page *page, char which, struct axis axis, tick_text_fn *tick_text)
{
    const char *separator = "";
    char text[UNITS_TEXT];

    fprintf(page->out, "set %crange [%.9g:%.9g]\nset %ctics (", which, axis.low, axis.high, which);
    /* ceil may return -0, which would become the tick's text; adding 0.0 makes it 0 */
    for (double i = ceil(fmax(axis.low, axis.least) / axis.step - 1e-9) + 0.0;
         i * axis.step <= fmin(axis.high, axis.most) * (1 + 1e-9); i++) {
        tick_text(text, i * axis.step);
        fprintf(page->out, "%s'%s' %.9g", separator, text, i * axis.step);
        separator = ", ";
    }
    fputs(")\n", page->out);
}

/* The place of runs without a limit on a logarithmic axis of sizes. */
static double unlimited_place(double lowest, double highest)
{
    return highest * pow(fmax(highest / lowest, 2), 0.14);
}

double page_size_axis(const struct page *page, const uint64_t *sizes, size_t count, tick_text_fn *tick_text)
{
    bool has_unlimited = count && !sizes[count - 1];
    size_t limits = count - has_unlimited;
    double lowest = (double)sizes[0], highest = (double)sizes[limits - 1];
    double place = has_unlimited ? unlimited_place(lowest, highest) : 0, end = fmax(highest, place);
    double margin = pow(fmax(end / lowest, 2), 0.05), width = area((size_t)page->columns).width, named = -INFINITY;
    char text[UNITS_TEXT];

    fprintf(page->out, "set logscale x 2\nset xrange [%.9g:%.9g]\nset xtics (", lowest / margin, end * margin);
    for (size_t i = 0; i < limits; i++) {
        double pixel = width * log((double)sizes[i] / lowest) / log(end / lowest * margin * margin);

        *text = '\0';
        if (pixel - named >= TICK_NAME) {
            tick_text(text, (double)sizes[i]);
            named = pixel;
        }
        fprintf(page->out, "%s'%s' %" PRIu64, i ? ", " : "", text, sizes[i]);
    }
    if (has_unlimited)
        fprintf(page->out, ", 'no limit' %.9g", place);
    fputs(")\n", page->out);
    if (has_unlimited)
        fprintf(page->out,
                "set arrow 2 from first %.9g, graph 0 to first %.9g, graph 1 nohead back lc rgb '#909090' dt (2,3)\n",
                sqrt(highest * place), sqrt(highest * place));
    return place;
}

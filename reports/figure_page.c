/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_page.h"

#include "reports/figure_style.h"
#include "reports/figure_text.h"
#include "sim/alloc.h"
#include "sim/printable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In units, five to a millimetre. */
enum {
    UNITS_PER_MM = 5,
    SMALL = 9, /* the size of the footer */
    SMALL_LINE = 12,
    LEAST_HEIGHT = 40, /* of a panel */
    EDGE = 8,          /* left and right of everything, and at the top */
    TEXT = FIGURE_TEXT_SIZE,
    LINE = 14,        /* from a line of text to the next */
    NUMBERS = 52,     /* left of a panel, for the numbers of its y axis */
    LAST_NUMBER = 10, /* right of the last panel: half of its x axis's last number */
    NUMBERS_BELOW = 20,
    GAP_X = 24,
    GAP_OWN_X = 34, /* where both panels have numbers at their ends */
    GAP_Y = 10,
    ROOMY = 150, /* a panel's least width where there are few, and where there are many */
    NARROW = 95,
    MANY = 8,    /* more panels than this are many */
    SAMPLE = 26, /* of a line in the legend */
};

void page_quoted(FILE *out, const char *text)
{
    char *shown = xstrdup(text);

    for (char *line = shown; (line = strchr(line, '\n')) != NULL;)
        *line = ' ';
    printable(shown); /* and an SVG must not hold control characters */
    putc('\'', out);
    for (const char *c = shown; *c; c++) {
        if (*c == '\'')
            putc('\'', out);
        putc(*c, out);
    }
    putc('\'', out);
    free(shown);
}

/* ---- where everything is ---- */

static bool is_together(const struct sheet *sheet, int columns)
{
    int together = (int)sheet->in_a_row;

    return together < 2 || together % columns == 0 || columns % together == 0;
}

/* As many as have room, of a width at which a panel can be read; panels that belong together stay so if they can. */
static int columns_for(const struct page *page)
{
    const struct sheet *sheet = &page->sheet;
    const int least[] = {sheet->panels > MANY ? NARROW : ROOMY, NARROW};
    int room = page->width - page->left - LAST_NUMBER;

    for (size_t i = 0; i < 2; i++) {
        int most = (room + page->gap) / (least[i] + page->gap);

        most = most > (int)sheet->panels ? (int)sheet->panels : most;
        for (int columns = most; columns > 1; columns--)
            if (is_together(sheet, columns))
                return columns;
    }
    return 1;
}

static int most_lines(const char *const *texts, size_t count, int width)
{
    int most = 0;

    for (size_t i = 0; texts && i < count; i++)
        if (texts[i]) {
            int lines = figure_text_lines(texts[i], TEXT, width);

            most = lines > most ? lines : most;
        }
    return most;
}

/* The legend's columns, which are filled one after the other. */
struct columns {
    int count, width;
    size_t rows;
};

static struct columns legend_columns(const struct page *page)
{
    const struct legend *legend = &page->sheet.legend;
    int room = page->width - 2 * EDGE;
    double widest = 1;
    struct columns columns;

    for (size_t i = 0; i < legend->entries; i++)
        widest = fmax(widest, figure_text_width(legend->names[i], TEXT));
    columns.count = (int)(room / fmin(room, SAMPLE + 6 + EDGE + widest));
    if (legend->columns && legend->columns < columns.count)
        columns.count = legend->columns;
    columns.count = columns.count > (int)legend->entries ? (int)legend->entries : columns.count;
    columns.count = columns.count < 1 ? 1 : columns.count;
    columns.rows = (legend->entries + (size_t)columns.count - 1) / (size_t)columns.count;
    if (columns.rows)
        columns.count = (int)((legend->entries + columns.rows - 1) / columns.rows);
    columns.width = room / columns.count;
    return columns;
}

static int legend_entry_lines(const struct page *page, struct columns columns, size_t entry)
{
    return figure_text_lines(page->sheet.legend.names[entry], TEXT, columns.width - SAMPLE - 6);
}

static int legend_height(const struct page *page)
{
    struct columns columns = legend_columns(page);
    int highest = 0;

    for (int c = 0; c < columns.count; c++) {
        int lines = 0;

        for (size_t i = 0; i < columns.rows && (size_t)c * columns.rows + i < page->sheet.legend.entries; i++)
            lines += legend_entry_lines(page, columns, (size_t)c * columns.rows + i);
        highest = lines > highest ? lines : highest;
    }
    return highest ? highest * LINE + 6 : 0;
}

/* Of a row of panels: its titles and notes, the panels, the numbers below them, and what parts it from the next one. */
static int notes_height(const struct page *page, int row)
{
    size_t first = (size_t)row * (size_t)page->columns, end = page_row_end(page, first);

    return page->sheet.notes ? LINE * most_lines(page->sheet.notes + first, end - first, page->area_width) : 0;
}

static int row_height(const struct page *page, int row)
{
    const struct sheet *sheet = &page->sheet;
    bool is_last = row + 1 == page->rows, has_numbers = is_last || sheet->has_own_x || sheet->low;

    return LINE * page->title_lines + notes_height(page, row) + 5 + page->area_height +
           (has_numbers ? sheet->low ? sheet->low : NUMBERS_BELOW : 0) + (is_last ? 0 : GAP_Y);
}

/* Of its title. */
static int row_top(const struct page *page, int row)
{
    int top = page->top;

    for (int i = 0; i < row; i++)
        top += row_height(page, i);
    return top;
}

static int remark_height(const struct page *page)
{
    const char *remark = page->sheet.remark ? page->sheet.remark : "";

    return LINE * figure_text_lines(remark, TEXT, page->width - 2 * EDGE);
}

/* Everything that is above or below something else, for panels of this height. */
static void stack_up(struct page *page, int area_height)
{
    const struct sheet *sheet = &page->sheet;

    page->area_height = area_height;
    page->legend_top = row_top(page, page->rows) + 4 + (*sheet->x_name ? LINE + 4 : 0);
    page->remark_top = page->legend_top + legend_height(page);
    page->footer_top = page->remark_top + remark_height(page) + 4;
    page->height =
        page->footer_top + SMALL_LINE * figure_text_lines(page->footer, SMALL, page->width - 2 * EDGE) + EDGE / 2;
}

static void lay_out(struct page *page)
{
    const struct sheet *sheet = &page->sheet;
    const struct figure_wishes *wishes = page->frame->wishes;

    page->width = (int)lround(UNITS_PER_MM * (wishes && wishes->width_mm > 0 ? wishes->width_mm : FIGURE_WIDTH_MM));
    page->left = sheet->left ? sheet->left : NUMBERS;
    page->gap = sheet->has_own_y ? page->left + 6 : sheet->has_own_x ? GAP_OWN_X : GAP_X;
    page->columns = columns_for(page);
    page->rows = ((int)sheet->panels + page->columns - 1) / page->columns;
    page->area_width = (page->width - page->left - LAST_NUMBER + page->gap) / page->columns - page->gap;
    page->title_lines = most_lines(sheet->titles, sheet->panels, page->area_width);
    page->top = EDGE + LINE * figure_text_lines(sheet->y_name, TEXT, page->width - 2 * EDGE) + (*sheet->y_name ? 4 : 0);
    stack_up(page, sheet->panel_height ? sheet->panel_height
                                       : (int)(sheet->height_of_width > 0 ? sheet->height_of_width * page->area_width
                                                                          : 0.5 * page->area_width + 22));
    if (wishes && wishes->height_mm > 0) {
        int rest = (int)lround(UNITS_PER_MM * wishes->height_mm) - (page->height - page->rows * page->area_height);

        stack_up(page, rest / page->rows > LEAST_HEIGHT ? rest / page->rows : LEAST_HEIGHT);
    }
}

static int panel_left(const struct page *page, size_t index)
{
    return page->left + (int)index % page->columns * (page->area_width + page->gap);
}

bool page_is_leftmost(const struct page *page, size_t index)
{
    return index % (size_t)page->columns == 0;
}

bool page_is_lowest(const struct page *page, size_t index)
{
    return index + (size_t)page->columns >= page->sheet.panels;
}

size_t page_row_first(const struct page *page, size_t index)
{
    return index - index % (size_t)page->columns;
}

size_t page_row_end(const struct page *page, size_t index)
{
    size_t end = page_row_first(page, index) + (size_t)page->columns;

    return end < page->sheet.panels ? end : page->sheet.panels;
}

double page_ticks(const struct page *page, char which)
{
    return fmax(2, which == 'x' ? page->area_width / 46 : page->area_height / 20);
}

/* ---- text ---- */

static void put_label(const struct page *page, int tag, const char *text, size_t bytes, double x, double y,
                      const char *how)
{
    char line[512];

    snprintf(line, sizeof line, "%.*s", (int)bytes, text);
    fprintf(page->out, "set label %d ", tag);
    page_quoted(page->out, line);
    fprintf(page->out, " at screen %.5f, screen %.5f %s\n", x / page->width, 1 - y / page->height, how);
}

/* Lines from x on, the first one's middle half a line below `top`. Returns the next free tag. */
static int put_text(const struct page *page, int tag, const char *text, int size, int apart, double x, double top,
                    double width, const char *how)
{
    for (double y = top + apart / 2.0; *text; y += apart) {
        size_t line = figure_text_line(text, size, width);

        put_label(page, tag++, text, line, x, y, how);
        text += line;
        text += *text == ' ';
    }
    return tag;
}

static int put_lines(const struct page *page, int tag, const char *text, double x, double top, double width,
                     const char *how)
{
    return put_text(page, tag, text, TEXT, LINE, x, top, width, how);
}

/* ---- the page ---- */

/* The kinds of pictures: what a unit is in each, and text in points. */
static void write_terminals(const struct page *page)
{
    const unsigned forms = figure_forms(page->frame->wishes);
    const double dots = 300 / 25.4 / UNITS_PER_MM, points = 72 / 25.4 / UNITS_PER_MM;

    fprintf(page->out, "do for [kind in '%s%s%s'] {\n", forms & FIGURE_SVG ? "svg " : "",
            forms & FIGURE_PNG ? "png " : "", forms & FIGURE_PDF ? "pdf" : "");
    fprintf(page->out,
            "if (kind eq 'svg') {\n"
            "    set terminal svg noenhanced size %d,%d font 'DejaVu Sans,%d' background '#FFFFFF'\n"
            "    small = '%d'\n}\n",
            page->width, page->height, TEXT, SMALL);
    fprintf(page->out,
            "if (kind eq 'png') {\n"
            "    set terminal pngcairo noenhanced size %.0f,%.0f font 'DejaVu Sans,%.4g' fontscale %.4f linewidth %.4f "
            "pointscale %.4f dashlength 2 butt\n"
            "    small = '%.4g'\n}\n",
            page->width * dots, page->height * dots, TEXT * 0.75, dots, 0.95 * dots, 1.3 * dots, SMALL * 0.75);
    fprintf(
        page->out,
        "if (kind eq 'pdf') {\n"
        "    set terminal pdfcairo noenhanced size %.4fcm,%.4fcm font 'DejaVu Sans,%.4g' fontscale 1 linewidth %.4f "
        "pointscale %.4f dashlength 2 butt\n"
        "    small = '%.4g'\n}\n"
        "set output prefix.'%s.'.kind\n",
        page->width / 10.0 / UNITS_PER_MM, page->height / 10.0 / UNITS_PER_MM, TEXT * points * 0.75, 2 * points,
        1.3 * points, SMALL * points * 0.75, page->sheet.name);
}

struct page page_begin(FILE *out, const struct sheet *sheet, const struct figure_frame *frame)
{
    const struct legend *legend = &sheet->legend;
    struct page page = {.out = out, .sheet = *sheet, .frame = frame};

    if (!frame->wishes || !frame->wishes->no_footer)
        snprintf(page.footer, sizeof page.footer, "%.*s \u00b7 %s", FIGURE_SOURCE - 8, sheet->comment, frame->source);
    lay_out(&page);
    fprintf(out,
            "# %s\n"
            "# Draw again: gnuplot %s.gp\n"
            "if (!exists('prefix')) prefix = ''\n"
            "data = '%s.dat'\n",
            sheet->comment, sheet->name, sheet->name);
    write_terminals(&page);
    fputs("set border 3 lw 0.9 lc rgb '#404040'\n"
          "set grid lw 0.6 lt 1 lc rgb '#DEDEDE'\n"
          "set tics nomirror out scale 0.5\n"
          "set xtics offset 0,0.35\n"
          "set ytics offset 0.4,0\n"
          "unset key\n"
          "set encoding utf8\n",
          out);
    if (legend->policies)
        figure_styles(out, legend->policies, legend->policy_count);
    else if (!legend->colours && !legend->looks)
        figure_styles(out, legend->names, legend->entries);
    fputs("set multiplot\n", out);
    return page;
}

static void put_sample(const struct page *page, int tag, size_t entry, double x, double y)
{
    const struct legend *legend = &page->sheet.legend;
    double w = page->width, h = page->height;

    if (legend->colours) {
        fprintf(
            page->out,
            "set object %d rectangle from screen %.5f, screen %.5f to screen %.5f, screen %.5f fc rgb '%s' fs solid "
            "1 border lc rgb '#808080' lw 0.5\n",
            tag, (x + SAMPLE - 14) / w, 1 - (y + 5) / h, (x + SAMPLE) / w, 1 - (y - 5) / h, legend->colours[entry]);
        return;
    }
    if (legend->looks && !strncmp(legend->looks[entry], "pt ", 3)) {
        fprintf(page->out, "set label %d '' at screen %.5f, screen %.5f point %s\n", tag, (x + SAMPLE / 2.0) / w,
                1 - y / h, legend->looks[entry]);
        return;
    }
    if (legend->looks) {
        fprintf(page->out, "set arrow %d from screen %.5f, screen %.5f to screen %.5f, screen %.5f nohead %s\n", tag,
                x / w, 1 - y / h, (x + SAMPLE) / w, 1 - y / h, legend->looks[entry]);
        return;
    }
    entry = legend->styles ? legend->styles[entry] : entry;
    fprintf(page->out, "set arrow %d from screen %.5f, screen %.5f to screen %.5f, screen %.5f nohead ls %zu\n", tag,
            x / w, 1 - y / h, (x + SAMPLE) / w, 1 - y / h, entry + 1);
    for (int layer = FIGURE_STYLE_BENEATH; layer >= 0; layer -= FIGURE_STYLE_BENEATH)
        fprintf(page->out, "set label %d '' at screen %.5f, screen %.5f point ls %zu\n", tag + (layer ? 0 : 500),
                (x + SAMPLE / 2.0) / w, 1 - y / h, (size_t)layer + entry + 1);
}

/* Drawn by a plot of nothing: what is not of one panel. */
static void put_legend(const struct page *page)
{
    const struct legend *legend = &page->sheet.legend;
    struct columns columns = legend_columns(page);

    for (int c = 0, tag = 1000, text = 3000; c < columns.count; c++) {
        double x = EDGE + c * columns.width, y = page->legend_top;

        for (size_t i = 0; i < columns.rows && (size_t)c * columns.rows + i < legend->entries; i++, tag++) {
            size_t entry = (size_t)c * columns.rows + i;

            put_sample(page, tag, entry, x, y + LINE / 2.0);
            text = put_lines(page, text, legend->names[entry], x + SAMPLE + 6, y, columns.width - SAMPLE - 6, "left");
            y += LINE * legend_entry_lines(page, columns, entry);
        }
    }
}

void page_end(const struct page *page)
{
    fputs("\nset lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\nset bmargin at screen 0\n"
          "unset border; unset tics; unset grid; unset logscale\n"
          "unset arrow; unset label; unset object\n",
          page->out);
    put_lines(page, 1, page->sheet.y_name, EDGE, EDGE, page->width - 2 * EDGE, "left");
    if (*page->sheet.x_name)
        put_label(page, 20, page->sheet.x_name, strlen(page->sheet.x_name),
                  (page->left + page->width - LAST_NUMBER) / 2.0, page->legend_top - 4 - LINE / 2.0, "center");
    put_legend(page);
    put_lines(page, 30, page->sheet.remark ? page->sheet.remark : "", EDGE, page->remark_top, page->width - 2 * EDGE,
              "left tc rgb '#606060'");
    put_text(page, 40, page->footer, SMALL, SMALL_LINE, EDGE, page->footer_top, page->width - 2 * EDGE,
             "left tc rgb '#707070' font ','.small");
    fputs("plot [0:1] [0:1] NaN notitle\nunset multiplot\nunset output\nreset\n}\n", page->out);
}

void page_panel(struct page *page, size_t index)
{
    int row = (int)index / page->columns, left = panel_left(page, index), title = row_top(page, row);
    int top = title + LINE * page->title_lines + notes_height(page, row) + 5, tag = 900;
    double w = page->width, h = page->height;

    page->panel = index;
    fprintf(page->out,
            "\nset lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\nunset label\n",
            left / w, (left + page->area_width) / w, 1 - top / h, 1 - (top + page->area_height) / h);
    if (page->sheet.titles && page->sheet.titles[index])
        tag = put_lines(page, tag, page->sheet.titles[index], left, title, page->area_width, "left");
    if (page->sheet.notes && page->sheet.notes[index])
        put_lines(page, tag, page->sheet.notes[index], left, title + LINE * (tag - 900), page->area_width,
                  "left tc rgb '#606060'");
}

void page_tick(const struct page *page, char which, const char *text, double at)
{
    const struct sheet *sheet = &page->sheet;
    bool is_shown = which == 'x' ? sheet->has_own_x || sheet->low || page_is_lowest(page, page->panel)
                                 : sheet->has_own_y || page_is_leftmost(page, page->panel);

    page_quoted(page->out, is_shown ? text : "");
    fprintf(page->out, " %.9g", at);
}

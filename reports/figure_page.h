/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_page: the one page that every figure of every subcommand is: panels of one size in rows, in a style that can be read when
 * the figure is printed as wide as a column of a paper, 80 mm.
 *
 *     what is on the y axes
 *     title          title
 *     note           note
 *     +--------+    +--------+
 *     | panel  |    | panel  |     numbers at the left and at the bottom only: panels side by side have the same y axis
 *     +--------+    +--------+
 *     +--------+
 *     |        |
 *     +--------+
 *        what is on the x axes
 *     legend, in columns
 *     footer: what, of which trace, of when, by which version
 *
 * A page is measured in units, five to a millimetre of its width in print; its text is 11 of them high, which are 6.2 points. In
 * an SVG a unit is a pixel. Titles, notes, legend and footer are broken into lines where they are too wide.
 *
 * Everything is written into a gnuplot script that needs nothing but the data file beside it. */
#ifndef REPORTS_FIGURE_PAGE_H
#define REPORTS_FIGURE_PAGE_H

#include "reports/figure_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the legend explains: policies, by lines and markers (figure_style.h), or areas, by colours. Nothing is owned. */
struct legend {
    const char *const *names;
    size_t entries;
    const char *const *colours; /* of areas; NULL: lines */
    const char *const
        *looks; /* of lines that are no policies', "lc rgb '#0072B2' lw 1.4", or of points, "pt 7 ..."; NULL: none */
    const size_t *styles; /* of lines: the place of each entry's style among `policies`; NULL: their own places */
    const char *const *policies; /* that have a style; NULL: the names */
    size_t policy_count;
    int columns; /* in so many if they have room, each filled before the next; 0: in as many as have room */
};

/* What is on a page; nothing is owned. */
struct sheet {
    const char *name;    /* of the figure and its files */
    const char *comment; /* what it draws, in the script */
    const char *y_name;  /* above all panels; "": nothing */
    const char *x_name;  /* below them */
    size_t panels;
    const char *const *titles; /* of each panel; NULL: none */
    const char *const *notes;  /* in grey below the titles; NULL: none; of a panel NULL or "": none */
    struct legend legend;
    size_t in_a_row;           /* so many panels belong together: they stand in a row, if they can; 0: any number */
    bool has_own_x, has_own_y; /* each panel has an axis of its own, and so its numbers */
    int left;                  /* units left of the panels, for names of rows; 0: as numbers need them */
    int low;                   /* units below each row of panels, for names of columns; 0: as numbers need them */
    double height_of_width;    /* of a panel; 0: as the page has it */
    int panel_height;          /* likewise, in units */
    const char *remark;        /* in grey, below the legend; NULL: none */
};

enum { FIGURE_FOOTER = 2 * FIGURE_SOURCE };

struct page {
    FILE *out; /* the script, not owned */
    struct sheet sheet;
    const struct figure_frame *frame;
    char footer[FIGURE_FOOTER];       /* "": none */
    int columns, rows, width, height; /* units */
    int area_width, area_height;      /* of each panel */
    int title_lines, top, legend_top, remark_top, footer_top;
    int left, gap;
    size_t panel; /* that is being written */
};

/* The script up to its first panel, and after its last. Frame, and the sheet's lists, must stay until then. */
struct page page_begin(FILE *out, const struct sheet *sheet, const struct figure_frame *frame);
void page_end(const struct page *page);

/* Sets place and title of panel `index`; the caller then writes the axes and a plot. */
void page_panel(struct page *page, size_t index);

/* Whether a panel is in the first column; whether no panel is below it. */
bool page_is_leftmost(const struct page *page, size_t index);
bool page_is_lowest(const struct page *page, size_t index);

/* The first panel of the row in which a panel stands, and the one after the row's last. */
size_t page_row_first(const struct page *page, size_t index);
size_t page_row_end(const struct page *page, size_t index);

/* How many ticks have room on the axis 'x' or 'y' of a panel. */
double page_ticks(const struct page *page, char which);

/* A tick of an axis that the caller ranges: "'1 MiB' 1048576", the text only where the panel has numbers. */
void page_tick(const struct page *page, char which, const char *text, double at);

/* 'text' as gnuplot reads it, in quotes. */
void page_quoted(FILE *out, const char *text);

#endif

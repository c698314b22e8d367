/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_page: panels of one size in rows, a legend below them, and axes with ticks for people.
 *
 *     +--------+ +--------+ +--------+
 *     | panel  | | panel  | | panel  |     names of the axes at the left and at the bottom only
 *     +--------+ +--------+ +--------+
 *     +--------+
 *     |        |      legend
 *     +--------+
 *
 * Everything is written into a gnuplot script that needs nothing but the data file beside it. */
#ifndef REPORTS_FIGURE_PAGE_H
#define REPORTS_FIGURE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the legend explains: policies, by lines and markers (figure_style.h), or areas, by colours. Nothing is owned. */
struct legend {
    const char *const *names;
    size_t entries;
    const char *const *colours; /* of areas; NULL: policies */
};

struct page {
    FILE *out;        /* the script, not owned */
    const char *name; /* of the figure, not owned */
    size_t panels;
    struct legend legend;
    int columns, rows, width, height, legend_height; /* pixels */
};

/* The script up to its first panel, and after its last. `comment` says what it draws. */
struct page page_begin(FILE *out, const char *name, const char *comment, size_t panels, struct legend legend);
void page_end(const struct page *page);

/* Sets place, title and names of the axes of panel `index`; the caller then writes the axes and
 * plot. */
void page_panel(const struct page *page, size_t index, const char *title, const char *x_name, const char *y_name);

/* Whether the panel is in the first column; whether no panel is below it. */
bool page_is_leftmost(const struct page *page, size_t index);
bool page_is_lowest(const struct page *page, size_t index);

/* A range from low to high with a tick at each multiple of step, where such a value can be. */
struct axis {
    double low, high, step;
    double least, most; /* values beyond have no tick; intervals may reach there */
};

struct axis axis_counts(double highest); /* from 0, decimal steps */
struct axis axis_bytes(double highest);  /* from 0, steps that are powers of two, room for a name on top */
struct axis axis_percent(double lowest, double highest); /* low may be above 0; nothing of an interval is cut off */
struct axis axis_differences(double lowest, double highest, bool in_bytes); /* 0 is within; a margin each way */
struct axis axis_time(double duration, double unit_s);                      /* both in seconds; ticks in units */

typedef void tick_text_fn(char *text, double value); /* into UNITS_TEXT bytes */
tick_text_fn tick_number, tick_bytes;

/* Writes range and ticks of axis 'x' or 'y'. */
void page_axis(const struct page *page, char which, struct axis axis, tick_text_fn *tick_text);

/* A logarithmic x axis, for sizes that double are equal steps, with a tick at each of the sizes, named where there is
 * room. `sizes` increase; a 0 behind them, no limit, gets a place of its own at the right, beyond a line. Returns that
 * place, or 0 when there is none. */
double page_size_axis(const struct page *page, const uint64_t *sizes, size_t count, tick_text_fn *tick_text);

/* 'text' as gnuplot reads it, in quotes. */
void page_quoted(FILE *out, const char *text);

#endif

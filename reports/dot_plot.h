/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dot_plot: means with their intervals, a row for each thing that is compared, a panel for each number of it.
 *
 *                        hit ratio          peak memory
 *     as it is               o    ¦             o   ¦
 *     maxmemory x1.5         ¦  --o--           ¦ --o--
 *
 * A dot is hollow and grey where the number cannot be told from noise, small and grey where there is none to tell. A row of nothing
 * but a name is a heading. The figure is
 * NAME.svg and NAME.png, drawn by gnuplot, beside NAME.dat and NAME.gp. */
#ifndef REPORTS_DOT_PLOT_H
#define REPORTS_DOT_PLOT_H

#include "sim/error.h"
#include "sim/outcome.h"

#include <stdbool.h>
#include <stddef.h>

enum { DOT_PANELS = 4, DOT_LINES = 2 };

/* How a panel's numbers are said on its axis. Differences have a sign, and 0 is always there. */
enum dot_scale { DOTS_COUNTS, DOTS_PERCENT, DOTS_BYTES, DOTS_DIFFERENCES, DOTS_DIFFERENT_BYTES };

struct dot_panel {
    const char *title, *column; /* column: in the data */
    enum dot_scale scale;
    struct dot_line {
        double at;          /* NaN: there is no line */
        const char *colour; /* "#9A9A9A" */
    } lines[DOT_LINES];
};

enum dot_kind { DOT_FIRM, DOT_NOISE, DOT_SAME, DOT_KINDS };

struct dot {
    double mean, half_width; /* in the units of the axis; NaN: not known */
    enum dot_kind kind;
};

struct dot_row {
    const char *name;
    bool is_heading; /* it has no dots */
    struct dot dots[DOT_PANELS];
};

struct dot_plot {
    const char *name, *comment, *title,
        *note; /* of the files; what the script draws; above it, "" for none; below it */
    const struct dot_panel *panels;
    size_t panel_count; /* 1 or more */
    const struct dot_row *rows;
    size_t row_count; /* from the top down; 1 or more */
};

/* What an earlier run wrote of the figure goes first; without rows that is all. 0, or -1. */
int dot_plot_write(const struct dot_plot *plot, const struct outcome *outcome, const char *directory,
                   struct error *error);

#endif

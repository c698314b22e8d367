/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_style: how a policy looks in every figure: colour-blind safe, and legible without colour.
 *
 * Policies that score keys alike share a colour and a marker, as allkeys-lru and volatile-lru do; a
 * line is solid with a filled marker for allkeys-, dashed with an open one for volatile-. Redis's
 * policies always look the same; the others take the remaining styles in the order in which they come. */
#ifndef REPORTS_FIGURE_STYLE_H
#define REPORTS_FIGURE_STYLE_H

#include <stddef.h>
#include <stdio.h>

enum { FIGURE_MOST_POLICIES = 6 }; /* in a panel: figure_lines.h */

/* Style line i + this is a white marker that is as large: drawn first, it keeps an open marker
 * open. */
enum { FIGURE_STYLE_BENEATH = 1000 };

/* Style line i + this is the same marker for points that may lie on one another, as those of a size do: the first
 * policy's is the largest, each one after it smaller, so that all can be seen at one place. Style line i + this +
 * FIGURE_STYLE_BENEATH is a white one that is a little larger. */
enum { FIGURE_STYLE_NESTED = 2000 };

/* An interval is a vector from its low end to its high one, with a bar at each: gnuplot's error bars hide, around each point, what is
 * beneath it in the white of the page. */
#define FIGURE_INTERVAL "heads size graph 0.012,90"

/* How the policy at `index` of the legend looks where it is drawn without gnuplot. */
struct figure_look {
    const char *colour; /* "#0072B2" */
    const char *dashes; /* "(9,4)", lengths of dashes and gaps in turn; NULL: a whole line. Both are constants. */
};
struct figure_look figure_look(const char *const *policies, size_t index);

/* Writes `set style line 1 ...` and so on, one for each policy, and the ones beneath and nested. */
void figure_styles(FILE *out, const char *const *policies, size_t count);

#endif

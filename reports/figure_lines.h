/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_lines: which lines are drawn in which panel, for every figure that is made of a line per policy.
 *
 * Lines that are the same, number by number, are drawn once: where they are so in all panels the legend says "lru = fifo", and where
 * they are so in one panel, its note says it. What is left, if it is more than six policies, is drawn as small multiples: a panel of
 * some of them after another, of the same data and axes, each with the lines of the others in pale grey behind its own.
 *
 *     what the figure says              what is drawn
 *     2mb: a b c d e f g h              2mb: a b c d (e f g h)    2mb: e f g h (a b c d)
 *     4mb: a b c d e f g h              4mb: a b c d (e f g h)    4mb: e f g h (a b c d)
 *                                            "a = b"
 *
 * No number is changed, moved or left out: a line that is not drawn lies, in every point, on one that is. */
#ifndef REPORTS_FIGURE_LINES_H
#define REPORTS_FIGURE_LINES_H

#include "reports/figure_page.h"
#include "reports/figure_style.h"

#include <stddef.h>
#include <stdio.h>

struct figure_line {
    size_t block, policy; /* of the data; in the order of the policies */
};

/* What is drawn in one panel. */
struct figure_panel {
    size_t source;                      /* the panel as the figure said it */
    struct figure_line *lines, *behind; /* owned */
    size_t line_count, behind_count;
};

struct figure_lines {
    const char *const *policies; /* not owned */
    size_t policy_count;
    /* As said: the panels' titles and each line's panel, in the order of the blocks of data. */
    char **said_titles;
    size_t said_count;
    struct figure_line *said;
    size_t *said_in, line_count;
    /* As drawn; all owned. */
    struct figure_panel *panels;
    size_t panel_count, parts; /* parts: so many panels in place of one */
    char **titles, **notes;    /* of each panel; a note may be empty */
    char **names;              /* of the legend's entries, of which `styles` are the policies whose style they have */
    size_t *styles, entry_count;
};

struct figure_lines figure_lines_new(const char *const *policies, size_t policy_count);
void figure_lines_release(struct figure_lines *lines);

/* A panel, and the lines in it: each is the next block of data, or that block. */
void figure_lines_panel(struct figure_lines *lines, const char *title);
void figure_lines_add(struct figure_lines *lines, size_t policy);
void figure_lines_add_block(struct figure_lines *lines, size_t block, size_t policy);

/* Decides what is drawn where. `write` writes the figure's data, of which lines are compared. Panels without lines are left out. */
void figure_lines_arrange(struct figure_lines *lines, void (*write)(const void *what, FILE *out), const void *what);

/* Puts panels, titles, notes and legend on the sheet, which must not outlive the lines. */
void figure_lines_put_sheet(const struct figure_lines *lines, struct sheet *sheet);

/* Draws an element of the line, after "data index N ": "using 1:2 with steps ls 3 notitle". `look` is how a line looks, "ls 3", and
 * `policy` the place of its style; of a line that is behind others there is no style, and policy is FIGURE_BEHIND. */
enum { FIGURE_BEHIND = 999999 };
typedef void figure_element_fn(const void *what, const char *look, struct figure_line line, FILE *out);

/* Writes the plot command of panel `index`: the first `behind_count` elements of each line behind, then all elements of each line of
 * the panel, one after the other. What follows, such as a line that is nobody's, the caller writes with ", \\\n" before it; the newline
 * is the caller's, too. */
void figure_lines_plot(const struct figure_lines *lines, size_t index, figure_element_fn *const *elements, size_t count,
                       size_t behind_count, const void *what, FILE *out);

#endif

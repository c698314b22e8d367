/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_text: how wide a text is in a figure, and where it is broken into lines. */
#ifndef REPORTS_FIGURE_TEXT_H
#define REPORTS_FIGURE_TEXT_H

#include <stddef.h>

enum { FIGURE_TEXT_SIZE = 11 }; /* of all text but the footer, in the page's units */

/* About as wide as DejaVu Sans of this size draws it, and no less; in the size's units. */
double figure_text_width(const char *text, double size);

/* How many bytes of the text are its first line, no wider than `width` unless it is a single word: broken at a blank, which is the
 * byte that follows. A text without end is cut nowhere else. */
size_t figure_text_line(const char *text, double size, double width);

/* How many lines that are; 0 of an empty text. */
int figure_text_lines(const char *text, double size, double width);

#endif

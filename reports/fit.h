/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fit: a text as wide as a terminal. */
#ifndef REPORTS_FIT_H
#define REPORTS_FIT_H

#include <stdio.h>

/* Writes the text so that no line is wider than `columns`, unless a single word is. A line that is too long is broken at
 * blanks; what follows begins below what is behind the line's label ("trace    d1.csv"), as it does where the text was broken
 * before: such lines are joined first. All others stay as they are. */
void fit_put(const char *text, int columns, FILE *out);

#endif

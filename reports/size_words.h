/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size_words: how what evsim size found is said, in its table, its CSV and its JSON. */
#ifndef REPORTS_SIZE_WORDS_H
#define REPORTS_SIZE_WORDS_H

#include "sim/advice/sizing.h"
#include "sim/units.h"

/* A maxmemory as it is typed: "8450kb"; with unit sizes a number of objects. */
char *size_text(char text[UNITS_TEXT], const struct sizing *sizing, uint64_t maxmemory);

/* The point at the answer's size, or at that which comes near to the best; NULL: there is none. */
const struct sized_point *size_answer(const struct sized_line *line);
/* The point that comes next to `share` more memory, 0.1 for 10 %, at least 2.5 %; NULL: none. */
const struct sized_point *size_point_with_more(const struct sized_line *line, double share);

/* The line with the smallest answer, the first of equals; NULL: no line has one. */
const struct sized_line *size_smallest(const struct sizing *sizing);

#endif

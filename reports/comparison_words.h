/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison_words: how the numbers of a comparison, and what differs in them, are said on a terminal. */
#ifndef REPORTS_COMPARISON_WORDS_H
#define REPORTS_COMPARISON_WORDS_H

#include "sim/advice/comparison.h"

#include <stdbool.h>
#include <stdio.h>

enum { COMPARISON_FIELD = 128 };

/* A mean: "68.71 %", "1,663", "2.02 MiB"; "-" where nothing was counted. */
void comparison_value(char field[COMPARISON_FIELD], double value, bool is_ratio, bool in_bytes);

/* "+0.15 ± 0.12 points", "-83 ± 67 (noise)", "the same", "-". `brief`: without the word points, and with ~ for (noise). */
void comparison_difference(char field[COMPARISON_FIELD], const struct compared_measure *measure, bool in_bytes,
                           bool brief);

bool comparison_is(const struct compared_measure *measure, const char *verdict);

/* A single rule of another server's: they come in dozens. */
bool comparison_is_one_rule(const struct variant *variant);

/* A line that says what --warmup leaves out; nothing without. */
void comparison_put_warmup(const struct run *run, FILE *out);

/* "redis-7.0.15, allkeys-lru, 2mb"; what b has otherwise behind an arrow. `b` may be NULL. */
void comparison_cells(char *text, size_t bytes, const struct compared_cell *a, const struct compared_cell *b);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text_table: lines whose fields stand below one another: text at the left of its column, numbers at the right.
 *
 * A column is as wide as its widest field that was measured; a column of width 0 is left out. */
#ifndef REPORTS_TEXT_TABLE_H
#define REPORTS_TEXT_TABLE_H

#include "sim/column_choice.h"
#include "sim/statistics.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT_FIELD = 96, TEXT_COLUMNS = 20 };

struct text_row {
    char fields[TEXT_COLUMNS][TEXT_FIELD];
};

struct text_table {
    int columns;
    uint32_t texts; /* bit i: column i is text */
    uint32_t alone; /* bit i: a field of column i that is wider has a line of its own, above the others */
    int widths[TEXT_COLUMNS];
    int order[TEXT_COLUMNS]; /* of the columns, */
    bool is_ordered;         /* if that is so; else they stand as they are numbered */
};

void text_table_measure(struct text_table *table, int column, const char *field);
void text_table_measure_row(struct text_table *table, const struct text_row *row);
/* Of a line, in columns of a terminal. */
int text_table_width(const struct text_table *table);

/* Leaves columns out, in this order, until a line is no wider than that, or all of them are. How many it left out. */
int text_table_fit(struct text_table *table, const int *order, int count, int columns);

/* Where a line is wider than that, a column of names is no wider than LONG_NAME: longer ones stand alone. */
enum { LONG_NAME = 20 };
void text_table_put_long_alone(struct text_table *table, int column, int columns);

/* Leaves out what is not wanted, and has the rest in the order in which it is; a column that was left out before is there again. */
void text_table_choose(struct text_table *table, const char *const *titles, const struct column_choice *choice);

/* The column that stands at this place, from 0. */
int text_table_column(const struct text_table *table, int place);

/* No line ends with spaces. */
void text_table_put_titles(const struct text_table *table, const char *const *titles, FILE *out);
void text_table_put_row(const struct text_table *table, const struct text_row *row, FILE *out);
/* The same in Markdown, of the columns that are not left out; a '*' and a '|' are escaped. */
void text_table_put_markdown_titles(const struct text_table *table, const char *const *titles, FILE *out);
void text_table_put_markdown_row(const struct text_table *table, const struct text_row *row, FILE *out);
/* One field of such a line, which begins with "|": " field |". */
void text_put_markdown(const char *field, FILE *out);
void text_table_put_rule(const struct text_table *table, FILE *out);

/* Fields, of TEXT_FIELD bytes. A count is rounded: "1,234"; text_count returns the field. An estimate is "123", or
 * "123 ± 4" when the seeds disagree. A lower bound is "≥ 12"; "-" stays what it is. */
const char *text_count(char *field, double count);
void text_estimated_count(char *field, struct estimate estimate);
void text_maxmemory(char *field, uint64_t maxmemory, bool unit_sizes);
/* A time in seconds, of so many seeds: "12m 04s"; "12m 04s (2/5)" when it comes in some of them only; "-" in none. */
void text_moment(char *field, struct estimate estimate, size_t seeds);
void text_mark_least(char *field, bool is_least);

#endif

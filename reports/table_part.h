/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_part: a part below the rows of the table that has a line for each cell, too, and columns of its own.
 *
 * No line is wider than 80 columns: where there is no room, first intervals go, then shares, then server and maxmemory move
 * above the lines that share them; then it is the part's turn to leave columns out. */
#ifndef REPORTS_TABLE_PART_H
#define REPORTS_TABLE_PART_H

#include "reports/grid.h"
#include "reports/text_table.h"

#include <stdbool.h>

enum { PART_WIDTH = 80 };

/* The columns that every part has; its own begin with PART_FIRST. */
enum { PART_SERVER, PART_POLICY, PART_MAXMEMORY, PART_FIRST };

/* What a field says when there is room for it. At last a count stands alone, or a share does, as the part likes. */
enum part_detail { PART_WITH_INTERVALS, PART_WITH_SHARES, PART_ALONE, PART_DETAILS };

struct table_part {
    const char *const *titles; /* of all columns */
    int columns;
    /* Its own columns. */
    void (*fill)(const struct run *run, struct text_row *row, struct cell cell, enum part_detail detail);
    bool (*has_line)(struct cell cell);
    bool joins; /* a block in which memory is never short, and all lines say the same, is one line */

    /* From table_part_init. */
    const struct run *run; /* not owned, as is the next */
    const struct cell_list *list;
    struct text_row *rows; /* of the cells that have a line, in the order of the list; owned, as is the next */
    size_t *cells;         /* whose each row is */
    size_t count;
    struct text_table table; /* from table_part_fit */
    bool has_titles;         /* server and maxmemory are not in columns, but above the lines that share them */
};

void table_part_init(struct table_part *part, const struct run *run, const struct cell_list *list);
void table_part_release(struct table_part *part);

/* Fills the rows. `hidden`: bit i: column i is left out, after all else was tried. A column that says "-" everywhere is,
 * too. */
void table_part_fit(struct table_part *part, unsigned hidden);
/* An empty line, the heading, titles and rows. */
void table_part_put(const struct table_part *part, const char *heading, FILE *out);

/* Fields, of TEXT_FIELD bytes. A share is "45 %", or "-" for none; a count is "123", "123  45 %" or "123 ± 4  45 %", or
 * "-". */
void table_part_share(char *field, double part, double whole);
void table_part_count(char *field, struct estimate estimate, double whole, enum part_detail detail);

#endif

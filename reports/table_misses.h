/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_misses: the part of the table that says why reads missed, and what became of the keys that were evicted.
 *
 * A line for each cell, 80 columns at most: where there is no room, first the intervals go, then the shares, then server
 * and maxmemory move above the lines that share them, then the causes with the fewest misses go, which are named below. */
#ifndef REPORTS_TABLE_MISSES_H
#define REPORTS_TABLE_MISSES_H

#include "reports/grid.h"
#include "sim/result.h"

#include <stdio.h>

/* Where no read missed, or none for another cause than that its key was new, it does not say why. */
void table_put_misses(const struct run *run, const struct cell_list *list, FILE *out);

#endif

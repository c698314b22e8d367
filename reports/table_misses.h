/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_misses: the parts of the table that say why reads missed, and what became of the keys that were evicted. Where
 * there is no room, the causes with the fewest misses go, and are named below. */
#ifndef REPORTS_TABLE_MISSES_H
#define REPORTS_TABLE_MISSES_H

#include "reports/grid.h"
#include "sim/result.h"

#include <stdio.h>

/* Where no read missed, or none for another cause than that its key was new, it does not say why. `joins`: as of struct table_part. */
void table_put_misses(const struct run *run, const struct cell_list *list, bool joins, FILE *out);

#endif

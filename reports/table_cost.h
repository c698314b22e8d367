/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_cost: the part of the table that says what misses cost, with --miss-cost. */
#ifndef REPORTS_TABLE_COST_H
#define REPORTS_TABLE_COST_H

#include "reports/grid.h"
#include "sim/result.h"

#include <stdio.h>

/* Writes nothing where nobody asked, or nothing was missed. */
void table_put_cost(const struct run *run, const struct cell_list *list, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_groups: the part of the table about groups of keys (--by): what each holds, asks for and loses. */
#ifndef REPORTS_TABLE_GROUPS_H
#define REPORTS_TABLE_GROUPS_H

#include "reports/grid.h"
#include "sim/result.h"

#include <stdio.h>

/* Nothing without --by. */
void table_put_groups(const struct run *run, const struct cell_list *list, FILE *out);

#endif

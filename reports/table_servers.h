/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_servers: the part of the table that sets servers side by side, where there are several: what a key weighs in each at the end of the
 * run, hits and refusals, and whether the server was measured. */
#ifndef REPORTS_TABLE_SERVERS_H
#define REPORTS_TABLE_SERVERS_H

#include "reports/grid.h"

#include <stdio.h>

/* Nothing where all results are of one server, or of caches of plain sizes. */
void table_put_servers(const struct run *run, const struct cell_list *list, FILE *out);

#endif

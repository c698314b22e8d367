/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_shards: with --shards, a block below the table for each line: shard by shard, how uneven they are, the hottest
 * slots. */
#ifndef REPORTS_TABLE_SHARDS_H
#define REPORTS_TABLE_SHARDS_H

#include "reports/grid.h"

#include <stdio.h>

/* What a cluster's client does with commands of several slots and of none, once for all lines. */
void table_put_cluster(const struct run *run, FILE *out);
void table_put_shards(const struct run *run, const struct cell_list *list, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict: what a run says, in words: a sentence for each server and maxmemory. */
#ifndef REPORTS_VERDICT_H
#define REPORTS_VERDICT_H

#include "reports/grid.h"

#include <stdio.h>

/* A line for each group of cells. Hit ratios of policies that refuse writes
 * are not set against those of policies that do not: who refuses keeps what it has. Differences within the seeds' confidence
 * intervals are called so, and so are small ones of a single seed. */
void verdict_put(const struct cell_list *list, FILE *out);

#endif

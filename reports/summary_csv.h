/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.csv: one line per result (server, maxmemory, policy, seed) and one column per counter.
 *
 * The columns are a stable interface: see README.md. A ratio without a denominator is an empty field. Bounds have
 * columns if --bounds was given, what misses cost if --miss-cost was, and what is in memory page by page if --rss was. */
#ifndef REPORTS_SUMMARY_CSV_H
#define REPORTS_SUMMARY_CSV_H

#include "sim/result.h"

#include <stdio.h>

/* All of the file. */
void summary_csv_put(const struct run *run, FILE *out);

#endif

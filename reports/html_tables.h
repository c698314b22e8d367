/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_tables: the tables of a run's page: a row for each cell, a block of rows for each server and maxmemory. */
#ifndef REPORTS_HTML_TABLES_H
#define REPORTS_HTML_TABLES_H

#include "reports/html_runs.h"

#include <stdio.h>

/* Hit ratios, evictions, refusals and memory, the best of each block marked. Fields are those of table.txt; behind each
 * number is the exact one, as data-value: the mean over the seeds. */
void html_tables_put_results(const struct run *run, const struct cell_list *list, FILE *out);
/* Why reads missed, by cause; nothing where none did. */
void html_tables_put_misses(const struct run *run, const struct cell_list *list, FILE *out);
/* Of several runs: a row for each cell that any has, and for each of the main numbers a column of each run. */
void html_tables_put_beside(const struct html_report *report, FILE *out);

#endif

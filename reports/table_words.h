/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table_words: the lines above and below the rows of the table: what was replayed, how, and how the rows are to be read. */
#ifndef REPORTS_TABLE_WORDS_H
#define REPORTS_TABLE_WORDS_H

#include "reports/grid.h"
#include "sim/result.h"

#include <stdio.h>

/* "trace    ...": the trace and what it consists of. */
void table_put_trace(const struct run *run, FILE *out);
/* "server   ...": the servers, what follows a miss, the seeds, the scenario. */
void table_put_model(const struct run *run, const struct cell_list *list, FILE *out);
/* Below the rows: what marks and words in them mean, each only where there is one. */
void table_put_legend(const struct run *run, const struct cell_list *list, FILE *out);

#endif

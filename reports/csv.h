/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv: fields of a comma-separated file as RFC 4180 has them, with \n line ends.
 *
 * Each call writes one field; `last` ends the line instead of putting a comma. A failed write is
 * found by whoever closes the stream. */
#ifndef REPORTS_CSV_H
#define REPORTS_CSV_H

#include "sim/result.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

void csv_text(FILE *out, const char *text, bool last); /* quoted where it must be */
void csv_count(FILE *out, uint64_t count, bool last);
void csv_count_if_known(FILE *out, uint64_t count, bool last); /* COUNT_UNKNOWN (sim/result.h) is an empty field */
void csv_real(FILE *out, double value, bool last);             /* reads back identically; NaN is an empty field */
void csv_seconds(FILE *out, int64_t time_us, bool last);       /* exact: six decimals */
void csv_moment(FILE *out, int64_t time_us, bool last);        /* likewise; -1, never, is an empty field */

/* The first fields of a line of a run, none of which is the last: server, policy, maxmemory, seed; and, if the run has
 * clusters, which of them: "3 shards". */
void csv_cell_titles(FILE *out, const struct run *run);
void csv_cell(FILE *out, const struct run *run, const struct result *result);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rows: a request as a row of text, for the formats of text that evsim convert writes, and for .evt, which keeps what a row of
 * its source has that would be written otherwise.
 *
 * Each returns 1; or 0 if the format cannot hold the request: nothing is added then, and omissions (NULL: nobody counts) say so. */
#ifndef TRACES_WRITE_ROWS_H
#define TRACES_WRITE_ROWS_H

#include "sim/trace_writer.h"
#include "traces/write/line.h"

int row_twitter(struct line *line, const struct trace_row *row, struct omissions *omissions);

/* csv with the columns of this header. */
#define CSV_HEADER "time_s,key,key_size,op,value_size,ttl_ms,db,tenant\n"
int row_csv(struct line *line, const struct trace_row *row, struct omissions *omissions);

/* A key's name: a number's is its decimal digits. */
void row_key(struct line *line, const struct record *record);

#endif

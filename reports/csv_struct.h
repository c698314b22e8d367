/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv_struct: structs that are lists of fields (sim/fields.h), as CSV: a column for each number and text, by its name. Those of a
 * struct within are "oom_rejections_mean"; lists have no column. */
#ifndef REPORTS_CSV_STRUCT_H
#define REPORTS_CSV_STRUCT_H

#include "sim/fields.h"

#include <stdio.h>

/* The columns' names. */
void csv_struct_titles(const struct layout *layout, FILE *out);
/* A line. What is not known is an empty field. */
void csv_struct_line(const struct layout *layout, const void *data, FILE *out);
/* The same as lines of whose it is, name and value: "redis-7.0.15,key_bytes.mean,388.1". The field `skip` is left out. */
void csv_struct_names(const struct layout *layout, const void *data, const char *skip, const char *of, FILE *out);

#endif

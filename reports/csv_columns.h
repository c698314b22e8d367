/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv_columns: of the lines of a CSV file the columns that are wanted (sim/column_choice.h). */
#ifndef REPORTS_CSV_COLUMNS_H
#define REPORTS_CSV_COLUMNS_H

#include "sim/column_choice.h"

#include <stdio.h>

/* In that order; one that the file does not have is empty. */
void csv_columns_put(const char *text, const struct column_choice *choice, FILE *out);

#endif

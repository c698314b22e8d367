/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size_table: size.txt, the smallest maxmemory of each policy and server, for people to read. First the answer in a
 * sentence and how to set it, then a row for each policy, then what the rows cannot say. */
#ifndef REPORTS_SIZE_TABLE_H
#define REPORTS_SIZE_TABLE_H

#include "reports/article.h"
#include "sim/advice/sizing.h"

/* All of it, in the article's form. */
void size_table_put(const struct sizing *sizing, struct article *to);

#endif

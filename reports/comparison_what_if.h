/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison_what_if: what-ifs beside the base case, in 80 columns: each cell as it is, and below it each what-if with its
 * difference. */
#ifndef REPORTS_COMPARISON_WHAT_IF_H
#define REPORTS_COMPARISON_WHAT_IF_H

#include "reports/article.h"
#include "sim/advice/comparison.h"

/* Of every cell. */
extern const struct article_table comparison_what_if_table;

void comparison_what_if_put(const struct comparison *comparison, struct article *to);

#endif

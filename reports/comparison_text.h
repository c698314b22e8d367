/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison_text: comparison.txt, what is different between two runs, or with each what-if (comparison_what_if.h): the verdict first,
 * then pair by pair. */
#ifndef REPORTS_COMPARISON_TEXT_H
#define REPORTS_COMPARISON_TEXT_H

#include "reports/article.h"
#include "sim/advice/comparison.h"

/* All of it, in the article's form. */
void comparison_text_put(const struct comparison *comparison, struct article *to);

#endif

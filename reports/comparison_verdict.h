/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison_verdict: what what-ifs come to, in a few sentences. */
#ifndef REPORTS_COMPARISON_VERDICT_H
#define REPORTS_COMPARISON_VERDICT_H

#include "reports/article.h"
#include "sim/advice/comparison.h"

void comparison_verdict_put(const struct comparison *comparison, struct article *to);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect_text: inspect.txt, what a trace is like, to be read: the verdict in a few sentences, then tables of 80 columns. */
#ifndef REPORTS_INSPECT_TEXT_H
#define REPORTS_INSPECT_TEXT_H

#include "reports/article.h"
#include "sim/inspect/portrait.h"

/* All of it, in the article's form. */
void inspect_text_put(const struct portrait *portrait, struct article *to);

#endif

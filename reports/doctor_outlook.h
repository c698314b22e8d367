/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_outlook: what memory alone would do: how it grows without a limit, and when multiples of maxmemory are full. */
#ifndef REPORTS_DOCTOR_OUTLOOK_H
#define REPORTS_DOCTOR_OUTLOOK_H

#include "reports/article.h"
#include "sim/advice/diagnosis.h"

/* Behind an empty line, in the article's form. */
void doctor_outlook_put(const struct diagnosis *diagnosis, int indent, struct article *to);

#endif

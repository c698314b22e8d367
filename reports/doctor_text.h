/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_text: doctor.txt, what evsim doctor found, to be read aloud: the verdict in a sentence, what to do first, what it was
 * seen by, and what each remedy would do. */
#ifndef REPORTS_DOCTOR_TEXT_H
#define REPORTS_DOCTOR_TEXT_H

#include "reports/article.h"
#include "sim/advice/diagnosis.h"

/* All of it, in the article's form. */
void doctor_text_put(const struct diagnosis *diagnosis, struct article *to);

#endif

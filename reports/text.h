/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: what tables on a terminal share: how wide a text is there, and the paragraphs that warn. */
#ifndef REPORTS_TEXT_H
#define REPORTS_TEXT_H

#include "sim/result.h"

#include <stddef.h>
#include <stdio.h>

/* Columns on a terminal: every character of ours that is not ASCII is two bytes or three, and one column wide. */
int display_width(const char *text);

/* "WARNING  ..." for each, where nobody reads past them: broken at word ends, each line but the first indented. */
void warnings_put(const struct warning *warnings, size_t count, FILE *out);

#endif

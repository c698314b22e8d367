/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: what tables on a terminal share: the width of a text, and warnings as paragraphs. */
#ifndef REPORTS_TEXT_H
#define REPORTS_TEXT_H

#include "sim/result.h"

#include <stddef.h>
#include <stdio.h>

/* Columns on a terminal: every character of ours that is not ASCII is two bytes or three, and one column wide. */
int display_width(const char *text);

/* The label, and behind it the text, broken at blanks to 80 columns and indented by so many, which are more than the label has.
 * Control characters are masked. */
void paragraph_put(const char *label, int indent, const char *text, FILE *out);

/* Prints "WARNING  ..." for each, broken at word ends, with each line but the first indented. */
void warnings_put(const struct warning *warnings, size_t count, FILE *out);

#endif

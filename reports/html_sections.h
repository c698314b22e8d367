/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_sections: parts that pages have in common: lines of text, warnings, settings. */
#ifndef REPORTS_HTML_SECTIONS_H
#define REPORTS_HTML_SECTIONS_H

#include "sim/result.h"

#include <stddef.h>
#include <stdio.h>

/* Each line that is not empty in an element of its own, a number and its % on one line. The text is cut. */
void html_put_lines(char *text, const char *element, FILE *out);

/* Around the warnings of a page, which has one at least; and those of a run, with its name in front of each unless it is NULL. */
void html_begin_warnings(FILE *out);
void html_put_warnings(const struct warning *warnings, size_t count, const char *name, FILE *out);
void html_end_warnings(FILE *out);

/* Every setting, folded. */
void html_put_settings(const struct run *run, FILE *out);

#endif

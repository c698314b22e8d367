/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_page: a page that is one file. Style and scripts are the files of reports/html/, which the Makefile puts into the program;
 * the page asks for nothing else, and its Content-Security-Policy says so: only what has these hashes is applied or run. */
#ifndef REPORTS_HTML_PAGE_H
#define REPORTS_HTML_PAGE_H

#include <stdio.h>

/* The page up to its content. `title` is escaped here, as is the version of evsim that made what it shows. */
void html_page_begin(const char *title, const char *version, FILE *out);

/* Around the JSON that the scripts read: one value is to be written between the two. The page ends behind it. */
void html_page_begin_data(FILE *out);
void html_page_end(FILE *out);

/* The sources, for tests: NULL behind the last. */
struct html_source {
    const char *name; /* "page.css" */
    const unsigned char *text;
};
extern const struct html_source html_sources[];

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_text: text from anywhere on its way into a page, escaped for where it stands. */
#ifndef REPORTS_HTML_TEXT_H
#define REPORTS_HTML_TEXT_H

#include <jansson.h>

#include <stdio.h>

/* Between tags, or in an attribute's double quotes. Control characters become '?', what is not UTF-8 becomes U+FFFD. */
void html_put(const char *text, FILE *out);

/* Into <script type="application/json">: no character of it can end the script. Drops the reference. */
void html_put_json(json_t *value, FILE *out);

#endif

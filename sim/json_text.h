/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_text: text on its way into JSON, and JSON on its way out, so that neither loses anything without a word.
 *
 * jansson answers text that is not UTF-8 with NULL, and a NULL that is put into an object or an array is left out: a file's name, an
 * argument, a key would be missing from what is printed. So text from outside becomes JSON here (where it must come back to the byte:
 * fields_text_to_json()). */
#ifndef SIM_JSON_TEXT_H
#define SIM_JSON_TEXT_H

#include <jansson.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes that are not UTF-8 (a path, a name out of a binary trace) become U+FFFD. NULL becomes null. A new reference. */
json_t *json_from_text(const char *text);

/* Bytes of memory that jansson takes at most for a text of JSON: an element of two bytes becomes one of dozens. */
uint64_t json_text_memory(const char *text, size_t bytes);

/* Prints the document as jansson's flags say, with what must not reach a terminal escaped, and a newline; drops the reference. A
 * failed write is found by whoever flushes the stream. */
void json_text_put(json_t *document, size_t flags, FILE *out);

#endif

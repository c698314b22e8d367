/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json: the members of a JSON object that stands on one line, one after the other, and the elements of an array.
 *
 *     const char *at = line;
 *     if (json_open(&at, end, '{'))
 *         while ((status = json_member(&at, end, &name, &value)) > 0) ...        -1: this is no JSON
 *
 * Nothing is copied or allocated: a name or a text is the bytes between its quotes, escapes and all; what is nested is the
 * whole of it, from its bracket to its bracket, in which the same functions look. jansson would build a tree for each line
 * and take it down again. */
#ifndef TRACES_TEXT_JSON_H
#define TRACES_TEXT_JSON_H

#include "traces/text/pieces.h"

enum json_kind { JSON_IS_TEXT, JSON_IS_NUMBER, JSON_IS_WORD, JSON_IS_ARRAY, JSON_IS_OBJECT };

struct json_value {
    struct piece piece;
    enum json_kind kind;
};

/* Whether an object or an array begins there; *at is then behind its bracket. */
bool json_open(const char **at, const char *end, char bracket);
/* The next member of an object: 1; 0: the object has ended, and *at is behind it; -1: no JSON. */
int json_member(const char **at, const char *end, struct piece *name, struct json_value *value);
/* Likewise the next element of an array. */
int json_element(const char **at, const char *end, struct json_value *value);
/* Whether nothing but blanks comes there. */
bool json_ends(const char *at, const char *end);

#endif

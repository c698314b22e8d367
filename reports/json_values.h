/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_values: what a run holds, as JSON values. Every function returns a new reference, never
 * NULL. */
#ifndef REPORTS_JSON_VALUES_H
#define REPORTS_JSON_VALUES_H

#include "sim/error.h"
#include "sim/json_text.h" /* json_from_text() */
#include "sim/result.h"

#include <jansson.h>

#include <stdint.h>
#include <stdio.h>

/* An integer; beyond 2^63 - 1, where JSON readers lose digits, a string of digits. */
json_t *json_from_count(uint64_t count);

json_t *json_from_count_if_known(uint64_t count); /* COUNT_UNKNOWN becomes null */

json_t *json_from_real(double value); /* NaN becomes null */

/* {"name": "value", ...} */
json_t *json_from_settings(const struct setting *settings, size_t count);

/* Writes the document and a newline, and drops the reference. 0 or -1. */
int json_write(json_t *document, FILE *out, struct error *error);

/* Warnings: an array of their codes, or with texts of {"code", "text"}. */
json_t *json_from_warnings(const struct warning *warnings, size_t count, bool with_texts);

#endif

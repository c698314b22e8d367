/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_struct: a struct that is a list of fields (sim/fields.h), as a JSON object for readers: a member for each field, by its
 * name; an array is an array of objects. What is not known, or never, is null. */
#ifndef REPORTS_JSON_STRUCT_H
#define REPORTS_JSON_STRUCT_H

#include "sim/fields.h"

#include <jansson.h>

/* A new reference. */
json_t *json_from_struct(const struct layout *layout, const void *data);

#endif

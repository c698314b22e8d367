/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sort_pattern: what BY and GET of SORT find for an element: the value of another key, or of a field of a hash.
 *
 *     weight_*     the string under weight_ and the element       user:*->name     the field "name" of the hash user: and the element
 *
 * Of strings the model knows the length, and the number where it is one. An element whose own text is not known (names.h) finds
 * nothing. The lookups count, and touch keys, as those of GET do.
 *
 * Source: lookupKeyByPattern (sort.c). */
#ifndef SIM_SERVER_COMMANDS_SORT_PATTERN_H
#define SIM_SERVER_COMMANDS_SORT_PATTERN_H

#include "sim/server/commands/call.h"
#include "sim/server/values/list_ring.h"

/* What was found. Its text has a length always; a number, or an identity, only if that is known. */
struct sort_find {
    struct list_element element; /* without an identity, unless nothing is there: then it is the empty text */
    double number;
    bool is_there, is_number;
};

/* `pattern` is the element behind BY or GET, a PATTERN_KEYS. */
struct sort_find sort_find(struct call *call, const struct element *pattern, uint32_t member);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* about: what an .evt file says of the trace that it was made from: the JSON in its head and in its trailer.
 *
 * The head has what is known when the trace is opened, the trailer the same at its end. A member that is missing is 0 or
 * empty, and one that is not known is left aside: so later versions may add some. */
#ifndef TRACES_EVT_ABOUT_H
#define TRACES_EVT_ABOUT_H

#include "sim/error.h"
#include "sim/fields.h"
#include "sim/input/intake.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVT_ABOUT_FIELDS(X)                                                                                            \
    X(CHARS, 32, format) /* which it was, and what is so of all its traces: struct format */                           \
    X(VALUE, bool, numeric_keys)                                                                                       \
    X(VALUE, bool, executed_only)                                                                                      \
    X(VALUE, bool, answered)                                                                                           \
    X(VALUE, bool, self_contained)                                                                                     \
    X(VALUE, bool, lacks_fills)                                                                                        \
    X(VALUE, bool, loads)                                                                                              \
    X(VALUE, bool, zero_is_empty)                                                                                      \
    X(VALUE, bool, has_names)       /* of keys; else their hashes stand for them */                                    \
    X(VALUE, bool, zero_as_empty)   /* --size-zero, as it was made: 0 is an empty value, */                            \
    X(VALUE, bool, zero_as_unknown) /* or an unknown size */                                                           \
    X(VALUE, bool, is_whole)        /* every request of the source is here, as it was */                               \
    X(CHARS, 33, digest)            /* XXH3 of the source's bytes, 128 bits, and how many they are */                  \
    X(VALUE, uint64_t, bytes)                                                                                          \
    X(STRUCT, intake, intake) /* what the report says was assumed and left out */

struct evt_about {
    EVT_ABOUT_FIELDS(FIELD_DECLARE)
};

/* To be freed. */
char *evt_about_print(const struct evt_about *about);
/* 0, or -1: the error says what is wrong, without a place. */
int evt_about_read(struct evt_about *about, const char *json, size_t bytes, struct error *error);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* round_trip: what was read from a file can be written, and what was written reads back as the same.
 *
 *     bytes ──▶ read ──▶ a thing ──▶ write ──▶ text ──▶ read ──▶ another ──▶ write ──▶ the same text
 */
#ifndef TESTS_FUZZ_ROUND_TRIP_H
#define TESTS_FUZZ_ROUND_TRIP_H

#include "sim/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A kind of file, and the thing that is made of it. */
struct round_trip {
    size_t thing_bytes;                                              /* zeroed before it is read */
    int (*read)(const char *path, void *thing, struct error *error); /* 0, or -1 with a word: nothing to release then */
    void (*write)(const void *thing, FILE *out);
    void (*release)(void *thing);
};

/* Aborts unless it holds; bytes that are refused with a word are fine. */
void round_trip_must_hold(const struct round_trip *kind, const uint8_t *bytes, size_t count);

#endif

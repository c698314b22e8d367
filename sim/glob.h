/* SPDX-License-Identifier: GPL-3.0-or-later */
/* glob: whether a text matches a pattern of PSUBSCRIBE, as the server decides it.
 *
 *     *  any bytes      ?  one      [a-z] [^a]  one of these, none of these      \x  x itself
 *
 * Source: stringmatchlen (util.c). */
#ifndef SIM_GLOB_H
#define SIM_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Neither needs to be terminated. O(pattern * text), with more than one star more. */
bool glob_matches(const char *pattern, size_t pattern_bytes, const char *text, size_t text_bytes);

#endif

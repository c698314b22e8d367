/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decimal: a number that is not an integer, as two int64.
 *
 *     0 <= second <= 18       number / 10^second: what most texts say exactly
 *     beyond                  number, without a sign, times 2^(|second| - DECIMAL_BINARY), less than zero if second is: a long
 *                             double to its last bit
 *
 * A server reads such a text with strtold, and writes it with 17 decimals (string2ld, ld2string of util.c). */
#ifndef SIM_DECIMAL_H
#define SIM_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_BINARY = 1 << 20 };

/* False: the server does not take the text, which is not terminated, for a number that is finite. */
bool decimal_read(const char *text, size_t bytes, int64_t *number, int64_t *second);
long double decimal_value(int64_t number, int64_t second);

/* How the server writes the number: bytes of the text, 0 if it is too long. *again: what it will read of it. */
uint32_t decimal_written(long double number, long double *again);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decimal: a number that is not an integer, as two int64.
 *
 *     0 <= second <= 18       number / 10^second: what most texts say exactly
 *     beyond                  number, without a sign, times 2^(|second| - DECIMAL_BINARY), less than zero if second is: a long
 *                             double to its last bit
 *
 * Above the 24 bits that this takes, second may have 40 of the text's digest, where values are compared as texts (decimal_mark): 3.0 and 3e0
 * are one number and two texts.
 *
 * A server reads such a text with strtold, adds in long doubles, and writes the sum with 17 decimals (string2ld, ld2string of util.c). How
 * many bits a long double has depends on the machine that the server runs on: 64 on x86, 113 on arm64, so that 1e15 + 0.1 is written with 30
 * bytes there and with 18 here. The servers that evsim models are those of x86-64, on every machine: these functions round as they do.
 * (Below 10^-4932 an x86 has fewer bits; nothing of that is seen in 17 decimals.) */
#ifndef SIM_DECIMAL_H
#define SIM_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_BINARY = 1 << 20, DECIMAL_CHARS = 5 * 1024 };

/* False: the server does not take the text, which is not terminated, for a number that is finite. */
bool decimal_read(const char *text, size_t bytes, int64_t *number, int64_t *second);
/* What a server reads of a text that ends with 0: strtold(). */
long double decimal_scan(const char *text, char **end);
/* What it adds. */
long double decimal_sum(long double a, long double b);
long double decimal_value(int64_t number, int64_t second);

/* The upper 40 bits of what XXH3-64 says of the text, beside second; what was kept so, its other bits zero: 0, nothing was. */
static const uint64_t DECIMAL_DIGEST = ~UINT64_C(0) << 24;
int64_t decimal_mark(int64_t second, uint64_t digest);
uint64_t decimal_mark_of(int64_t second);

/* How the server writes the number: bytes of the text, 0 if it is too long. *again: what it will read of it. */
uint32_t decimal_written(long double number, long double *again);
/* Likewise, the text itself, which is terminated. */
uint32_t decimal_write(long double number, char text[DECIMAL_CHARS]);

#endif

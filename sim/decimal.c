/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/decimal.h"

#include "sim/digits.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHARS = 5 * 1024, MANTISSA_BITS = 64 };

/* Most values that are none do not begin like one. */
static bool may_be_number(const char *text, size_t bytes)
{
    return bytes && bytes < CHARS && (isdigit((unsigned char)*text) || strchr("+-.", *text)) &&
           isxdigit((unsigned char)text[bytes - 1]);
}

bool decimal_read(const char *text, size_t bytes, int64_t *number, int64_t *second)
{
    char copy[CHARS], *end;
    long double value, fraction;
    int exponent;

    if (digits_float(text, text + bytes, number, second))
        return true;
    if (!may_be_number(text, bytes) || !*text)
        return false;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    errno = 0;
    value = strtold(copy, &end);
    if (end != copy + bytes || !isfinite(value) || (errno == ERANGE && value == 0))
        return false;
    fraction = frexpl(fabsl(value), &exponent);
    *number = (int64_t)(uint64_t)ldexpl(fraction, MANTISSA_BITS);
    *second = DECIMAL_BINARY + exponent - MANTISSA_BITS;
    if (signbit(value))
        *second = -*second;
    return true;
}

long double decimal_value(int64_t number, int64_t second)
{
    char text[48];
    long double value;

    if (second >= 0 && second < DECIMAL_BINARY / 2) {
        snprintf(text, sizeof text, "%" PRId64 "e-%" PRId64, number, second);
        return strtold(text, NULL); /* rounded to the last bit of a long double */
    }
    value = ldexpl((long double)(uint64_t)number, (int)((second < 0 ? -second : second) - DECIMAL_BINARY));
    return second < 0 ? -value : value;
}

/* ld2string in its human mode: 17 decimals, without zeros at the end. */
uint32_t decimal_written(long double number, long double *again)
{
    char text[CHARS];
    int length = snprintf(text, sizeof text, "%.17Lf", number);

    if (length <= 0 || (size_t)length >= sizeof text)
        return 0;
    while (text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    if (length == 2 && !strncmp(text, "-0", 2)) {
        *text = '0';
        length = 1;
    }
    text[length] = '\0';
    *again = strtold(text, NULL);
    return (uint32_t)length;
}

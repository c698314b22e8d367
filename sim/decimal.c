/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/decimal.h"

#include "sim/digits.h"

#include <ctype.h>
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANTISSA_BITS = 64 };

#if LDBL_MANT_DIG > 64
/* A long double of more bits than an x86's has. What is computed is cut off instead of rounded, and its last bit says whether anything was:
 * "rounded to odd". Rounding that to 64 bits, of which it has more than two besides, is rounding once. */
static long double rounded(long double cut, bool is_inexact)
{
    int exponent;
    long double fraction = frexpl(cut, &exponent), whole, rest;

    if (cut == 0 || !isfinite(cut))
        return cut;
    fraction = ldexpl(fraction, MANTISSA_BITS);
    whole = truncl(fraction);
    rest = fabsl(fraction - whole);
    if (rest > 0.5L || (rest == 0.5L && (is_inexact || fmodl(whole, 2) != 0)))
        whole += whole < 0 ? -1 : 1;
    return ldexpl(whole, exponent - MANTISSA_BITS);
}

long double decimal_scan(const char *text, char **end)
{
    int mode = fegetround(), before = errno;
    volatile long double cut;
    bool is_inexact;

    feclearexcept(FE_INEXACT);
    fesetround(FE_TOWARDZERO);
    cut = strtold(text, end);
    is_inexact = fetestexcept(FE_INEXACT);
    fesetround(mode);
    return errno == ERANGE && before != ERANGE && cut != 0 && fabsl(cut) >= 1 ? strtold(text, end)
                                                                              : rounded(cut, is_inexact);
}

long double decimal_sum(long double a, long double b)
{
    volatile long double x = a, y = b, cut;
    int mode = fegetround();
    bool is_inexact;

    feclearexcept(FE_INEXACT);
    fesetround(FE_TOWARDZERO);
    cut = x + y;
    is_inexact = fetestexcept(FE_INEXACT);
    fesetround(mode);
    return rounded(cut, is_inexact);
}
#else
long double decimal_scan(const char *text, char **end)
{
    return strtold(text, end);
}

long double decimal_sum(long double a, long double b)
{
    return a + b;
}
#endif

/* Most values that are none do not begin like one. */
static bool may_be_number(const char *text, size_t bytes)
{
    return bytes && bytes < DECIMAL_CHARS && (isdigit((unsigned char)*text) || strchr("+-.", *text)) &&
           isxdigit((unsigned char)text[bytes - 1]);
}

bool decimal_read(const char *text, size_t bytes, int64_t *number, int64_t *second)
{
    char copy[DECIMAL_CHARS], *end;
    long double value, fraction;
    int exponent;

    if (digits_float(text, text + bytes, number, second))
        return true;
    if (!may_be_number(text, bytes) || !*text)
        return false;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    errno = 0;
    value = decimal_scan(copy, &end);
    if (end != copy + bytes || !isfinite(value) || (errno == ERANGE && value == 0))
        return false;
    fraction = frexpl(fabsl(value), &exponent);
    *number = (int64_t)(uint64_t)ldexpl(fraction, MANTISSA_BITS);
    *second = DECIMAL_BINARY + exponent - MANTISSA_BITS;
    if (signbit(value))
        *second = -*second;
    return true;
}

/* Its lowest 24 bits, the first of which is the sign. */
static int64_t unmarked(int64_t second)
{
    return (int64_t)((uint64_t)second << 40) >> 40;
}

int64_t decimal_mark(int64_t second, uint64_t digest)
{
    return (int64_t)((uint64_t)second + (digest & DECIMAL_DIGEST));
}

uint64_t decimal_mark_of(int64_t second)
{
    return (uint64_t)second - (uint64_t)unmarked(second);
}

long double decimal_value(int64_t number, int64_t second)
{
    char text[48];
    long double value;

    second = unmarked(second);
    if (second >= 0 && second < DECIMAL_BINARY / 2) {
        snprintf(text, sizeof text, "%" PRId64 "e-%" PRId64, number, second);
        return decimal_scan(text, NULL); /* rounded to the last bit of a long double */
    }
    value = ldexpl((long double)(uint64_t)number, (int)((second < 0 ? -second : second) - DECIMAL_BINARY));
    return second < 0 ? -value : value;
}

/* ld2string in its human mode: 17 decimals, without zeros at the end. */
uint32_t decimal_write(long double number, char text[DECIMAL_CHARS])
{
    int length = snprintf(text, DECIMAL_CHARS, "%.17Lf", number);

    if (length <= 0 || length >= DECIMAL_CHARS)
        return 0;
    while (text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    if (length == 2 && !strncmp(text, "-0", 2)) {
        *text = '0';
        length = 1;
    }
    text[length] = '\0';
    return (uint32_t)length;
}

uint32_t decimal_written(long double number, long double *again)
{
    char text[DECIMAL_CHARS];
    uint32_t length = decimal_write(number, text);

    if (length)
        *again = decimal_scan(text, NULL);
    return length;
}

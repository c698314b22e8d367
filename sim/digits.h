/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digits: decimal numbers inside a line, by integer arithmetic only.
 *
 * The text is [text, end), not terminated; a scanner takes the whole of it or says false and leaves
 * the value alone. No sign, no blanks, no locale, no rounding. */
#ifndef SIM_DIGITS_H
#define SIM_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGITS_MAX = 19 }; /* as many nines fit into 64 bits */

static inline bool digits_scan(const char *text, const char *end, uint64_t *value)
{
    uint64_t number = 0;

    if (text == end || end - text > DIGITS_MAX)
        return false;
    for (; text < end; text++) {
        unsigned digit = (unsigned)(unsigned char)*text - '0';
        if (digit > 9)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

/* "12", "12.5" or "12.", times 10^places, 18 places at most; digits beyond those places are read and cut off.
 * Fails beyond int64. */
static inline bool digits_decimal(const char *text, const char *end, int places, int64_t *value)
{
    const char *digit = text;
    uint64_t number = 0, fraction = 0, one = 1;

    for (; digit < end && (unsigned char)(*digit - '0') <= 9; digit++)
        number = number * 10 + (unsigned char)(*digit - '0');
    if (digit == text || digit - text > DIGITS_MAX || (digit < end && *digit != '.'))
        return false;
    for (digit += digit < end; digit < end && places > 0; digit++, places--, one *= 10) {
        unsigned next = (unsigned)(unsigned char)*digit - '0';
        if (next > 9)
            return false;
        fraction = fraction * 10 + next;
    }
    for (; places > 0; places--, one *= 10)
        fraction *= 10;
    for (; digit < end; digit++)
        if (*digit < '0' || *digit > '9')
            return false;
    if (__builtin_mul_overflow(number, one, &number) || __builtin_add_overflow(number, fraction, &number) ||
        number > INT64_MAX)
        return false;
    *value = (int64_t)number;
    return true;
}

/* The int64 of which the text is the one canonical decimal: no plus, no leading zero, no "-0". Such
 * a value Redis stores as an integer. */
static inline bool digits_canonical(const char *text, const char *end, int64_t *value)
{
    bool negative = text < end && *text == '-';
    const char *digits = text + negative;
    uint64_t magnitude;

    if (!digits_scan(digits, end, &magnitude) || (*digits == '0' && (end - digits > 1 || negative)) ||
        magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/* What INCRBYFLOAT takes: "-1", "1.5", "2e3", as number / 10^places. Fails beyond int64, or 18 places. */
static inline bool digits_float(const char *text, const char *end, int64_t *number, int64_t *places)
{
    const char *digit = text + (text < end && (*text == '-' || *text == '+'));
    int64_t value = 0, after = 0, exponent = 0;
    bool any = false, in_fraction = false;

    for (; digit < end && *digit != 'e' && *digit != 'E'; digit++) {
        if (*digit == '.' && !in_fraction) {
            in_fraction = true;
            continue;
        }
        if (*digit < '0' || *digit > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (int64_t)(*digit - '0'), &value))
            return false;
        any = true;
        after += in_fraction;
    }
    if (!any)
        return false;
    if (digit < end) {
        bool negative = ++digit < end && *digit == '-';
        uint64_t magnitude;

        digit += digit < end && (*digit == '-' || *digit == '+');
        if (!digits_scan(digit, end, &magnitude) || magnitude > 18)
            return false;
        exponent = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    }
    for (after -= exponent; after < 0; after++)
        if (__builtin_mul_overflow(value, 10, &value))
            return false;
    if (after > 18)
        return false;
    *number = *text == '-' ? -value : value;
    *places = after;
    return true;
}

/* How many decimal digits a number has. bits * log10(2) is the number of them, or one too many; the table of
 * powers decides. */
static inline uint32_t digits_count(uint64_t number)
{
    static const uint64_t powers[] = {
        0, /* zero has one digit, too */
        10u,
        100u,
        1000u,
        10000u,
        100000u,
        1000000u,
        10000000u,
        100000000u,
        1000000000u,
        10000000000u,
        100000000000u,
        1000000000000u,
        10000000000000u,
        100000000000000u,
        1000000000000000u,
        10000000000000000u,
        100000000000000000u,
        1000000000000000000u,
        10000000000000000000u,
    };
    unsigned bits = 64 - (unsigned)__builtin_clzll(number | 1);
    unsigned guess = bits * 1233 >> 12; /* 1233 / 4096 = 0.30103 */

    return guess + (number >= powers[guess]);
}

#endif

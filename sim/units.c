/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Reads the digits at *text and moves past them. False if there are none or the number is too large. */
static bool scan_digits(const char **text, uint64_t *value)
{
    const char *p = *text;

    for (*value = 0; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, (uint64_t)(*p - '0'), value))
            return false;
    if (p == *text)
        return false;
    *text = p;
    return true;
}

bool scan_uint64(const char *text, uint64_t *value)
{
    uint64_t scanned;

    if (!scan_digits(&text, &scanned) || *text)
        return false;
    *value = scanned;
    return true;
}

bool scan_int64(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    uint64_t magnitude;

    if (!scan_uint64(text + negative, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* The unit of this name; NULL if there is none. A NULL name ends the table. */
static const struct unit *unit_find(const struct unit *unit, const char *name)
{
    for (; unit->name; unit++)
        if (!strcasecmp(unit->name, name))
            return unit;
    return NULL;
}

bool scan_bytes(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {
        {"", 1},         {"b", 1},          {"k", 1000},     {"kb", 1 << 10}, {"m", 1000000},
        {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30}, {NULL, 0},
    };
    uint64_t number;

    if (!scan_digits(&text, &number))
        return false;
    const struct unit *unit = unit_find(units, text);
    if (!unit || __builtin_mul_overflow(number, unit->factor, &number))
        return false;
    *bytes = number;
    return true;
}

/* Reads ".25" of a number, if it is there, as a fraction of `factor`, in integers. False: digits are missing. */
static bool scan_fraction(const char **text, uint64_t *part, unsigned digits_most, uint64_t *scale)
{
    *part = 0;
    *scale = 1;
    if (**text != '.')
        return true;
    ++*text;
    if (!(**text >= '0' && **text <= '9'))
        return false;
    for (; **text >= '0' && **text <= '9'; ++*text)
        if (digits_most) {
            *part = *part * 10 + (uint64_t)(**text - '0');
            *scale *= 10;
            digits_most--;
        }
    return true;
}

bool scan_size(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {
        {"", 1},
        {"b", 1},
        {"k", 1000},
        {"kb", 1 << 10},
        {"ki", 1 << 10},
        {"kib", 1 << 10},
        {"m", 1000000},
        {"mb", 1 << 20},
        {"mi", 1 << 20},
        {"mib", 1 << 20},
        {"g", 1000000000},
        {"gb", 1 << 30},
        {"gi", 1 << 30},
        {"gib", 1 << 30},
        {"t", UINT64_C(1000000000000)},
        {"tb", UINT64_C(1) << 40},
        {"ti", UINT64_C(1) << 40},
        {"tib", UINT64_C(1) << 40},
        {NULL, 0},
    };
    uint64_t whole, part, scale;

    if (!scan_digits(&text, &whole) || !scan_fraction(&text, &part, 6, &scale))
        return false;
    while (*text == ' ')
        text++;
    const struct unit *unit = unit_find(units, text);
    if (!unit || __builtin_mul_overflow(whole, unit->factor, &whole))
        return false;
    return !__builtin_add_overflow(whole, part * unit->factor / scale, bytes);
}

/* The same; a number alone gets the unit that the text behind it ends with. */
static bool scan_with_unit_of(const char *text, const char *other, uint64_t *bytes)
{
    const char *unit = other + strspn(other, "0123456789.");
    char both[UNITS_TEXT];

    if (text[strspn(text, "0123456789.")])
        return scan_size(text, bytes);
    return snprintf(both, sizeof both, "%s%s", text, unit) < (int)sizeof both && scan_size(both, bytes);
}

bool scan_size_range(const char *text, struct size_range *range)
{
    const char *dots = strstr(text, ".."), *colon = dots ? strchr(dots, ':') : NULL;
    char first[UNITS_TEXT], end[UNITS_TEXT], *behind;

    if (!colon || dots - text >= UNITS_TEXT || colon - dots - 2 >= UNITS_TEXT)
        return false;
    snprintf(first, sizeof first, "%.*s", (int)(dots - text), text);
    snprintf(end, sizeof end, "%.*s", (int)(colon - dots - 2), dots + 2);
    *range = (struct size_range){0};
    if (!scan_with_unit_of(first, end, &range->first) || !scan_size(end, &range->end) || range->first > range->end)
        return false;
    if (colon[1] == '+')
        return scan_with_unit_of(colon + 2, end, &range->step) && range->step;
    if (colon[1] != 'x')
        return false;
    range->factor = strtod(colon + 2, &behind);
    return behind > colon + 2 && !*behind && range->first && range->factor > 1 && range->factor <= 1e6;
}

bool size_range_next(const struct size_range *range, uint64_t *size)
{
    double grown = (double)*size * range->factor;
    uint64_t next;

    if (range->factor > 0)
        next = grown < 0x1p63 ? (uint64_t)llround(grown) : UINT64_MAX;
    else if (__builtin_add_overflow(*size, range->step, &next))
        next = UINT64_MAX;
    if (next > range->end || next <= *size)
        return false;
    *size = next;
    return true;
}

/* Uses integers, so that 0.1s is 100000 us on every machine. Parts of a microsecond are cut off. */
bool scan_duration(const char *text, int64_t *duration_us)
{
    static const struct unit units[] = {
        {"", 1000000},   {"us", 1},         {"ms", 1000},       {"s", 1000000},
        {"m", 60000000}, {"h", 3600000000}, {"d", 86400000000}, {NULL, 0},
    };
    char digits[16] = ""; /* of the fraction; more of them are below a microsecond even for days */
    size_t count = 0;
    uint64_t whole, part = 0;

    if (!scan_digits(&text, &whole))
        return false;
    if (*text == '.') {
        if (!(text[1] >= '0' && text[1] <= '9'))
            return false;
        for (text++; *text >= '0' && *text <= '9'; text++)
            if (count < sizeof digits - 1)
                digits[count++] = *text;
    }
    const struct unit *unit = unit_find(units, text);
    if (!unit || __builtin_mul_overflow(whole, unit->factor, &whole))
        return false;
    __extension__ unsigned __int128 numerator = 0, scale = 1; /* 15 digits times a day take 81 bits */
    for (size_t i = 0; i < count; i++) {
        numerator = numerator * 10 + (unsigned)(digits[i] - '0');
        scale *= 10;
    }
    part = (uint64_t)(numerator * unit->factor / scale);
    if (__builtin_add_overflow(whole, part, &whole) || whole > INT64_MAX)
        return false;
    *duration_us = (int64_t)whole;
    return true;
}

char *print_bytes(char *text, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024) {
        snprintf(text, UNITS_TEXT, "%u B", (unsigned)bytes);
        return text;
    }
    /* 1023.5 and more would be printed as 1024, so the next unit is used. */
    while (value >= 1023.5 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(text, UNITS_TEXT, "%.*f %s", decimals, value, units[unit]);
    return text;
}

char *print_maxmemory(char *text, uint64_t bytes)
{
    static const struct unit units[] = {{"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (bytes && bytes % units[i].factor == 0) {
            snprintf(text, UNITS_TEXT, "%ju%s", (uintmax_t)(bytes / units[i].factor), units[i].name);
            return text;
        }
    snprintf(text, UNITS_TEXT, "%ju", (uintmax_t)bytes);
    return text;
}

char *print_count(char *text, uint64_t count)
{
    char digits[UNITS_TEXT];
    int length = snprintf(digits, sizeof digits, "%ju", (uintmax_t)count);
    char *out = text;

    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}

static uint64_t nearest(uint64_t us, uint64_t unit_us)
{
    return (us + unit_us / 2) / unit_us;
}

/* Prints at most two units, rounded to the smaller one. A value that rounds up to the next unit is printed in that:
 * 59.97s is "1m 00s", never "60.0s". */
char *print_duration(char *text, int64_t duration_us)
{
    const char *sign = duration_us < 0 ? "-" : "";
    uint64_t us = duration_us < 0 ? 0 - (uint64_t)duration_us : (uint64_t)duration_us;
    uint64_t ms = nearest(us, 1000), tenths = nearest(us, 100000), s = nearest(us, 1000000);
    uint64_t minutes = nearest(us, 60000000), hours = nearest(us, 3600000000);

    if (us == 0)
        snprintf(text, UNITS_TEXT, "0s");
    else if (us < 1000)
        snprintf(text, UNITS_TEXT, "%s%uus", sign, (unsigned)us);
    else if (ms < 1000)
        snprintf(text, UNITS_TEXT, "%s%ums", sign, (unsigned)ms);
    else if (tenths < 600)
        snprintf(text, UNITS_TEXT, "%s%u.%us", sign, (unsigned)(tenths / 10), (unsigned)(tenths % 10));
    else if (s < 3600)
        snprintf(text, UNITS_TEXT, "%s%um %02us", sign, (unsigned)(s / 60), (unsigned)(s % 60));
    else if (minutes < 1440)
        snprintf(text, UNITS_TEXT, "%s%uh %02um", sign, (unsigned)(minutes / 60), (unsigned)(minutes % 60));
    else
        snprintf(text, UNITS_TEXT, "%s%jud %02uh", sign, (uintmax_t)(hours / 24), (unsigned)(hours % 24));
    return text;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/text/times.h"

#include "sim/digits.h"

#include <string.h>
#include <time.h>

static const int64_t SECOND_US = 1000000;
static const uint64_t UNIX_LEAST_S = 1000000000;
static const uint64_t UNIX_MOST_S = UINT64_C(1) << 32;

static const struct {
    const char *name;
    int places;
    uint64_t per_second;
} units[] = {
    {"s", 6, 1},
    {"ms", 3, 1000},
    {"us", 0, 1000000},
    {"ns", -3, 1000000000},
};

#define SAY_THE_UNIT "say the unit of times, --columns time-unit=s (ms, us, ns)"

static bool looks_like_date(const char *text, const char *end)
{
    return end - text >= 10 && text[4] == '-' && text[7] == '-';
}

const char *times_settle(struct times *times, const char *text, const char *end)
{
    const char *point = memchr(text, '.', (size_t)(end - text));
    uint64_t number;

    times->limit_us = INT64_MAX;
    times->dates = !times->given && looks_like_date(text, end);
    if (times->given || times->dates) {
        times->settled = true;
        return NULL;
    }
    if (!digits_scan(text, point ? point : end, &number))
        return "";
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
        if (number < UNIX_MOST_S * units[i].per_second && (!i || number >= UNIX_LEAST_S * units[i].per_second)) {
            times->limit_us = (int64_t)(number < UNIX_LEAST_S ? UNIX_LEAST_S : UNIX_MOST_S) * SECOND_US;
            times->places = units[i].places;
            times->settled = true;
            return NULL;
        }
    return "no Unix time in s, ms, us or ns: " SAY_THE_UNIT;
}

/* Reads a zone that ends the text: "Z", "+02:00", "-0530" or "+02". *ahead_s: how far local time is ahead. */
static bool scan_zone(const char *text, const char *end, int64_t *ahead_s)
{
    uint64_t hours, minutes = 0;
    bool west = *text == '-';

    if (end - text == 1 && (*text == 'Z' || *text == 'z'))
        return true;
    if ((*text != '+' && !west) || end - text < 3 || !digits_scan(text + 1, text + 3, &hours))
        return false;
    text += 3;
    text += text < end && *text == ':';
    if (text < end && (end - text != 2 || !digits_scan(text, end, &minutes)))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *ahead_s = (int64_t)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

/* Reads 2024-05-01, perhaps with T or a blank and 12:00 or 12:00:59.999, and perhaps with a zone. */
static bool scan_date(const char *text, const char *end, int64_t *time_us)
{
    char copy[20] = "";
    struct tm tm = {0};
    const char *rest;
    int64_t fraction_us = 0, ahead_s = 0;
    size_t length = (size_t)(end - text) < sizeof copy - 1 ? (size_t)(end - text) : sizeof copy - 1;

    memcpy(copy, text, length);
    rest = strptime(copy, "%Y-%m-%d", &tm);
    if (!rest || rest - copy != 10)
        return false;
    if (*rest == 'T' || *rest == ' ') {
        const char *minutes = strptime(rest + 1, "%H:%M", &tm);

        if (!minutes || minutes - rest != 6)
            return false;
        rest = *minutes == ':' ? strptime(minutes, ":%S", &tm) : minutes;
        if (!rest || (rest != minutes && rest - minutes != 3))
            return false;
    }
    text += rest - copy;
    if (text < end && *text == '.' && rest - copy == 19) {
        const char *digits = text + 1;

        while (digits < end && *digits >= '0' && *digits <= '9')
            digits++;
        for (int place = 0; place < 6; place++)
            fraction_us = fraction_us * 10 + (text + 1 + place < digits ? text[1 + place] - '0' : 0);
        if (digits == text + 1)
            return false;
        text = digits;
    }
    if (text < end && !scan_zone(text, end, &ahead_s))
        return false;
    const int day = tm.tm_mday;

    *time_us = ((int64_t)timegm(&tm) - ahead_s) * SECOND_US + fraction_us;
    return tm.tm_mday == day && *time_us >= 0; /* timegm would turn a 30th of February into a day of March */
}

const char *times_scan(struct times *times, const char *text, const char *end, int64_t *time_us)
{
    const char *why = times->settled ? NULL : times_settle(times, text, end);

    if (why)
        return why;
    if (times->dates)
        return scan_date(text, end, time_us) ? NULL : "";
    if (!digits_decimal(text, end, times->places < 0 ? 0 : times->places, time_us))
        return "";
    if (times->places < 0)
        *time_us /= 1000;
    if (*time_us < times->limit_us)
        return NULL;
    return times->limit_us == (int64_t)UNIX_LEAST_S * SECOND_US
               ? "more than 31 years after a trace's beginning: " SAY_THE_UNIT
               : "beyond the year 2106: " SAY_THE_UNIT;
}

const char *times_unit(const struct times *times)
{
    if (times->dates)
        return "dates";
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].places == times->places)
            return units[i].name;
    return "";
}

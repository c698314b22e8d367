/* SPDX-License-Identifier: GPL-3.0-or-later */
/* times: what the numbers, or dates, of a time column mean.
 *
 * A trace rarely says the unit of its times. Unless the user or the column's name does, the first time decides, and
 * the report says what was taken:
 *
 *     10^9  to 2^32          seconds        a Unix time between September 2001 and February 2106,
 *     10^12 to 2^32 * 10^3   milliseconds   in one of four units: these ranges do not meet
 *     10^15 to 2^32 * 10^6   microseconds
 *     10^18 to 2^32 * 10^9   nanoseconds
 *     below 10^9             seconds        since whenever the trace began
 *     2024-05-01T12:00:00    a date         ISO 8601; UTC unless it ends with Z or an offset
 *
 * Any other number is refused, and the message says what would help. If nobody said the unit, a later time is
 * refused, too, when it cannot follow from the first: a Unix time beyond 2106, or a time 31 years after the
 * beginning. Times that differ so much are in two units. */
#ifndef TRACES_TEXT_TIMES_H
#define TRACES_TEXT_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct times {
    int places;       /* the unit is 10^places microseconds: 6 s, 3 ms, 0 us, -3 ns */
    bool given;       /* the user, or the column's name, said the unit: any number is fine */
    bool settled;     /* the first time that can be read has been */
    bool dates;       /* it was a date */
    int64_t limit_us; /* times from here on are not believed */
};

/* Looks at the first time, unless the unit is given. NULL, or why it cannot settle the unit: goes behind "bad time
 * '...'", and is "" when there is nothing to add. The next time is then looked at likewise. */
const char *times_settle(struct times *times, const char *text, const char *end);

/* A time in microseconds, cut off below them. NULL, or why it is bad: "" when there is nothing to add. The first
 * settles the unit. */
const char *times_scan(struct times *times, const char *text, const char *end, int64_t *time_us);

/* What was settled: "s", "ms", "us", "ns" or "dates"; by the table above. */
const char *times_unit(const struct times *times);

#endif

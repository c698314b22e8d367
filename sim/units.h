/* SPDX-License-Identifier: GPL-3.0-or-later */
/* units: numbers as people write and read them.
 *
 * Byte sizes follow redis.conf: 1k = 1000, 1kb = 1024, 1m = 1000^2, 1mb = 1024^2, 1g, 1gb; letters in
 * either case; no unit means bytes. Durations: 250ms, 60s, 5m, 2h, 1d; a bare number is seconds.
 * Scanners take the whole text or nothing; printers write into the caller's buffer and return it. */
#ifndef SIM_UNITS_H
#define SIM_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool scan_bytes(const char *text, uint64_t *bytes);
/* A size as people write it, and as evsim prints it: what scan_bytes() takes, and fractions, blanks before the unit, and the
 * units KiB, Ki, MiB, Mi, GiB, Gi, TiB, Ti, t and tb: 2.68mb, 2744KiB, "4.65 MiB". Parts of a byte are cut off. */
bool scan_size(const char *text, uint64_t *bytes);
/* Sizes from one to another, both included: 1mb..64mb:x2 (each twice the one before), 8..16mb:+1mb. A number without a unit has
 * that of the end. The next size is written to *size; false, with *size unchanged, when it would be past the end. */
struct size_range {
    uint64_t first, end;
    double factor; /* above 1, or 0: */
    uint64_t step;
};
bool scan_size_range(const char *text, struct size_range *range);
bool size_range_next(const struct size_range *range, uint64_t *size);
bool scan_duration(const char *text, int64_t *duration_us); /* fractions allowed: 0.5s */
bool scan_int64(const char *text, int64_t *value);
bool scan_uint64(const char *text, uint64_t *value);

enum { UNITS_TEXT = 32 }; /* a buffer of this size is always enough */

char *print_bytes(char *text, uint64_t bytes);         /* "8.00 MiB", three significant digits */
char *print_maxmemory(char *text, uint64_t bytes);     /* exact, as in redis.conf: "8mb", "1500000" */
char *print_count(char *text, uint64_t count);         /* "1,234,567" */
char *print_duration(char *text, int64_t duration_us); /* "2h 00m", "45.0s" */

#endif

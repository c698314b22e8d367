/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_composite: the tables of what values with elements weighed in real servers, by MEMORY USAGE SAMPLES 0:
 * ../shared/golden/memory (EVSIM_SHARED), the composite ones. */
#ifndef TESTS_SUPPORT_COMPOSITE_H
#define TESTS_SUPPORT_COMPOSITE_H

#include "tests/support_server.h"

#include <stdint.h>

/* A row: so many elements of a kind, in this server. Fails the test if the model says otherwise. */
typedef void composite_row(const char *server, const char *kind, uint32_t count, const char *encoding, uint64_t usage);

/* Every row of every table whose kind begins like this. Skips the test, with a word, if there is none. */
void compare_composite_rows(const char *prefix, composite_row *compare);

/* Adds so many elements of the kind to the cell's first key, one after the other; in a large table, they are looked up, which
 * ends its rehash. False: no such kind. */
bool composite_fill(struct cell *cell, const char *kind, uint32_t count);

/* The table of the first key's value; NULL: it has none. */
const struct table *composite_table(const struct cell *cell);

/* Holds a model against a recording of up to 20,000 elements each: what DEL gives back, and what MEMORY USAGE says, which is to be the same
 * but for what is random. */
struct composite_match {
    int rows;
    int misses; /* off by more than `bound`, relative, more than 128 bytes, and more than four standard deviations of what is random */
    int answers; /* of which MEMORY USAGE says something else, or that are encoded otherwise */
    double worst,
        worst_chance; /* of the row that is furthest off, relative, and the standard deviation of what is random in it */
    char worst_row[64];
};
struct composite_match composite_compare(const char *server, const char *path, double bound);

#endif

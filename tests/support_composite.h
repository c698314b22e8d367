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

/* Holds a model against a recording's bytes, what DEL gives back: how many rows of up to 20,000 elements there are, how many are off by
 * more than `bound`, relative, and 64 bytes, and the row that is furthest off. Nodes and levels are random in both. */
struct composite_match {
    int rows, misses;
    double worst;
    char worst_row[64];
};
struct composite_match composite_compare(const char *server, const char *path, double bound);

#endif

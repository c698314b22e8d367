/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_composite: the tables of what values with elements weighed in real servers, by MEMORY USAGE SAMPLES 0:
 * ../shared/golden/memory (EVSIM_SHARED), the composite ones. */
#ifndef TESTS_SUPPORT_COMPOSITE_H
#define TESTS_SUPPORT_COMPOSITE_H

#include <stdint.h>

/* A row: so many elements of a kind, in this server. Fails the test if the model says otherwise. */
typedef void composite_row(const char *server, const char *kind, uint32_t count, const char *encoding, uint64_t usage);

/* Every row of every table whose kind begins like this. Skips the test, with a word, if there is none. */
void compare_composite_rows(const char *prefix, composite_row *compare);

#endif

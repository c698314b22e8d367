/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_numbers: whether every number that a text shows is in the JSON beside it, and is the one that belongs there.
 *
 * From the JSON follows which numbers the text has, one after the other, each as it is printed: of a table those of a row in
 * the order of its columns, of a sentence its facts. They are looked for in the text in this order, and no digit of it may be
 * left over. So a number that is another, or in another place, is found. */
#ifndef TESTS_SUPPORT_NUMBERS_H
#define TESTS_SUPPORT_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

enum numbers_of { NUMBERS_OF_DOCTOR, NUMBERS_OF_SIZE };

/* Of what `evsim doctor`, or size, prints, and prints with --json. If false, `why` says which number is not. *count: how many
 * there are. */
bool support_numbers_hold(enum numbers_of of, const char *text, const char *json, size_t *count, char *why,
                          size_t bytes);

/* The text in one line, with one blank for each break and its indentation; to be freed. */
char *support_numbers_joined(const char *text);

/* Changes the last digit of the number of this place, counted from 0: by one. False: there is none. */
bool support_numbers_alter(char *text, size_t place);

#endif

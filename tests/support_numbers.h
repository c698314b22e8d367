/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_numbers: whether every number that a text shows is in the JSON beside it. */
#ifndef TESTS_SUPPORT_NUMBERS_H
#define TESTS_SUPPORT_NUMBERS_H

#include <stddef.h>

/* Of the numbers in `text`, how many are in `json`; *count: how many there are; each that is not is told to `missing`, of
 * so many bytes, with a space before it. A number may be rounded in the text, and have a unit: bytes (2.00 MiB, 2740kb), time (1h 02m,
 * 3.6 days, 5 s), per cent of a ratio. Where the JSON has it in a sentence it does not count. What is no number of the
 * answer but part of a name (a file, a policy, an option with its value) is in a text of the JSON that is no sentence. */
size_t support_numbers_found(const char *text, const char *json, size_t *count, char *missing, size_t bytes);

#endif

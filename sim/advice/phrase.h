/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phrase: sentences of advice, and the numbers in them.
 *
 * A sentence keeps, in order, each number that it says, with its name, its unit, and how it is printed: a program reads those
 * (facts, in doctor.json), and nobody has to search the text for them. */
#ifndef SIM_ADVICE_PHRASE_H
#define SIM_ADVICE_PHRASE_H

#include "sim/advice/diagnosis.h"

#include <stddef.h>

/* As printf; to be freed. For texts without numbers, and names. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A sentence, or several. Zeroed to begin with: empty. */
struct told {
    char *text; /* NULL: empty */
    struct fact *facts;
    size_t fact_count;
};

/* Appends to it. In the format:
 *
 *     %s   a text                                              const char *
 *     %K   a name or a command, in which there may be numbers  const char *what it is, const char *
 *     %N   a count                                             const char *what it is, double
 *     %B   bytes, rounded;  %M  exact, as in redis.conf        likewise
 *     %T   a duration, in microseconds                         likewise
 *     %0P  a share in per cent, with so many decimals: 0 to 2  likewise; the sign and a blank stand in the format, as " %%"
 *     %A   what another sentence says                          const struct told *
 *     %%   a per cent sign */
void tell(struct told *told, const char *format, ...);
void told_release(struct told *told);
/* Hands it over to its owner's fields. */
void told_take(struct told *told, char **text, struct fact **facts, size_t *fact_count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* column_choice: which columns of a table are wanted, in which order (--columns-of policy,hit-ratio,oom).
 *
 * A column is named by its title, in any case; blanks, '-' and '_' are the same, so that "hit ratio" needs no quotes, and the '%' of
 * "hits %" may be left out. */
#ifndef SIM_COLUMN_CHOICE_H
#define SIM_COLUMN_CHOICE_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { COLUMN_CHOICES = 128, COLUMN_NAME = 64 };

struct column_choice {
    char names[COLUMN_CHOICES][COLUMN_NAME];
    size_t count;
};

/* "policy,hit-ratio,oom". -1 with a usage error: an empty name, one that is given twice, too many. */
int column_choice_scan(struct column_choice *choice, const char *text, struct error *error);

/* The place of the column in the choice; -1: it is not wanted. */
int column_choice_place(const struct column_choice *choice, const char *title);

/* Whether all that are wanted are among `titles`, which ends with NULL. -1 with a usage error that names those there are. */
int column_choice_check(const struct column_choice *choice, const char *const *titles, struct error *error);

#endif

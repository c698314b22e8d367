/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names: suggests the name that was meant by a wrong one, and lists the names there are. */
#ifndef SIM_CLI_NAMES_H
#define SIM_CLI_NAMES_H

#include <stddef.h>

/* The i-th name of a list. */
typedef const char *name_of_fn(const void *list, size_t i);

/* The name of the list that `wrong` was probably meant to be; NULL when none is near. */
const char *nearest_name(const char *wrong, name_of_fn *name, const void *list, size_t count);

/* "a, b, c" for an error message: the names of the catalog's policies, formats or servers. */
void join_names(char *text, size_t bytes, name_of_fn *name, const void *list, size_t count);

#endif

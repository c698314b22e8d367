/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cell_lists: the items of --server and --maxmemory, added to the lists of a grid; those that are in it already are left
 * out. */
#ifndef SIM_CLI_CELL_LISTS_H
#define SIM_CLI_CELL_LISTS_H

#include "sim/cli/catalog.h"
#include "sim/error.h"

#include <stddef.h>
#include <stdint.h>

/* A server by its name, its short name or its line's; "all": every one that weighs its keys as a real one does. The list has
 * room for `most`. 0, or -1 with a usage error; likewise below. */
int server_list_add(const struct server **list, size_t *count, size_t most, const struct catalog *catalog,
                    const char *name, struct error *error);
/* A size, or a range of them. */
int size_list_add(uint64_t *list, size_t *count, size_t most, const char *text, struct error *error);

/* A range with its ends exchanged: "64mb..8gb:x2" of "8gb..64mb:x2", for messages. To be freed. NULL: it is no range. */
char *range_turned(const char *text);

#endif

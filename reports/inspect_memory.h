/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect_memory: the part of inspect.txt that says what fills memory: each server, then keys by type and prefix, and the
 * largest ones. */
#ifndef REPORTS_INSPECT_MEMORY_H
#define REPORTS_INSPECT_MEMORY_H

#include "reports/article.h"
#include "sim/inspect/portrait.h"

/* Tables of 80 columns; these, and two that have a column for each type and for the largest prefixes. */
extern const struct article_table inspect_servers_table, inspect_pages_table, inspect_type_table, inspect_biggest_table,
    inspect_prefix_table, inspect_largest_table;

void inspect_memory_put(const struct portrait *portrait, struct article *to);

#endif

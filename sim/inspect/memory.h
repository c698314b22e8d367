/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory: what fills a server's memory: its keys, shown one by one at the end of a run (key_visit.h), by type, encoding and
 * prefix, and the largest of them. */
#ifndef SIM_INSPECT_MEMORY_H
#define SIM_INSPECT_MEMORY_H

#include "sim/inspect/accesses.h"
#include "sim/inspect/distribution.h"
#include "sim/inspect/portrait.h"
#include "sim/key_visit.h"

#include <stddef.h>
#include <stdint.h>

struct memory_count;

/* Of one cell. `accesses` are those of the same trace, and outlive it. To be freed. */
struct memory_count *memory_count_new(const struct accesses *accesses);
void memory_count_free(struct memory_count *count); /* NULL is fine */

/* A key_visitor's function; the owner is the count. */
void memory_count_visit(void *owner, const struct visited_key *key);

/* What the server holds: the keys that it has shown, and what its result says. */
struct holdings memory_count_found(struct memory_count *count, const struct result *result);

#endif

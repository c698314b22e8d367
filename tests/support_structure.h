/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_structure: what a value with elements weighs, counted again from its elements. */
#ifndef TESTS_SUPPORT_STRUCTURE_H
#define TESTS_SUPPORT_STRUCTURE_H

#include "sim/server/state.h"

/* Bytes of the blocks of the entry's structure, the object's own not included; what it keeps is asserted to agree with
 * itself. */
/* Those of keys or members in a dict without values. */
struct dict;
uint64_t recount_nodes(const struct redis *redis, const struct dict *dict);
uint64_t recount_structure(const struct redis *redis, const struct entry *entry);

#endif

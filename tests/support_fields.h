/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_fields: structs of any layout (sim/fields.h) with random contents. */
#ifndef TESTS_SUPPORT_FIELDS_H
#define TESTS_SUPPORT_FIELDS_H

#include "sim/fields.h"
#include "tests/support_random.h"

/* Fills a zeroed struct: any bits in numbers, NaN and infinity among them, any bytes in texts, some arrays that are empty.
 * fields_release frees what it then owns. */
void support_fill(const struct layout *layout, void *object, struct random *random);

/* Of all single values that the struct has, those in its arrays included. */
size_t support_count_leaves(const struct layout *layout, const void *object);
/* Gives the leaf another value, and says which: "run.intake.rows". */
void support_change_leaf(const struct layout *layout, void *object, size_t leaf, char *name, size_t room);

#endif

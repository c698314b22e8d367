/* SPDX-License-Identifier: GPL-3.0-or-later */
/* splitter: the trace as it would be if some keys were several (sim/split.h).
 *
 *     format -> records in order -> growth -> splitting -> more records in order -> ids -> batch
 *
 * What becomes several commands of one comes at the same time, by the same client. The name of part 3 of a key is its own and
 * ":3" behind it; its part is the hash of the element's text modulo the parts. Keys of database 0 are split. */
#ifndef SIM_INPUT_SPLITTER_H
#define SIM_INPUT_SPLITTER_H

#include "sim/request.h"
#include "sim/split.h"

struct splitter;

struct splitter *splitter_new(const struct split_rule *rule);
void splitter_free(struct splitter *splitter); /* NULL is fine */

/* Records in order; what was made of those before has been taken. Their texts stay valid until all of these are. */
void splitter_give(struct splitter *splitter, const struct record *records, int count);
/* The next records, at most `room`. 0: more are to be given. */
int splitter_take(struct splitter *splitter, struct record *records, int room);

#endif

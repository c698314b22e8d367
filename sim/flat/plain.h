/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain: batches that are nothing but reads, as most traces of the literature are, in a loop without the checks that
 * any command needs. Counters and policy are left as execute.c would leave them, row by row. */
#ifndef SIM_FLAT_PLAIN_H
#define SIM_FLAT_PLAIN_H

#include "sim/flat/state.h"

/* Whether the batch is such a one, and nobody looks at each of its rows. */
bool plain_batch(const struct flat *flat, const struct batch *batch);

/* Replays its rows from `first` to before `end`. Nothing else is due in their time. */
void plain_replay(struct flat *flat, const struct batch *batch, uint32_t first, uint32_t end);

#endif

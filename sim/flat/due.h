/* SPDX-License-Identifier: GPL-3.0-or-later */
/* due: what happens in a flat cache between requests: events of the scenario, samples of the curve, the end of the warm-up. */
#ifndef SIM_FLAT_DUE_H
#define SIM_FLAT_DUE_H

#include "sim/flat/state.h"

/* The cache as it is, as a sample of that time. */
struct sample due_sample(const struct flat *flat, int64_t time_us);

/* When the next of it is due. */
int64_t due_next_us(const struct flat *flat);
/* Does what is due before the request at time_us, or before the end. No warm-up ends between a script and its calls. */
void due_pass(struct flat *flat, int64_t time_us, bool is_called);

/* The first row from `row` on whose time is due_us or later. */
uint32_t due_rows_before(const struct batch *batch, uint32_t row, int64_t due_us);

#endif

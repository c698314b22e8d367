/* SPDX-License-Identifier: GPL-3.0-or-later */
/* execute: what a request does to a flat cache. */
#ifndef SIM_FLAT_EXECUTE_H
#define SIM_FLAT_EXECUTE_H

#include "sim/flat/state.h"
#include "sim/weight.h"

/* The command of a row. */
void execute_row(struct flat *flat, const struct batch *batch, uint32_t row);
/* The same for GET, of which most traces have most. */
void execute_get(struct flat *flat, const struct batch *batch, uint32_t row);
/* The same under --compat libcachesim, where a row asks for its object whatever its command is. */
void execute_ask(struct flat *flat, const struct batch *batch, uint32_t row);
void execute_flush(struct flat *flat); /* FLUSHALL */

/* What the row's object weighs; VALUE_UNKNOWN where the trace does not say. */
static inline uint32_t row_size(const struct flat *flat, const struct batch *batch, uint32_t row)
{
    return weight_of(flat->unit_sizes, flat->weighs_keys, batch->value_len[row], batch->key_len[row]);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* footprint: the bytes of all keys of a trace. A key counts with the largest value that it ever had. */
#ifndef SIM_MRC_FOOTPRINT_H
#define SIM_MRC_FOOTPRINT_H

#include "sim/options.h"
#include "sim/request.h"

#include <stddef.h>
#include <stdint.h>

struct footprint {
    uint32_t *sizes; /* owned, by id: the largest value */
    uint32_t capacity;
    uint64_t bytes;
};

/* Adds the next rows of the trace. Keys weigh what the options say. The footprint is zeroed before the first call; it
 * keeps 4 bytes for each key. */
void footprint_measure(struct footprint *footprint, const struct simulation_options *options,
                       const struct batch *batch);
void footprint_release(struct footprint *footprint);

/* Fills `count` sizes from a thousandth of the footprint to all of it, in equal steps on a logarithmic axis; small ones
 * may be equal. */
void footprint_divide(uint64_t footprint, uint64_t *sizes, size_t count);

#endif

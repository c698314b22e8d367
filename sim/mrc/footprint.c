/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mrc/footprint.h"

#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/policy.h"
#include "sim/weight.h"

#include <math.h>
#include <stdlib.h>

void footprint_measure(struct footprint *footprint, const struct simulation_options *options, const struct batch *batch)
{
    footprint->sizes = xgrow(footprint->sizes, &footprint->capacity, batch->key_count, sizeof *footprint->sizes);
    for (uint32_t row = 0; row < batch->count; row++) {
        uint32_t size = weight_of(false, options->weighs_keys, batch->value_len[row], batch->key_len[row]), *known;

        if (batch->id[row] == NO_KEY || size == VALUE_UNKNOWN)
            continue;
        known = &footprint->sizes[batch->id[row]];
        if (size > *known) {
            footprint->bytes += size - *known;
            *known = size;
        }
    }
}

void footprint_release(struct footprint *footprint)
{
    free(footprint->sizes);
}

void footprint_divide(uint64_t footprint, uint64_t *sizes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double share = count == 1 ? 1 : elementary_pow(1000, (double)i / (double)(count - 1) - 1);
        double size = ceil((double)footprint * share);

        sizes[i] = size < 1 ? 1 : (uint64_t)size;
    }
}

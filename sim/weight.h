/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weight: what an object weighs in a cache of plain sizes: its value, its key and its value, or 1.
 *
 * The literature disagrees. A block or a file has no key to speak of; simulators that read traces of key-value
 * caches add the key: libCacheSim's readers of Twitter's traces (twrBin.h: obj_size = key_size + val_size),
 * Caffeine's of Twitter's and of CacheLib's. Servers have nothing to do with it: they weigh what they allocate. */
#ifndef SIM_WEIGHT_H
#define SIM_WEIGHT_H

#include "sim/options.h"
#include "sim/request.h"

/* What the user wants. AUTO: the value; but with --compat libcachesim key and value, if the trace says how long
 * keys are, as libCacheSim's readers of such traces do. */
enum weigh { WEIGH_AUTO, WEIGH_VALUE, WEIGH_KEY_AND_VALUE };

/* The weight of a value and its key. VALUE_UNKNOWN if the value's size is unknown, unless all objects weigh 1. */
static inline uint32_t weight_of(bool unit_sizes, bool weighs_keys, uint32_t value_len, uint32_t key_len)
{
    uint64_t both = (uint64_t)value_len + key_len;

    if (unit_sizes)
        return 1;
    if (!weighs_keys || value_len == VALUE_UNKNOWN)
        return value_len;
    return both < VALUE_UNKNOWN ? (uint32_t)both : VALUE_UNKNOWN - 1;
}

static inline uint32_t weight_of_row(const struct simulation_options *options, const struct batch *batch, uint32_t row)
{
    return weight_of(options->unit_sizes, options->weighs_keys, batch->value_len[row], batch->key_len[row]);
}

/* The value's part of a weight. */
static inline uint32_t weight_of_value(bool weighs_keys, uint32_t weight, uint32_t key_len)
{
    return !weighs_keys ? weight : weight > key_len ? weight - key_len : 0;
}

#endif

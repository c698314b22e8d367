/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/histograms.h"

#include <string.h>

unsigned histograms_kinds(const struct redis *redis)
{
    return redis->kinds_called;
}

uint64_t histograms_bytes(const struct redis *redis)
{
    return (uint64_t)HISTOGRAM_BYTES * histograms_kinds(redis);
}

void histograms_reset(struct redis *redis)
{
    redis->used -= histograms_bytes(redis);
    memset(redis->was_called, 0, sizeof redis->was_called);
    redis->kinds_called = 0;
}

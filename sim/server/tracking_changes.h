/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tracking_changes: keys that have changed, until those who track them are told: behind the command, or at the end of the turn. */
#ifndef SIM_SERVER_TRACKING_CHANGES_H
#define SIM_SERVER_TRACKING_CHANGES_H

#include "sim/alloc.h"
#include "sim/server/state.h"

/* The key has changed, or has gone; NO_KEY: all keys of a database have. */
static inline void tracking_touch(struct redis *redis, uint32_t id)
{
    struct tracking *tracking = &redis->tracking;

    if (__builtin_expect(!tracking->exists, 1))
        return;
    tracking->changes =
        xgrow(tracking->changes, &tracking->change_capacity, tracking->change_count + 1, sizeof *tracking->changes);
    tracking->changes[tracking->change_count++] = id;
}

#endif

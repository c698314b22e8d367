/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows: the working set over time: which keys are named in each window of a length, and what they weigh.
 *
 * A key is in the window at hand if it was named since the window began. What it weighs is its name and the last known
 * size of its value; when that changes, so does the window. */
#ifndef SIM_INSPECT_WINDOWS_H
#define SIM_INSPECT_WINDOWS_H

#include "sim/inspect/portrait.h"

#include <stddef.h>
#include <stdint.h>

struct window {
    int64_t from_us;
    uint64_t keys, bytes;
};

struct windows {
    int64_t window_us;
    int64_t begin_us, end_us; /* of the window at hand; both 0 before the first */
    struct window at_hand;
    struct window *over; /* owned: windows in which a key was named, without the one at hand */
    size_t count, capacity;
};

/* Zeroed to begin with, but for its length. */
void windows_release(struct windows *windows);

void windows_go_on(struct windows *windows, int64_t time_us);

/* A key is named; last_us: before that, and INT64_MIN never. It weighed `before` then, and weighs `bytes` now. */
static inline void windows_add(struct windows *windows, int64_t time_us, int64_t last_us, uint64_t before,
                               uint64_t bytes)
{
    if (time_us >= windows->end_us)
        windows_go_on(windows, time_us);
    if (last_us < windows->begin_us) {
        windows->at_hand.keys++;
        windows->at_hand.bytes += bytes;
    } else {
        windows->at_hand.bytes += bytes - before;
    }
}

/* The trace ended at last_us. */
struct working_set windows_found(const struct windows *windows, int64_t last_us);

/* The whole windows as at most `most` points, added to the `count` that there are; each the mean of as many windows as are needed, but
 * for the last, of those that are left. Without a whole one: none. */
void windows_points(const struct windows *windows, int64_t last_us, size_t most, struct working_set_point **points,
                    size_t *count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/moments.h"

const struct moment_field moment_fields[MOMENTS] = {
    {"full_after_s", "full after", "since the trace's start, when memory was first short",
     offsetof(struct moments, full_after_us)},
    {"first_eviction_s", "first eviction", "since the trace's start, when a key was first evicted",
     offsetof(struct moments, first_eviction_us)},
    {"first_oom_s", "first OOM", "since the trace's start, when a write was first refused for want of memory",
     offsetof(struct moments, first_oom_us)},
};

#define FIELDS_OF struct moments
const struct layout moments_layout = LAYOUT("moments", MOMENT_FIELDS);
#undef FIELDS_OF

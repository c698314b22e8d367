/* SPDX-License-Identifier: GPL-3.0-or-later */
/* noeviction: nothing is ever evicted; writes are refused instead. Redis's default. */
#include "sim/policy.h"

const struct policy policy_noeviction = {
    .name = "noeviction",
    .summary = "evict nothing: refuse writes (Redis's default)",
    .is_redis = true,
    .scope = SCOPE_NONE,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* noeviction: nothing is ever evicted; writes are refused instead. Redis's default. */
#include "sim/redis_policy.h"

static const struct redis_policy own = {.state = SERVER_STATE_NONE};

const struct policy policy_noeviction = {
    .name = "noeviction",
    .summary = "evict nothing: refuse writes (Redis's default)",
    .redis = &own,
    .scope = SCOPE_NONE,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stale: a policy that was compiled with another policy.h. */
#include <stdint.h>

struct another {
    uint32_t abi, sizes[3];
    const void *policy;
};

extern const struct another evsim_policy_plugin;
const struct another evsim_policy_plugin = {999, {1, 1, 1}, 0};

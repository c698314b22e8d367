/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stale: what was compiled against another policy.h looks like this. */
#include <stdint.h>

struct another {
    uint32_t abi, sizes[3];
    const void *policy;
};

extern const struct another evsim_policy_plugin;
const struct another evsim_policy_plugin = {999, {1, 1, 1}, 0};

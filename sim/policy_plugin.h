/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy_plugin: a policy in a shared object, for evsim run --policy ./mine.so.
 *
 * Its source defines a struct policy, ends in POLICY_PLUGIN(its name), and is compiled with cc -shared -fPIC,
 * against the policy.h of the same version of evsim: POLICY_ABI grows with every change of policy.h that an object
 * would notice. */
#ifndef SIM_POLICY_PLUGIN_H
#define SIM_POLICY_PLUGIN_H

#include "sim/policy.h"

#define POLICY_ABI 4

struct policy_plugin {
    uint32_t abi;           /* POLICY_ABI */
    uint32_t policy_bytes;  /* sizeof(struct policy) */
    uint32_t context_bytes; /* sizeof(struct policy_context) */
    uint32_t view_bytes;    /* sizeof(struct keyspace_view) */
    const struct policy *policy;
};

#define POLICY_PLUGIN(name)                                                                                            \
    extern const struct policy_plugin evsim_policy_plugin;                                                             \
    const struct policy_plugin evsim_policy_plugin = {                                                                 \
        POLICY_ABI, sizeof(struct policy), sizeof(struct policy_context), sizeof(struct keyspace_view), &(name)}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry: the list of policies, by name. */
#ifndef POLICIES_REGISTRY_H
#define POLICIES_REGISTRY_H

#include "sim/policy.h"

extern const struct policy *const policies[];
extern const size_t policy_count;

const struct policy *policy_find(const char *name); /* NULL for an unknown name */

#endif

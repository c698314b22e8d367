/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scope: a policy that chooses among the keys with a ttl only, as Redis's volatile-* policies do.
 *
 * It is made of any policy that knows nothing of ttls. That policy is told of those keys and of no others, so that it
 * can name no other: "valkey with sieve, but only keys that expire may be evicted". */
#ifndef SIM_SCOPE_H
#define SIM_SCOPE_H

#include "sim/policy.h"

/* Makes *narrowed from a policy of scope allkeys, which must outlive it. A key that gets a ttl is added there, and one
 * that loses it is removed. Its entries are 4 bytes larger. */
void scope_narrow(const struct policy *policy, struct policy *narrowed);

#endif

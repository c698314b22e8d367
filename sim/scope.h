/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scope: any policy, told of the keys with a ttl only. What Redis does in its volatile-* policies, for those that
 * know nothing of ttls: "valkey with sieve, but only what may expire". */
#ifndef SIM_SCOPE_H
#define SIM_SCOPE_H

#include "sim/policy.h"

/* Makes *narrowed from a policy of scope allkeys, which must outlive it: getting a ttl is being added, losing it is
 * being removed. Its entries are 4 bytes larger. */
void scope_narrow(const struct policy *policy, struct policy *narrowed);

#endif

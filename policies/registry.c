/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/registry.h"

#include <string.h>

/* One line for each policy. Redis's own come first, in the order of its documentation; "all" means these. The others
 * are grouped by what they order keys by. */
#define POLICY_LIST(X)                                                                                                 \
    X(noeviction)                                                                                                      \
    X(allkeys_lru)                                                                                                     \
    X(allkeys_lfu)                                                                                                     \
    X(allkeys_random)                                                                                                  \
    X(volatile_lru)                                                                                                    \
    X(volatile_lfu)                                                                                                    \
    X(volatile_random)                                                                                                 \
    X(volatile_ttl)                                                                                                    \
    X(allkeys_lrm)                                                                                                     \
    X(volatile_lrm)                                                                                                    \
    /* order */                                                                                                        \
    X(fifo)                                                                                                            \
    X(lru)                                                                                                             \
    X(lru_prob)                                                                                                        \
    X(adaptive_climb)                                                                                                  \
    X(mru)                                                                                                             \
    X(fifo_merge)                                                                                                      \
    X(clock)                                                                                                           \
    X(second_chance)                                                                                                   \
    X(slru)                                                                                                            \
    X(lru_k)                                                                                                           \
    X(two_q)                                                                                                           \
    X(arc)                                                                                                             \
    X(car)                                                                                                             \
    X(cart)                                                                                                            \
    X(mq)                                                                                                              \
    X(lirs)                                                                                                            \
    X(lirs2)                                                                                                           \
    X(frd)                                                                                                             \
    /* frequency, size */                                                                                              \
    X(lfu)                                                                                                             \
    X(lfuda)                                                                                                           \
    X(largest_first)                                                                                                   \
    X(gdsf)                                                                                                            \
    X(camp)                                                                                                            \
    X(gd_wheel)                                                                                                        \
    X(tinylfu)                                                                                                         \
    X(wtinylfu)                                                                                                        \
    X(hyperbolic)                                                                                                      \
    X(lhd)                                                                                                             \
    /* recent proposals */                                                                                             \
    X(sieve)                                                                                                           \
    X(s3fifo)                                                                                                          \
    X(clock_pro)                                                                                                       \
    X(qdlp)                                                                                                            \
    X(lecar)                                                                                                           \
    X(cacheus)                                                                                                         \
    /* sampled */                                                                                                      \
    X(k_lru)                                                                                                           \
    X(k_lfu)                                                                                                           \
    X(random)                                                                                                          \
    X(random_two)                                                                                                      \
    /* bounds */                                                                                                       \
    X(belady)                                                                                                          \
    X(belady_size)

#define X(name) extern const struct policy policy_##name;
POLICY_LIST(X)
#undef X

const struct policy *const policies[] = {
#define X(name) &policy_##name,
    POLICY_LIST(X)
#undef X
};
const size_t policy_count = sizeof policies / sizeof *policies;

const struct policy *policy_find(const char *name)
{
    for (size_t i = 0; i < policy_count; i++)
        if (!strcmp(policies[i]->name, name))
            return policies[i];
    return NULL;
}

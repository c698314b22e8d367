/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lru_clock: how long a key has been idle, for the policies that keep Redis's LRU clock for each key.
 *
 * A key keeps 24 bits of the second in which it was last touched. The clock for this is refreshed by serverCron, so all
 * keys touched between two of its ticks are equally old; after 194 days it wraps. What is a touch is the policy's
 * business.
 *
 * Source: estimateObjectIdleTime (evict.c). */
#ifndef POLICIES_LRU_CLOCK_H
#define POLICIES_LRU_CLOCK_H

#include "policies/pool.h"

/* What is kept for a key. */
struct lru_clock {
    uint32_t touched_at;
};

/* The hook of a touch. */
void lru_clock_touch(struct policy_context *context, uint32_t id);

/* The candidate that has been idle longest: policy->victim, and policy->candidates with their idle milliseconds. */
uint32_t lru_clock_victim(struct policy_context *context);
int lru_clock_candidates(const struct policy_context *context, struct policy_candidate *list, int most);

#endif

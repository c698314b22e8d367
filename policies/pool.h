/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool: the candidates that Redis's sampled policies choose from.
 *
 * For each victim a few keys are sampled and offered to a pool of 16, kept in ascending order of
 * score; the highest goes. The pool lives on between evictions, and a score stays what it was when
 * its key was offered, whatever has happened to the key since:
 *
 *     sample 5 keys --score--> | 3 | 9 | 9 | 14 | . . . | 62 |  --> victim, if it still exists
 *                               lowest, dropped first   highest
 *
 * So a key may be evicted although it was touched a moment ago, it may sit in the pool twice, and it may
 * be gone when its turn comes (a ghost). All of that is in the server.
 *
 * Source: evictionPoolPopulate and performEvictions, evict.c of Redis 7.0.15. */
#ifndef POLICIES_POOL_H
#define POLICIES_POOL_H

#include "sim/policy.h"

enum { POOL_SIZE = 16 }; /* EVPOOL_SIZE */
/* Where a server has keys that it may not evict, a policy gives up after so many rounds in which it has drawn nothing else
 * (EVICTION_MAX_BLESSED_ONLY_ROUNDS of Redis 8.12). */
enum { SPARED_ROUNDS = 8 };

struct pool {
    uint32_t count;
    uint64_t score[POOL_SIZE]; /* ascending */
    uint32_t id[POOL_SIZE];
};

/* Of the policies that use it: how many keys they sample, where that is not maxmemory-samples. */
extern const struct policy_parameter pool_parameters[];

/* How much a key deserves to go, as of now: higher goes first. */
typedef uint64_t pool_score_fn(const struct policy_context *context, uint32_t id);

/* Offers one key, by the server's rules: before its equals; not at all when the pool is full of better. */
void pool_offer(struct pool *pool, uint32_t id, uint64_t score);

/* Samples every database, offers, and takes the best that is still a candidate; NO_KEY when the
 * scope is empty. The policy's state is a struct pool. */
uint32_t pool_victim(struct policy_context *context, pool_score_fn *score);

/* A score as people know it, in the unit that policy->score names. */
typedef double pool_shown_fn(const struct policy_context *context, uint64_t score);

/* policy->candidates right after pool_victim(): the key that it took, then what is left, best first, each with its
 * score as it was when it was offered. */
int pool_candidates(const struct policy_context *context, pool_shown_fn *shown, struct policy_candidate *list,
                    int most);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cause: what the files share that find causes: causes_memory.c, causes_policy.c and causes_keys.c, of which causes.c has the
 * list. A function gives the cause its sentences, and returns its weight; below 0.1 what it gave does not matter. */
#ifndef SIM_ADVICE_CAUSE_H
#define SIM_ADVICE_CAUSE_H

#include "sim/advice/diagnosis.h"
#include "sim/advice/phrase.h"
#include "sim/census.h"

#include <stdbool.h>

/* What causes are found from. */
struct findings {
    struct diagnosis *diagnosis; /* with its trials */
    const struct named_policy *policy;
    const struct result *now, *unlimited;
    const struct result *cluster; /* of which it is a shard; NULL: it is not */
    const struct census *census, *unlimited_census;
    const struct census_look *onset; /* of the first refusal, else of the first eviction; NULL: neither */
    bool refuses, is_cache;
};

/* What a cause says: itself, what it was seen by, what to do first. */
struct cause_told {
    struct told says, evidence, first;
};

typedef double weigh_fn(const struct findings *findings, struct cause_told *cause);

weigh_fn weigh_baseline, weigh_outside, weigh_rehashing, weigh_outgrown;                     /* causes_memory.c */
weigh_fn weigh_slow_eviction, weigh_several, weigh_noeviction, weigh_few_ttls;               /* causes_policy.c */
weigh_fn weigh_shards;                                                                       /* cause_shards.c */
weigh_fn weigh_expired, weigh_largest, weigh_larger_values, weigh_collections, weigh_unused; /* causes_keys.c */

/* 0 of nothing. */
double share_of(double part, double whole);
/* What of the refusals ends with a remedy, 0 to 1; of a remedy that was not tried (NULL) 0. */
double ended_by(const struct diagnosis *diagnosis, const struct tried *remedy);
/* Of the policies that were tried whose names begin so: of those that end the refusals, or of all if none does, the one with
 * the fewest refusals, then the highest hit ratio; NULL: none was tried. */
const struct tried *best_policy(const struct diagnosis *diagnosis, const char *prefix);
/* The best single ttl of those that were tried which ends the refusals and costs less than half a point of the hit ratio;
 * NULL: there is none. */
const struct tried *best_ttl(const struct diagnosis *diagnosis);
/* Of the single bounds and splits that were tried, the one that leaves the fewest refusals, and of those the one that takes
 * the fewest elements away; NULL: none leaves less than half of them. */
const struct tried *best_bound(const struct diagnosis *diagnosis);
/* Says how much memory, as far as that is known. */
void advise_memory(const struct diagnosis *diagnosis, struct told *first);
/* Says what is left of the refusals with a remedy, or where there are none, of the evictions: "no write is refused then". */
void tell_what_is_left(const struct diagnosis *diagnosis, const struct tried *remedy, struct told *first);

#endif

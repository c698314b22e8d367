/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remedies: what evsim doctor tries: changes (change.h) that may end the refusals, or the loss, of a server.
 *
 *     policies       each of the server's own
 *     memory         maxmemory x1.5, x2, x4
 *     settings       more samples, more effort in expiring, more time for evictions, smaller buffers of clients; where they can matter
 *     ttls           for the prefixes that hold the most without one: at the curve's knee, beyond 99 % of the reuse times
 *                    (ttl_advisor.h), an hour, a day, a week; and for all keys
 *     unused keys    a ttl that each use renews
 *     large keys     bounds for lists, sorted sets and streams; hashes and sets as several keys (large_keys.h) */
#ifndef SIM_ADVICE_REMEDIES_H
#define SIM_ADVICE_REMEDIES_H

#include "sim/advice/change.h"
#include "sim/advice/diagnosis.h"
#include "sim/advice/doctor_request.h"
#include "sim/census.h"
#include "sim/split.h"

struct remedy {
    char *name; /* owned; NULL: the change's own */
    struct changes change;
};

struct remedies {
    struct remedy *list; /* owned */
    size_t count, room;
    struct change_patterns patterns;
    struct split_rule split; /* keys that are split, in a reading of its own; none: count 0 */
};

/* What they are chosen by. */
struct remedies_from {
    const struct doctor_request *request;
    const struct run *first;           /* the first reading: result 0 is the server as it is */
    const struct census_look *onset;   /* of the first refusal, or eviction */
    const struct diagnosis *diagnosis; /* its ttls */
    bool is_long;                      /* fewer of them */
};

/* Whether maxmemory-samples matters to it. */
bool policy_draws_samples(const struct policy *policy);
void remedies_choose(struct remedies *remedies, const struct remedies_from *from);
/* Whether two can be made together: they change different things. */
bool remedies_differ(const struct changes *one, const struct changes *other);
void remedies_release(struct remedies *remedies);

#endif

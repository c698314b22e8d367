/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redis_policy: what a Redis server knows of a policy of its own, a value of maxmemory-policy.
 *
 * A server keeps 24 bits for each key (the field lru of an object), whatever its policy is. A change of
 * maxmemory-policy leaves them as they are and gives them another meaning; and the pool of candidates and the turn
 * of the databases live on. So a scenario that changes the policy needs to know what each of them uses. */
#ifndef SIM_REDIS_POLICY_H
#define SIM_REDIS_POLICY_H

#include "sim/policy.h"

#include <stdbool.h>

/* What those 24 bits are under the policy: they are the first four bytes of its entry. */
enum lru_field {
    LRU_FIELD_UNREAD,  /* it does not look at them; the server keeps the LRU clock there all the same */
    LRU_FIELD_CLOCK,   /* the LRU clock of the last access */
    LRU_FIELD_COUNTER, /* 16 bits of minutes above 8 of a counter: LFU */
};

/* What context->state is. */
enum server_state {
    SERVER_STATE_NONE, /* nothing of the server's: it ends with the policy */
    SERVER_STATE_POOL, /* the pool of candidates (policies/pool.h) */
    SERVER_STATE_TURN, /* which database is next */
    SERVER_STATES
};

struct redis_policy {
    enum lru_field lru_field;
    enum server_state state;
    bool private_integers;  /* it needs an object for every value: small integers are not shared */
    bool notes_every_write; /* it is told of writes even while uses are not noted: a child saves, or the client has said
                               CLIENT NO-TOUCH. LRM, which servers have since Redis 8.6 */
};

/* The same for any policy. A policy that Redis does not have needs an object for every value, too: a server would
 * keep there what the policy knows of the key. */
static inline struct redis_policy redis_policy_of(const struct policy *policy)
{
    return policy->redis ? *policy->redis : (struct redis_policy){.private_integers = true};
}

#endif

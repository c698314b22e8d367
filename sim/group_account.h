/* SPDX-License-Identifier: GPL-3.0-or-later */
/* group_account: what each group of keys (--by) was asked for, holds and loses, in one cell. A model calls these where it counts for the whole. The sums over
 * all groups are the whole.
 *
 * The group at hand is that of the command that runs: of its first key. It is the one for whose sake keys are evicted, and whose command is refused. */
#ifndef SIM_GROUP_ACCOUNT_H
#define SIM_GROUP_ACCOUNT_H

#include "sim/absence.h"
#include "sim/group_curves.h"
#include "sim/input/groups.h"

#include <stdbool.h>
#include <stdint.h>

struct group_account {
    const struct key_groups *groups;
    struct group *list; /* by group; without names; GROUPS_MOST of them, owned */
    /* [for whom][whose]; a row is NULL as long as nothing was evicted for that group: most of 1,024 groups are not there,
     * and a square of them is 8 MB. Owned. */
    uint64_t *evicted_for[GROUPS_MOST];
    struct group *before; /* both as they were when the warm-up ended; NULL: there is none, or it goes on; owned */
    uint64_t *evicted_before[GROUPS_MOST];
    unsigned at_hand;
    uint32_t key_at_hand; /* of the command that runs, or NO_KEY: nearly all that is told is of that one */
    unsigned count;       /* groups that have been met are below it: the reader may know of more */
    struct group_curves curves;
};

/* NULL without groups. To be freed. */
struct group_account *group_account_new(const struct key_groups *groups);
void group_account_free(struct group_account *account); /* NULL is fine */

static inline unsigned group_meet(struct group_account *account, uint32_t id)
{
    unsigned group;

    if (__builtin_expect(id == account->key_at_hand, 1))
        return account->at_hand;
    group = key_group_of(account->groups, id);
    account->count = group < account->count ? account->count : group + 1;
    return group;
}

static inline struct group *group_of_key(struct group_account *account, uint32_t id)
{
    return &account->list[group_meet(account, id)];
}

/* A command begins with this key, or NO_KEY: from now on that group is at hand. */
static inline void group_command(struct group_account *account, uint32_t id)
{
    account->at_hand = group_meet(account, id);
    account->key_at_hand = id;
    account->list[account->at_hand].requests++;
}

/* No command runs. */
static inline void group_no_command(struct group_account *account)
{
    account->at_hand = GROUP_NO_KEY;
    account->key_at_hand = NO_KEY;
}

/* Of a key that a coming command names. Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void group_prefetch(const struct group_account *account, uint32_t id)
{
    __builtin_prefetch(key_group_place(account->groups, id));
}

static inline void group_read(struct group_account *account, uint32_t id, bool found)
{
    struct group *group = group_of_key(account, id);

    group->reads++;
    group->hits += found;
    group->misses += !found;
}

/* The cause of a miss. `is_expired`: it was evicted, and would have expired by now. */
static inline void group_missed(struct group_account *account, uint32_t id, struct absence absence, bool is_expired)
{
    struct group *group = group_of_key(account, id);

    absence_count(absence, group, offsetof(struct group, misses_cold));
    group->misses_evicted_expired += is_expired;
}

static inline void group_refused(struct group_account *account)
{
    account->list[account->at_hand].oom_rejections++;
}

/* The first key is evicted for the group at hand. */
void group_begins_to_evict(struct group_account *account);

static inline void group_evicted(struct group_account *account, uint32_t id)
{
    unsigned whose = group_meet(account, id);

    account->list[whose].evicted_keys++;
    if (__builtin_expect(!account->evicted_for[account->at_hand], 0))
        group_begins_to_evict(account);
    account->evicted_for[account->at_hand][whose]++;
}

/* The warm-up (warmup.h) ends: the result leaves out what was counted so far, the curves do not. */
void group_account_begin(struct group_account *account);

/* A sample was taken at time_us, and added to the curve. NULL is fine. */
void group_account_sample(struct group_account *account, const struct curve *curve, int64_t time_us);

/* Fills the result's groups, those in which something happened; who evicted whom; and their curves, beside that of the
 * result, which is there. NULL is fine. */
void group_account_finish(struct group_account *account, struct result *result);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/group_account.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

struct group_account *group_account_new(const struct key_groups *groups)
{
    struct group_account *account;

    if (!groups)
        return NULL;
    account = xcalloc(1, sizeof *account);
    account->groups = groups;
    account->key_at_hand = NO_KEY; /* whose group is GROUP_NO_KEY, the first */
    account->count = 1;
    account->list = xcalloc(GROUPS_MOST, sizeof *account->list);
    return account;
}

void group_account_free(struct group_account *account)
{
    if (!account)
        return;
    for (unsigned by = 0; by < GROUPS_MOST; by++) {
        free(account->evicted_for[by]);
        free(account->evicted_before[by]);
    }
    free(account->list);
    free(account->before);
    group_curves_release(&account->curves);
    free(account);
}

void group_begins_to_evict(struct group_account *account)
{
    account->evicted_for[account->at_hand] = xcalloc(GROUPS_MOST, sizeof **account->evicted_for);
}

void group_account_begin(struct group_account *account)
{
    account->before = xmalloc(GROUPS_MOST * sizeof *account->before);
    memcpy(account->before, account->list, GROUPS_MOST * sizeof *account->before);
    for (unsigned by = 0; by < GROUPS_MOST; by++)
        if (account->evicted_for[by]) {
            account->evicted_before[by] = xmalloc(GROUPS_MOST * sizeof **account->evicted_before);
            memcpy(account->evicted_before[by], account->evicted_for[by],
                   GROUPS_MOST * sizeof **account->evicted_before);
        }
}

/* What the group did, but for the warm-up; what it holds is that at the end. */
static struct group after_warmup(const struct group_account *account, unsigned place)
{
    struct group group = account->list[place];

    if (!account->before)
        return group;
#define LEAVE_OUT_TEXT(name)
#define LEAVE_OUT_VALUE(type, name) group.name -= account->before[place].name;
#define LEAVE_OUT(kind, ...)        LEAVE_OUT_##kind(__VA_ARGS__)
    GROUP_FIELDS(LEAVE_OUT)
#undef LEAVE_OUT
#undef LEAVE_OUT_VALUE
#undef LEAVE_OUT_TEXT
    group.keys = account->list[place].keys;
    group.expires = account->list[place].expires;
    group.bytes = account->list[place].bytes;
    return group;
}

static uint64_t evicted_after_warmup(const struct group_account *account, unsigned by, unsigned of)
{
    const uint64_t *all = account->evicted_for[by], *before = account->evicted_before[by];

    return all ? all[of] - (before ? before[of] : 0) : 0;
}

static bool is_idle(const struct group *group)
{
    static const struct group none = {0};

    return !memcmp(group, &none, sizeof none);
}

static void add_evictions(const struct group_account *account, const unsigned *place, struct result *result)
{
    uint32_t count = account->groups->count;

    for (int pass = 0; pass < 2; pass++) {
        size_t found = 0;

        for (unsigned by = 0; by < count; by++)
            for (unsigned of = 0; of < count; of++) {
                uint64_t keys = evicted_after_warmup(account, by, of);

                if (keys && pass)
                    result->evicted_for[found] = (struct group_eviction){place[by], place[of], keys};
                found += keys != 0;
            }
        result->evicted_for_count = found;
        if (!pass && found)
            result->evicted_for = xcalloc(found, sizeof *result->evicted_for);
    }
}

void group_account_sample(struct group_account *account, const struct curve *curve, int64_t time_us)
{
    if (account)
        group_curves_add(&account->curves, curve, time_us, account->list, account->count);
}

void group_account_finish(struct group_account *account, struct result *result)
{
    unsigned place[GROUPS_MOST] = {0};
    int64_t end_us;

    if (!account)
        return;
    result->groups = xcalloc(account->groups->count, sizeof *result->groups);
    for (unsigned i = 0; i < account->groups->count; i++) {
        /* one that is idle may have evicted, as no command does */
        if (is_idle(&account->list[i]) && !account->evicted_for[i])
            continue;
        place[i] = (unsigned)result->group_count;
        result->groups[result->group_count] = after_warmup(account, i);
        result->groups[result->group_count++].name = xstrdup(account->groups->names[i]);
    }
    add_evictions(account, place, result);
    if (!result->curve.count)
        return;
    end_us = result->curve.samples[result->curve.count - 1].time_us;
    group_curves_drop_from(&account->curves, end_us);
    group_account_sample(account, &result->curve, end_us);
    group_curves_finish(&account->curves, account->groups->names, result);
}

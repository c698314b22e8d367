/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_lirs_policies: lirs, lirs2, frd and clock-pro against naive twins. The twins of lirs and frd have no stack and no
 * queue: a key knows its last use, and the rest is found by searching all keys. That of lirs2 has an array for a stack. The twin of clock-pro is a clock, an array in list order
 * with hands that walk over it.
 *
 * Random reads, writes of other sizes, deletions and expirations run in a flat cache and in a Redis server. The twin
 * gets the same calls as the policy, and every victim is compared. EVSIM_TEST_STEPS sets the number of requests. */
#include "policies/registry.h"
#include "sim/hooks.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 200 };

struct twin {
    void (*reset)(void);
    void (*arriving)(uint32_t id, uint64_t bytes);
    void (*added)(uint32_t id, uint64_t bytes);
    void (*used)(uint32_t id);
    void (*resized)(uint32_t id, uint64_t bytes);
    void (*removed)(uint32_t id);
    void (*evicted)(uint32_t id);
    uint32_t (*victim)(void);
    uint32_t (*surplus)(void);
};

static const struct policy *real;
static const struct twin *twin;
static const struct policy_context *watched_context;
static uint64_t victims, surpluses;

static double parameter(int i)
{
    return watched_context->parameters[i];
}

static double capacity(uint64_t held)
{
    return (double)policy_capacity(watched_context, held);
}

/* ---- lirs ---- */

enum { HIR_SHARE, HIR_KEYS, STACK_LIMIT, LIRS_REPEATS, STRICT };
enum rank { UNKNOWN, LIR, HIR, GHOST };

static struct {
    struct lirs_key {
        enum rank rank;
        bool is_stacked;
        uint64_t used, queued, evicted; /* when */
        uint64_t bytes;
    } keys[KEYS];
    uint64_t now, expected, promoted, returned, forgotten;
} lirs;

static void lirs_reset(void)
{
    memset(&lirs, 0, sizeof lirs);
}

static uint64_t bytes_of(enum rank rank)
{
    uint64_t bytes = 0;

    for (uint32_t id = 0; id < KEYS; id++)
        if (lirs.keys[id].rank == rank)
            bytes += lirs.keys[id].bytes;
    return bytes;
}

static uint64_t lirs_held(void)
{
    return bytes_of(LIR) + bytes_of(HIR);
}

static uint64_t lir_share(void)
{
    double all = capacity(lirs_held()), hir = all * parameter(HIR_SHARE);
    uint32_t keys = 0;

    for (uint32_t id = 0; id < KEYS; id++)
        keys += lirs.keys[id].rank == LIR || lirs.keys[id].rank == HIR;
    if (keys && hir < (double)lirs_held() / keys * parameter(HIR_KEYS))
        hir = (double)lirs_held() / keys * parameter(HIR_KEYS);
    return hir < all ? (uint64_t)all - (uint64_t)hir : 0;
}

/* The key of that rank with the least of what `when` points to (offset in struct lirs_key). */
static uint32_t oldest_of(enum rank rank, size_t when)
{
    uint32_t oldest = NO_KEY;
    uint64_t least = UINT64_MAX;

    for (uint32_t id = 0; id < KEYS; id++) {
        uint64_t at = *(const uint64_t *)(const void *)((const char *)&lirs.keys[id] + when);

        if (lirs.keys[id].rank == rank && at < least) {
            least = at;
            oldest = id;
        }
    }
    return oldest;
}

static uint32_t bottom(void)
{
    return oldest_of(LIR, offsetof(struct lirs_key, used));
}

static bool is_top(uint32_t id)
{
    for (uint32_t other = 0; other < KEYS; other++)
        if (lirs.keys[other].is_stacked && lirs.keys[other].used > lirs.keys[id].used)
            return false;
    return lirs.keys[id].is_stacked;
}

static void unstack(uint32_t id)
{
    lirs.keys[id].is_stacked = false;
    if (lirs.keys[id].rank == GHOST)
        lirs.keys[id].rank = UNKNOWN;
}

/* Only what was used after the bottom is in the stack. */
static void prune(void)
{
    uint32_t id = bottom();

    for (uint32_t other = 0; other < KEYS; other++)
        if (lirs.keys[other].is_stacked && (id == NO_KEY || lirs.keys[other].used < lirs.keys[id].used))
            unstack(other);
}

static void demote_bottom(void)
{
    struct lirs_key *key = &lirs.keys[bottom()];

    key->rank = HIR;
    key->is_stacked = false;
    key->queued = ++lirs.now;
    prune();
}

static void fit_lir(uint64_t more)
{
    uint64_t share = lir_share();

    while (bytes_of(LIR) + more > share && bottom() != NO_KEY)
        demote_bottom();
}

static void limit_stack(void)
{
    for (;;) {
        uint32_t ghost = oldest_of(GHOST, offsetof(struct lirs_key, evicted));
        uint64_t bytes = 0;

        for (uint32_t id = 0; id < KEYS; id++)
            bytes += lirs.keys[id].is_stacked ? lirs.keys[id].bytes : 0;
        if (ghost == NO_KEY || (double)bytes <= capacity(lirs_held()) * parameter(STACK_LIMIT))
            return;
        lirs.forgotten++;
        unstack(ghost);
    }
}

static void lirs_arriving(uint32_t id, uint64_t bytes)
{
    struct lirs_key *key = &lirs.keys[id];

    lirs.expected = 0;
    if (!parameter(STRICT))
        return;
    if (key->rank == GHOST) {
        key->used = ++lirs.now;
        fit_lir(key->bytes);
    } else if (bytes_of(LIR) + bytes > lir_share()) {
        lirs.expected = bytes;
    }
}

static void lirs_added(uint32_t id, uint64_t bytes)
{
    struct lirs_key *key = &lirs.keys[id];
    bool returns = key->rank == GHOST;

    lirs.expected = 0;
    lirs.returned += returns;
    *key = (struct lirs_key){.rank = LIR, .is_stacked = true, .used = ++lirs.now, .bytes = bytes};
    if (returns) {
        fit_lir(0);
    } else if (bytes_of(LIR) > lir_share()) {
        key->rank = HIR;
        key->queued = ++lirs.now;
    }
    prune();
    limit_stack();
}

static void lirs_used(uint32_t id)
{
    struct lirs_key *key = &lirs.keys[id];
    bool was_stacked = key->is_stacked;

    lirs.expected = 0;
    if (is_top(id) && !parameter(LIRS_REPEATS))
        return;
    key->used = ++lirs.now;
    key->is_stacked = true;
    if (key->rank == HIR && was_stacked) {
        key->rank = LIR;
        lirs.promoted++;
        fit_lir(0);
    } else if (key->rank == HIR) {
        key->queued = ++lirs.now;
        if (parameter(STRICT))
            fit_lir(key->bytes);
    }
    prune();
    limit_stack();
}

static void lirs_resized(uint32_t id, uint64_t bytes)
{
    lirs.keys[id].bytes = bytes;
}

static void lirs_removed(uint32_t id)
{
    lirs.keys[id].rank = UNKNOWN;
    lirs.keys[id].is_stacked = false;
    prune();
}

static void lirs_evicted(uint32_t id)
{
    lirs.keys[id].rank = lirs.keys[id].is_stacked ? GHOST : UNKNOWN;
    lirs.keys[id].evicted = ++lirs.now;
}

static uint32_t lirs_victim(void)
{
    uint32_t id;

    fit_lir(0);
    id = oldest_of(HIR, offsetof(struct lirs_key, queued));
    if (id == NO_KEY && bottom() != NO_KEY) {
        id = bottom();
        demote_bottom();
    }
    return id;
}

static uint32_t lirs_surplus(void)
{
    if (!parameter(STRICT) || (double)(bytes_of(HIR) + lirs.expected + lir_share()) <= capacity(lirs_held()))
        return NO_KEY;
    return oldest_of(HIR, offsetof(struct lirs_key, queued));
}

static const struct twin twin_of_lirs = {
    lirs_reset,   lirs_arriving, lirs_added,  lirs_used,    lirs_resized,
    lirs_removed, lirs_evicted,  lirs_victim, lirs_surplus,
};

/* ---- lirs2 ---- */

enum { SECOND_HIR_SHARE, SECOND_HIR_KEYS, SECOND_STACK_LIMIT };

static struct {
    struct second_place {
        uint32_t id;
        bool is_last; /* use of the key; else the one before */
        bool is_passed;
    } stack[2 * KEYS]; /* from the bottom to the top */
    int count;
    struct second_key {
        enum rank rank;
        bool was_used_once;
        uint64_t queued; /* when */
        uint64_t bytes;
    } keys[KEYS];
    uint32_t bottom_id; /* the bottom as the hand knows it */
    uint32_t used;
    uint64_t now, promoted, returned, limited;
} second;

static void second_reset(void)
{
    memset(&second, 0, sizeof second);
    second.used = second.bottom_id = NO_KEY;
}

static uint64_t second_sum(enum rank rank)
{
    uint64_t bytes = 0;

    for (uint32_t id = 0; id < KEYS; id++)
        if (second.keys[id].rank == rank)
            bytes += second.keys[id].bytes;
    return bytes;
}

static double second_lir_share(void)
{
    double all = capacity(second_sum(LIR) + second_sum(HIR)), hir = all * parameter(SECOND_HIR_SHARE), keys = 0;

    for (uint32_t id = 0; id < KEYS; id++)
        keys += second.keys[id].rank == LIR || second.keys[id].rank == HIR;
    if (keys > 0 && hir < (double)(second_sum(LIR) + second_sum(HIR)) / keys * parameter(SECOND_HIR_KEYS))
        hir = (double)(second_sum(LIR) + second_sum(HIR)) / keys * parameter(SECOND_HIR_KEYS);
    return hir < all ? all - floor(hir) : 0;
}

static void second_cut(int place)
{
    memmove(&second.stack[place], &second.stack[place + 1], (size_t)(--second.count - place) * sizeof *second.stack);
}

static int second_find(uint32_t id, bool is_last)
{
    for (int i = 0; i < second.count; i++)
        if (second.stack[i].id == id && second.stack[i].is_last == is_last)
            return i;
    return -1;
}

static void second_prune(void)
{
    uint32_t bottom_id;

    while (second.count && (second.stack[0].is_last || second.keys[second.stack[0].id].rank != LIR))
        second_cut(0);
    bottom_id = second.count ? second.stack[0].id : NO_KEY;
    if (bottom_id != second.bottom_id)
        for (int i = 0; i < second.count; i++)
            second.stack[i].is_passed = false;
    second.bottom_id = bottom_id;
}

static void second_set(uint32_t id, enum rank rank)
{
    second.keys[id].rank = rank;
    second.keys[id].queued = ++second.now;
}

static void second_demote(void)
{
    second_set(second.stack[0].id, HIR);
    second_prune();
}

static void second_fit(void)
{
    while (second_sum(LIR) && (double)second_sum(LIR) > second_lir_share())
        second_demote();
}

/* The lowest place of a key that is not LIR, and that the hand has not passed, goes. */
static void second_limit(void)
{
    for (;;) {
        uint64_t bytes = 0;
        int place = 0;

        for (int i = 0; i < second.count; i++)
            bytes += second.keys[second.stack[i].id].bytes;
        if ((double)bytes <= capacity(second_sum(LIR) + second_sum(HIR)) * parameter(SECOND_STACK_LIMIT))
            return;
        while (place < second.count &&
               (second.stack[place].is_passed || second.keys[second.stack[place].id].rank == LIR))
            place++;
        if (place == second.count)
            return;
        second_cut(place);
        second.limited++;
        for (int i = 0; i < second.count; i++)
            second.stack[i].is_passed = place < second.count && (i < place);
    }
}

static void second_renew(uint32_t id)
{
    struct second_key *key = &second.keys[id];
    int before = second_find(id, false), last;
    bool is_promoted = key->rank != LIR && before >= 0 && !key->was_used_once;

    if (before >= 0)
        second_cut(before);
    last = second_find(id, true);
    if (last >= 0)
        second.stack[last].is_last = false;
    second.stack[second.count++] = (struct second_place){.id = id, .is_last = true};
    key->was_used_once = false;
    second.promoted += is_promoted;
    if (key->rank != LIR)
        second_set(id, is_promoted ? LIR : HIR);
    second_prune();
    second_fit();
}

static void second_used(uint32_t id)
{
    if (second.used == id)
        return;
    second.used = id;
    second_renew(id);
    second_limit();
}

static void second_forget(uint32_t id)
{
    second.keys[id].rank = UNKNOWN;
    for (int is_last = 0; is_last < 2; is_last++)
        if (second_find(id, is_last) >= 0)
            second_cut(second_find(id, is_last));
}

static void second_added(uint32_t id, uint64_t bytes)
{
    bool was_known = second.keys[id].rank == GHOST;
    bool fits = (double)(second_sum(LIR) + bytes) <= second_lir_share();

    if (fits)
        second_forget(id);
    second.keys[id].bytes = bytes;
    second_set(id, fits ? LIR : HIR);
    second.returned += was_known && !fits;
    if (was_known && !fits) {
        second_renew(id);
    } else {
        second.keys[id].was_used_once = true;
        second.stack[second.count++] = (struct second_place){.id = id};
        second.stack[second.count++] = (struct second_place){.id = id, .is_last = true};
        second_prune();
    }
    second.used = id;
    second_limit();
}

static void second_resized(uint32_t id, uint64_t bytes)
{
    second.keys[id].bytes = bytes;
}

static void second_removed(uint32_t id)
{
    second_forget(id);
    if (second.used == id)
        second.used = NO_KEY;
    second_prune();
}

static void second_evicted(uint32_t id)
{
    second.keys[id].rank = GHOST;
}

static uint32_t second_victim(void)
{
    uint32_t oldest = NO_KEY;

    second_fit();
    if (!second_sum(HIR) && second_sum(LIR))
        second_demote();
    for (uint32_t id = 0; id < KEYS; id++)
        if (second.keys[id].rank == HIR && (oldest == NO_KEY || second.keys[id].queued < second.keys[oldest].queued))
            oldest = id;
    return oldest;
}

static const struct twin twin_of_lirs2 = {
    second_reset, NULL, second_added, second_used, second_resized, second_removed, second_evicted, second_victim, NULL,
};

/* ---- frd ---- */

enum { FILTER_SHARE };
enum frd_home { FRD_NOWHERE, FILTER, MAIN, FRD_GHOST };

static struct {
    struct frd_key {
        enum frd_home home;
        bool is_stacked, returns;
        uint64_t used; /* when */
        uint64_t bytes;
    } keys[KEYS];
    uint64_t now, expected, returned, from_main, from_filter, cut;
    bool main_was_full, has_evicted;
} frd;

static void frd_reset(void)
{
    memset(&frd, 0, sizeof frd);
}

static uint64_t frd_sum(enum frd_home home)
{
    uint64_t bytes = 0;

    for (uint32_t id = 0; id < KEYS; id++)
        if (frd.keys[id].home == home)
            bytes += frd.keys[id].bytes;
    return bytes;
}

static uint32_t frd_oldest(enum frd_home home)
{
    uint32_t oldest = NO_KEY;

    for (uint32_t id = 0; id < KEYS; id++)
        if (frd.keys[id].home == home && (oldest == NO_KEY || frd.keys[id].used < frd.keys[oldest].used))
            oldest = id;
    return oldest;
}

static uint64_t frd_main_share(void)
{
    return (uint64_t)(capacity(frd_sum(MAIN) + frd_sum(FILTER)) * (1 - parameter(FILTER_SHARE)));
}

static void frd_cut(void)
{
    uint32_t bottom_of_main = frd_oldest(MAIN);

    for (uint32_t id = 0; id < KEYS; id++) {
        struct frd_key *key = &frd.keys[id];

        if (!key->is_stacked || (bottom_of_main != NO_KEY && key->used >= frd.keys[bottom_of_main].used))
            continue;
        frd.cut++;
        key->is_stacked = false;
        if (key->home == FRD_GHOST)
            key->home = FRD_NOWHERE;
    }
}

static void frd_arriving(uint32_t id, uint64_t bytes)
{
    frd.keys[id].returns = frd.keys[id].home == FRD_GHOST;
    frd.expected = frd.keys[id].returns ? bytes : 0;
}

static void frd_added(uint32_t id, uint64_t bytes)
{
    struct frd_key *key = &frd.keys[id];
    bool returns = key->returns || key->home == FRD_GHOST;

    frd.expected = 0;
    frd.returned += returns;
    if (frd_sum(MAIN) + bytes > frd_main_share())
        frd.main_was_full = true;
    *key = (struct frd_key){.home = returns || !frd.main_was_full ? MAIN : FILTER, .used = ++frd.now, .bytes = bytes};
    key->is_stacked = key->home == MAIN || frd.has_evicted;
}

static void frd_used(uint32_t id)
{
    frd.expected = 0;
    frd.keys[id].used = ++frd.now;
    frd.keys[id].is_stacked = true;
    frd_cut();
}

static void frd_resized(uint32_t id, uint64_t bytes)
{
    frd.keys[id].bytes = bytes;
}

static void frd_removed(uint32_t id)
{
    frd.keys[id].home = FRD_NOWHERE;
    frd.keys[id].is_stacked = false;
    frd_cut();
}

static void frd_evicted(uint32_t id)
{
    if (frd.keys[id].home == MAIN || !frd.keys[id].is_stacked) {
        frd_removed(id);
        return;
    }
    frd.keys[id].home = FRD_GHOST;
    frd_cut();
}

static uint32_t frd_victim(void)
{
    frd.has_evicted = true;
    frd_cut();
    if (frd_oldest(MAIN) != NO_KEY &&
        (frd_sum(MAIN) + frd.expected > frd_main_share() || frd_oldest(FILTER) == NO_KEY)) {
        frd.from_main++;
        return frd_oldest(MAIN);
    }
    frd.from_filter++;
    return frd_oldest(FILTER);
}

static const struct twin twin_of_frd = {
    frd_reset, frd_arriving, frd_added, frd_used, frd_resized, frd_removed, frd_evicted, frd_victim, NULL,
};

/* ---- clock-pro ---- */

enum { COLD_LEAST, COLD_MOST, COLD_KEYS, GHOST_SHARE, CLOCK_REPEATS };
enum { TAIL }; /* place of the oldest */

struct page {
    uint32_t id;
    bool is_hot, is_resident, is_used, is_in_test;
    uint64_t bytes;
};

static struct {
    struct page pages[KEYS]; /* from the tail of the list to its head */
    uint32_t count;
    double cold_target;
    uint32_t last;
    uint64_t promoted, returned, rejected, expired;
} pro;

static void pro_reset(void)
{
    memset(&pro, 0, sizeof pro);
    pro.last = NO_KEY;
}

static struct page *page_of(uint32_t id)
{
    for (uint32_t i = 0; i < pro.count; i++)
        if (pro.pages[i].id == id)
            return &pro.pages[i];
    return NULL;
}

static void take_out(struct page *page)
{
    pro.count--;
    memmove(page, page + 1, (size_t)(&pro.pages[pro.count] - page) * sizeof *page);
}

static void put_at_head(struct page page)
{
    pro.pages[pro.count++] = page;
}

static uint64_t sum(bool hot, bool resident)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < pro.count; i++)
        if (pro.pages[i].is_hot == hot && pro.pages[i].is_resident == resident)
            bytes += pro.pages[i].bytes;
    return bytes;
}

static uint64_t pro_held(void)
{
    return sum(true, true) + sum(false, true);
}

static double cold_least(void)
{
    double least = capacity(pro_held()) * parameter(COLD_LEAST);
    uint32_t keys = 0;

    for (uint32_t i = 0; i < pro.count; i++)
        keys += pro.pages[i].is_resident;
    if (keys && least < (double)pro_held() / keys * parameter(COLD_KEYS))
        least = (double)pro_held() / keys * parameter(COLD_KEYS);
    return least < capacity(pro_held()) ? (double)(uint64_t)least : capacity(pro_held());
}

static double hot_share(void)
{
    double most = (double)(uint64_t)(capacity(pro_held()) * parameter(COLD_MOST));

    if (pro.cold_target > most)
        pro.cold_target = most;
    if (pro.cold_target < cold_least())
        pro.cold_target = cold_least();
    return capacity(pro_held()) - pro.cold_target;
}

static void adapt(double bytes)
{
    pro.cold_target = pro.cold_target + bytes < 0 ? 0 : pro.cold_target + bytes;
    hot_share();
}

/* The page leaves the list if it is a ghost: true. */
static bool end_test(uint32_t place)
{
    struct page page = pro.pages[place];

    if (!page.is_in_test)
        return false;
    pro.pages[place].is_in_test = false;
    if (!page.is_resident)
        take_out(&pro.pages[place]);
    pro.expired++;
    adapt(page.is_used ? (double)page.bytes : -(double)page.bytes);
    return !page.is_resident;
}

/* Where the first hot page is; tests end on the way. No hot page: the head, and no test ends. */
static uint32_t hand_hot(void)
{
    uint32_t place = TAIL, hot = 0;

    while (hot < pro.count && !pro.pages[hot].is_hot)
        hot++;
    if (hot == pro.count)
        return hot;
    while (!pro.pages[place].is_hot)
        place += !end_test(place);
    return place;
}

static void run_hand_hot(void)
{
    uint32_t place = hand_hot();
    struct page page = pro.pages[place];

    take_out(&pro.pages[place]);
    page.is_hot = page.is_used;
    page.is_used = false;
    put_at_head(page);
    hand_hot();
}

/* A page in test, not hot yet, that was used: whether HAND_hot finds room for it before it gets there. */
static bool passes_test(uint32_t id)
{
    page_of(id)->is_in_test = false;
    adapt((double)page_of(id)->bytes);
    while ((double)(sum(true, true) + page_of(id)->bytes) > hot_share()) {
        uint32_t hot = 0;

        while (hot < pro.count && !pro.pages[hot].is_hot)
            hot++;
        if (hot == pro.count || &pro.pages[hot] > page_of(id)) {
            pro.rejected++;
            return false;
        }
        run_hand_hot();
    }
    return true;
}

static void pro_added(uint32_t id, uint64_t bytes)
{
    struct page page = {.id = id, .is_resident = true, .bytes = bytes};

    page.is_hot = (double)(pro_held() + bytes) + cold_least() <= capacity(pro_held());
    if (!page.is_hot && page_of(id)) {
        page.is_hot = passes_test(id);
        pro.returned += page.is_hot;
    }
    page.is_in_test = !page.is_hot;
    if (page_of(id))
        take_out(page_of(id));
    put_at_head(page);
    hand_hot();
    pro.last = id;
}

static void pro_used(uint32_t id)
{
    page_of(id)->is_used |= id != pro.last || parameter(CLOCK_REPEATS);
    pro.last = id;
}

static void pro_resized(uint32_t id, uint64_t bytes)
{
    page_of(id)->bytes = bytes;
}

static void pro_removed(uint32_t id)
{
    take_out(page_of(id));
    hand_hot();
}

static void pro_evicted(uint32_t id)
{
    page_of(id)->is_resident = false;
    if (!page_of(id)->is_in_test) {
        take_out(page_of(id));
        return;
    }
    while ((double)sum(false, false) > capacity(pro_held()) * parameter(GHOST_SHARE)) {
        uint32_t place = TAIL; /* HAND_test */

        while (!pro.pages[place].is_in_test)
            place++;
        end_test(place);
    }
}

static uint32_t pro_victim(void)
{
    for (;;) {
        uint32_t place = TAIL; /* HAND_cold */
        struct page page;

        while (place < pro.count && (pro.pages[place].is_hot || !pro.pages[place].is_resident))
            place++;
        if (place == pro.count && hand_hot() == pro.count)
            return NO_KEY;
        if (place == pro.count) {
            run_hand_hot();
            continue;
        }
        if (!pro.pages[place].is_used)
            return pro.pages[place].id;
        page = pro.pages[place];
        page.is_used = false;
        page.is_hot = page.is_in_test && passes_test(page.id);
        pro.promoted += page.is_hot;
        page.is_in_test = !page.is_hot;
        take_out(page_of(page.id));
        put_at_head(page);
    }
}

static const struct twin twin_of_clock_pro = {
    pro_reset, NULL, pro_added, pro_used, pro_resized, pro_removed, pro_evicted, pro_victim, NULL,
};

/* ---- the policy under test, watched ---- */

static void arriving(struct policy_context *context, uint32_t id)
{
    watched_context = context;
    if (twin->arriving)
        twin->arriving(id, context->arriving_bytes);
    policy_call(context, real->arriving, id);
}

static void added(struct policy_context *context, uint32_t id)
{
    twin->added(id, policy_size(context, id));
    real->added(context, id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    twin->used(id);
    real->read(context, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    twin->resized(id, policy_size(context, id));
    twin->used(id);
    real->written(context, id);
}

static void retimed(struct policy_context *context, uint32_t id)
{
    twin->resized(id, policy_size(context, id));
    real->retimed(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    twin->removed(id);
    real->removed(context, id);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    twin->evicted(id);
    real->evicted(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    uint32_t expected = twin->victim();

    assert_int_equal(real->victim(context), expected);
    victims++;
    return expected;
}

static uint32_t surplus(struct policy_context *context)
{
    uint32_t expected = twin->surplus();

    assert_int_equal(real->surplus(context), expected);
    surpluses += expected != NO_KEY;
    return expected;
}

static struct policy watched(const struct policy_parameter *parameters)
{
    struct policy policy = *real;

    policy.parameters = parameters ? parameters : policy.parameters;
    policy.arriving = arriving;
    policy.added = added;
    policy.read = read_key;
    policy.written = written;
    policy.retimed = retimed;
    policy.removed = removed;
    policy.evicted = evicted;
    policy.victim = victim;
    policy.surplus = real->surplus ? surplus : NULL;
    return policy;
}

/* ---- traffic ---- */

static int steps(void)
{
    const char *text = getenv("EVSIM_TEST_STEPS");

    return text ? atoi(text) : 100000;
}

static bool often(uint64_t count)
{
    return count > (uint64_t)steps() / 2000;
}

static void send(struct cell *cell, struct random *random)
{
    static const enum op ops[] = {OP_GET, OP_GET, OP_GET, OP_GET, OP_GET, OP_GET, OP_SET, OP_APPEND, OP_EXPIRE, OP_DEL};
    uint32_t id = (uint32_t)random_below(random, 1 + random_below(random, KEYS));
    struct row row = {.op = ops[random_below(random, 10)], .id = id, .key_len = 4};

    row.value_len = row.op == OP_APPEND ? 1 + (uint32_t)random_below(random, 20) : 1 + id * 37 % 400;
    if (row.op == OP_EXPIRE) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = 1000 + (int64_t)random_below(random, 20000);
    }
    cell_do(cell, row);
    cell->now_us += (int64_t)random_below(random, 50000);
}

static void run(const char *server, uint64_t maxmemory, const struct policy *policy)
{
    struct random random = random_stream(random_seed());
    struct cell *cell = cell_open((struct cell_setup){
        .server = server,
        .wrapped = policy,
        .maxmemory = maxmemory,
        .seed = 7,
        .options = {.fill = true, .interval_us = INT64_C(1) << 60},
    });

    twin->reset();
    victims = surpluses = 0;
    for (int i = 0; i < steps(); i++)
        send(cell, &random);
    print_message("%s, %s: %lu victims, %lu beyond need\n", server, policy->name, victims, surpluses);
    assert_true(victims + surpluses > (uint64_t)steps() / 20);
    cell_finish(cell, NULL);
    cell_close(cell);
}

/* In a small flat cache, in a larger one, and in a server. */
static void compare(const char *name, const struct twin *with, const struct policy_parameter *parameters)
{
    struct policy policy;

    printf("seed %lu\n", random_seed());
    real = policy_find(name);
    twin = with;
    policy = watched(parameters);
    run("flat", 3000, &policy);
    run("flat", 10000, &policy);
    run("redis-7.0.15", 1020000, &policy);
}

static void lirs_evicts_what_a_search_of_all_keys_would(void **state)
{
    (void)state;
    compare("lirs", &twin_of_lirs, NULL);
    assert_true(often(lirs.promoted) && often(lirs.returned));
}

static void so_it_does_with_a_larger_queue_and_a_limited_stack(void **state)
{
    static const struct policy_parameter parameters[] = {
        {.name = "hir", .initial = 0.2, .most = 1},    {.name = "hir-keys", .initial = 1, .most = 10},
        {.name = "stack", .initial = 1.2, .most = 10}, {.name = "repeats", .initial = 1, .most = 1},
        {.name = "strict", .initial = 0, .most = 1},   {0},
    };

    (void)state;
    compare("lirs", &twin_of_lirs, parameters);
    assert_true(often(lirs.promoted) && often(lirs.returned) && often(lirs.forgotten));
}

static void so_it_does_with_strict_shares(void **state)
{
    static const struct policy_parameter parameters[] = {
        {.name = "hir", .initial = 0.15, .most = 1}, {.name = "hir-keys", .initial = 1, .most = 10},
        {.name = "stack", .initial = 2, .most = 10}, {.name = "repeats", .initial = 1, .most = 1},
        {.name = "strict", .initial = 1, .most = 1}, {0},
    };

    (void)state;
    compare("lirs", &twin_of_lirs, parameters);
    assert_true(often(lirs.promoted) && often(lirs.returned) && often(surpluses));
}

static void lirs2_evicts_what_an_array_would(void **state)
{
    static const struct policy_parameter parameters[] = {{.name = "hir", .initial = 0.2, .most = 1},
                                                         {.name = "hir-keys", .initial = 1, .most = 10},
                                                         {.name = "stack", .initial = 2.5, .most = 10},
                                                         {0}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        compare("lirs2", &twin_of_lirs2, i ? parameters : NULL);
        assert_true(often(second.promoted) && often(second.returned));
    }
    assert_true(often(second.limited));
}

static void frd_evicts_what_a_search_of_all_keys_would(void **state)
{
    static const struct policy_parameter parameters[] = {{.name = "filter", .initial = 0.4, .most = 1}, {0}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        compare("frd", &twin_of_frd, i ? parameters : NULL);
        assert_true(often(frd.returned) && often(frd.from_main) && often(frd.from_filter) && often(frd.cut));
    }
}

static void clock_pro_evicts_what_hands_on_a_clock_would(void **state)
{
    (void)state;
    compare("clock-pro", &twin_of_clock_pro, NULL);
    printf("%lu promoted, %lu returned, %lu rejected, %lu tests ended\n", pro.promoted, pro.returned, pro.rejected,
           pro.expired);
    assert_true(often(pro.promoted) && often(pro.returned) && often(pro.rejected) && often(pro.expired));
}

static void so_it_does_with_few_cold_keys_and_ghosts(void **state)
{
    static const struct policy_parameter parameters[] = {
        {.name = "cold", .initial = 0.05, .most = 1},    {.name = "cold-most", .initial = 0.3, .most = 1},
        {.name = "cold-keys", .initial = 1, .most = 10}, {.name = "ghost", .initial = 0.3, .most = 1},
        {.name = "repeats", .initial = 1, .most = 1},    {0},
    };

    (void)state;
    compare("clock-pro", &twin_of_clock_pro, parameters);
    assert_true(often(pro.promoted) && often(pro.returned) && often(pro.expired));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lirs_evicts_what_a_search_of_all_keys_would),
        cmocka_unit_test(so_it_does_with_a_larger_queue_and_a_limited_stack),
        cmocka_unit_test(so_it_does_with_strict_shares),
        cmocka_unit_test(lirs2_evicts_what_an_array_would),
        cmocka_unit_test(frd_evicts_what_a_search_of_all_keys_would),
        cmocka_unit_test(clock_pro_evicts_what_hands_on_a_clock_would),
        cmocka_unit_test(so_it_does_with_few_cold_keys_and_ghosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* distance: curves of lru from stack distances, exact and shards.
 *
 * exact takes every key. shards takes those whose hash is below a threshold, which are a share R of all keys. If a key
 * has d bytes of sampled keys above it in the stack, it has about d / R bytes of all keys above it; its own size is
 * added unscaled, since the key itself is not a sample. With a limit on the number of keys the threshold falls as keys
 * come, and what was counted at a higher rate counts less. A sample has somewhat more or fewer reads than its share,
 * mostly of the hottest keys. With `adjust` the difference is taken to be hits at every size.
 *
 * A key's time of expiry depends on the cache's size: a small cache that had to load the key again has started its ttl
 * again. So a key's ttl is a list of steps: from this size on, that time. A touch merges the steps of all sizes that
 * missed. SET NX counts as SET.
 *
 * Source: Waldspurger, Park, Garthwaite, Ahmad, Efficient MRC construction with SHARDS, FAST 2015. */
#include "sim/alloc.h"
#include "sim/mrc/mrc.h"
#include "sim/mrc/stack.h"
#include "sim/policy.h"
#include "sim/weight.h"

#include <stdlib.h>

/* The key expires at expire_ms in caches from size number `first` on, up to the next step's. */
struct step {
    uint32_t first;
    int64_t expire_ms; /* or NEVER, or GONE: it has expired already */
};

struct life {
    struct step *steps; /* none: the key never expires */
    uint32_t count, room;
};

static const int64_t NEVER = INT64_MAX, GONE = INT64_MIN;

/* The state of one salt. */
struct look {
    struct stack stack;
    double rate;        /* current sampling rate: keys with a hash below it count, each for 1 / rate */
    double share;       /* the share of the keys that is really sampled; depths are scaled by it */
    double *hits;       /* by size, weighted: reads that hit from this size on, less those that hit only below it */
    double reads;       /* sampled reads, weighted */
    struct life *lives; /* by id; allocated when the first ttl comes */
    uint32_t life_capacity;
    uint32_t *sampled; /* only with a limit on their number: a heap of ids, the largest hash first */
    uint32_t sampled_count;
};

struct distance {
    const struct mrc_plan *plan;
    struct look *looks;
};

static uint64_t salt_of(const struct distance *distance, const struct look *look)
{
    return mrc_salt(distance->plan, (unsigned)(look - distance->looks));
}

/* ---- ttls ---- */

static struct life *life_of(struct look *look, uint32_t id)
{
    return id < look->life_capacity && look->lives[id].count ? &look->lives[id] : NULL;
}

static struct life *make_life(struct look *look, uint32_t id)
{
    if (id >= look->life_capacity)
        look->lives = xgrow(look->lives, &look->life_capacity, id + 1, sizeof *look->lives);
    return &look->lives[id];
}

static void add_step(struct life *life, uint32_t first, int64_t expire_ms)
{
    if (life->count && life->steps[life->count - 1].expire_ms == expire_ms)
        return;
    if (life->count == life->room) {
        life->room = life->room * 2 + 2;
        life->steps = xrealloc(life->steps, life->room * sizeof *life->steps);
    }
    life->steps[life->count++] = (struct step){.first = first, .expire_ms = expire_ms};
}

/* Sets the time of expiry at every size. */
static void set_expire(struct look *look, uint32_t id, int64_t expire_ms)
{
    struct life *life;

    if (expire_ms == NEVER && !life_of(look, id))
        return;
    life = make_life(look, id);
    life->count = 0;
    if (expire_ms != NEVER)
        add_step(life, 0, expire_ms);
}

static void count_hits(struct look *look, uint32_t first, uint32_t end)
{
    if (first >= end)
        return;
    look->hits[first] += 1 / look->rate;
    look->hits[end] -= 1 / look->rate;
}

/* Touches the key. Sizes from `first_hit` on hold it unless it has expired there. At the other sizes it is loaded and
 * expires at `load_ms`. Counts the hits if it is a read. */
static void touch_life(const struct distance *distance, struct look *look, uint32_t id, uint32_t first_hit,
                       int64_t now_ms, int64_t load_ms, bool reads)
{
    uint32_t sizes = (uint32_t)distance->plan->size_count;
    struct life *life = life_of(look, id), before;

    if (!life && load_ms == NEVER) {
        if (reads)
            count_hits(look, first_hit, sizes);
        return;
    }
    life = make_life(look, id);
    before = *life;
    if (!before.count)
        add_step(&before, 0, NEVER);
    *life = (struct life){0};
    add_step(life, 0, load_ms);
    for (uint32_t i = 0; i < before.count; i++) {
        const struct step *step = &before.steps[i];
        uint32_t end = i + 1 < before.count ? before.steps[i + 1].first : sizes;
        uint32_t first = step->first > first_hit ? step->first : first_hit;
        bool found = now_ms <= step->expire_ms;

        if (first >= end)
            continue;
        if (reads && found)
            count_hits(look, first, end);
        add_step(life, first, found ? step->expire_ms : load_ms);
    }
    free(before.steps);
    if (life->count == 1 && life->steps[0].expire_ms == NEVER)
        life->count = 0;
}

/* EXPIRE: sets the time at the sizes at which the key has not expired yet. */
static void retime(struct look *look, uint32_t id, int64_t now_ms, int64_t expire_ms)
{
    struct life *life = make_life(look, id);

    if (!life->count)
        add_step(life, 0, NEVER);
    for (uint32_t i = 0; i < life->count; i++)
        life->steps[i].expire_ms = now_ms <= life->steps[i].expire_ms ? expire_ms : GONE;
}

/* ---- the limit on the number of keys ---- */

static void drop_largest(const struct distance *distance, struct look *look)
{
    uint64_t salt = salt_of(distance, look);
    uint32_t dropped = look->sampled[0], last = look->sampled[--look->sampled_count], i = 0;

    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= look->sampled_count)
            break;
        if (child + 1 < look->sampled_count &&
            mrc_draw(look->sampled[child + 1], salt) > mrc_draw(look->sampled[child], salt))
            child++;
        if (mrc_draw(look->sampled[child], salt) <= mrc_draw(last, salt))
            break;
        look->sampled[i] = look->sampled[child];
        i = child;
    }
    look->sampled[i] = last;
    look->rate = look->share = mrc_draw(dropped, salt);
    stack_forget(&look->stack, dropped);
}

/* Adds a key that is new to the sample. */
static void enlist(const struct distance *distance, struct look *look, uint32_t id)
{
    uint64_t salt = salt_of(distance, look);
    uint32_t i = look->sampled_count++;

    for (; i && mrc_draw(look->sampled[(i - 1) / 2], salt) < mrc_draw(id, salt); i = (i - 1) / 2)
        look->sampled[i] = look->sampled[(i - 1) / 2];
    look->sampled[i] = id;
    while (look->sampled_count > distance->plan->most_keys)
        drop_largest(distance, look);
}

/* ---- accesses ---- */

static uint64_t weight_in(const struct distance *distance, const struct look *look, const struct batch *batch,
                          uint32_t row, bool writes)
{
    uint64_t known = stack_weight(&look->stack, batch->id[row]);
    uint32_t weight = weight_of_row(distance->plan->options, batch, row);

    if (distance->plan->unit_sizes)
        return 1;
    if ((known && !writes) || weight == VALUE_UNKNOWN)
        return known;
    return weight ? weight : 1;
}

/* The number of the smallest size that holds an object at this depth; size_count if none does. */
static uint32_t first_size(const struct distance *distance, const struct look *look, uint64_t depth, uint64_t weight)
{
    const struct mrc_plan *plan = distance->plan;
    double scaled = (double)(depth - weight) / look->share + (double)weight;
    size_t low = 0, high = plan->size_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if ((double)plan->sizes[middle] < scaled)
            low = middle + 1;
        else
            high = middle;
    }
    return depth ? (uint32_t)low : (uint32_t)plan->size_count;
}

static int64_t expire_at(const struct batch *batch, uint32_t row, int64_t now_ms)
{
    if (!(batch->flags[row] & REQUEST_TTL))
        return NEVER;
    return request_expire_ms(batch, row, now_ms);
}

/* Handles lookups, loads and writes. Returns false if nothing is loaded because no size is known. */
static bool touch(const struct distance *distance, struct look *look, const struct batch *batch, uint32_t row,
                  struct mrc_access access, int64_t now_ms)
{
    uint32_t id = batch->id[row];
    uint64_t weight = weight_in(distance, look, batch, row, access.writes), before = stack_weight(&look->stack, id);
    uint64_t depth;

    look->reads += access.reads ? 1 / look->rate : 0;
    if (!weight)
        return false;
    depth = stack_touch(&look->stack, id, weight);
    touch_life(distance, look, id, first_size(distance, look, depth, before), now_ms, expire_at(batch, row, now_ms),
               access.reads);
    return true;
}

static void look_at(const struct distance *distance, struct look *look, const struct batch *batch, uint32_t row,
                    int64_t now_ms)
{
    struct mrc_access access = mrc_access_of(batch, row);
    uint32_t id = batch->id[row];
    bool is_new = !stack_weight(&look->stack, id);

    if ((access.reads || access.writes) && !touch(distance, look, batch, row, access, now_ms))
        return;
    if (access.drops_ttl || (access.retimes && (access.reads || access.writes)))
        set_expire(look, id, access.drops_ttl ? NEVER : expire_at(batch, row, now_ms));
    else if (access.retimes && !is_new)
        retime(look, id, now_ms, expire_at(batch, row, now_ms));
    if (access.deletes)
        stack_remove(&look->stack, id);
    else if (is_new && distance->plan->most_keys && stack_weight(&look->stack, id))
        enlist(distance, look, id);
}

/* ---- the functions of the method ---- */

static int init(void *state, const struct mrc_plan *plan, struct error *error)
{
    struct distance *distance = state;

    (void)error;
    distance->plan = plan;
    distance->looks = xcalloc(plan->salts, sizeof *distance->looks);
    for (unsigned i = 0; i < plan->salts; i++) {
        struct look *look = &distance->looks[i];

        stack_init(&look->stack);
        look->rate = plan->rate;
        look->share = mrc_drawn_share(plan, mrc_salt(plan, i));
        look->hits = xcalloc(plan->size_count + 1, sizeof *look->hits);
        if (plan->most_keys)
            look->sampled = xcalloc(plan->most_keys + 1, sizeof *look->sampled);
    }
    return 0;
}

static int feed(void *state, unsigned number, const struct batch *batch, struct error *error)
{
    struct distance *distance = state;
    struct look *look = &distance->looks[number];
    uint64_t salt = salt_of(distance, look);

    (void)error;
    for (uint32_t row = 0; row < batch->count; row++)
        if (batch->id[row] != NO_KEY && (look->rate >= 1 || mrc_draw(batch->id[row], salt) < look->rate))
            look_at(distance, look, batch, row, (distance->plan->options->start_unix_us + batch->time_us[row]) / 1000);
    return 0;
}

static int finish(void *state, uint64_t reads, double *miss_ratios, struct error *error)
{
    struct distance *distance = state;
    const struct mrc_plan *plan = distance->plan;

    (void)error;
    for (unsigned i = 0; i < plan->salts; i++) {
        const struct look *look = &distance->looks[i];
        double missing = plan->adjust ? (double)reads - look->reads : 0, hits = missing;

        for (size_t size = 0; size < plan->size_count; size++) {
            double ratio = 1 - (hits += look->hits[size]) / (look->reads + missing);

            miss_ratios[size * plan->salts + i] = ratio < 0 ? 0 : ratio > 1 ? 1 : ratio;
        }
    }
    return 0;
}

static void release(void *state)
{
    struct distance *distance = state;

    for (unsigned i = 0; distance->looks && i < distance->plan->salts; i++) {
        stack_release(&distance->looks[i].stack);
        free(distance->looks[i].hits);
        free(distance->looks[i].sampled);
        for (uint32_t id = 0; id < distance->looks[i].life_capacity; id++)
            free(distance->looks[i].lives[id].steps);
        free(distance->looks[i].lives);
    }
    free(distance->looks);
}

const struct mrc_method mrc_exact = {
    .name = "exact",
    .summary = "lru, every key, by stack distances",
    .only_lru = true,
    .state_size = sizeof(struct distance),
    .init = init,
    .feed = feed,
    .finish = finish,
    .release = release,
};

const struct mrc_method mrc_shards = {
    .name = "shards",
    .summary = "lru, a sample of the keys, by stack distances",
    .only_lru = true,
    .state_size = sizeof(struct distance),
    .init = init,
    .feed = feed,
    .finish = finish,
    .release = release,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lecar: lru and lfu each name a victim. Which of them is followed is drawn by weights that are learned from regret.
 *
 *     keys ---- victim of lru, with weight w --------> remembered in lru's history (half the capacity)
 *          `--- victim of lfu, with weight 1 - w ----> remembered in lfu's history (half the capacity)
 *
 * A key that comes back and is found in a history was a mistake of that expert. Its weight shrinks by the factor
 * exp(-rate * discount^(t / keys)), where t is the number of requests since the eviction. If both named the same key,
 * neither is blamed. The paper's cache has N equal pages and a discount of 0.005^(1/N); here N is the number of keys in
 * the cache. Among keys that were used equally often, lfu takes the one that has been so for longest. Counts start
 * again when a key comes back.
 *
 * libCacheSim (2024) differs when objects have sizes: its N is the capacity in bytes, so regret hardly fades. It draws
 * hundredths, which gives lru one chance in a hundred even with no weight; here weights have a floor. Its random
 * numbers come from a linear congruential generator. variant=1 does all that, and every count is equal. Without it,
 * miss ratios differ by 0.02 points with unit sizes and by up to 0.4 with real sizes, or 1.7 where the weights tip over
 * (1 GB of CloudPhysics: with other random numbers, half of the runs end near either extreme).
 *
 * Source: Vietri, Rodriguez, Martinez, Lyons, Liu, Rangaswami, Zhao, Narasimhan, Driving cache replacement with
 * ML-based LeCaR, HotStorage 2018. */
#include "policies/frequency_lists.h"
#include "policies/queue.h"
#include "sim/elementary.h"

#include <math.h>
#include <stddef.h>

enum { RATE, DISCOUNT, HISTORY, WEIGHT, FLOOR, VARIANT };
enum expert { LRU, LFU, BOTH };
enum { KEYS = 2, QUEUES }; /* comes after the histories, whose numbers are the experts' */

struct lecar_entry {
    uint32_t place;
    struct frequency_links links;
    uint32_t bytes;
    uint32_t evicted_at;
};

struct state {
    struct queue queues[QUEUES]; /* lru's history, lfu's history, the keys by recency */
    struct frequency_lists frequencies;
    double weight;      /* weight of lru; lfu has the rest */
    enum expert chosen; /* the expert that chose the last victim */
    uint64_t drawn;     /* the last number of the variant's generator */
    uint32_t now;       /* requests so far; it may wrap, as only differences count */
};

static struct queue *keys_of(const struct policy_context *context)
{
    return &((struct state *)context->state)->queues[KEYS];
}

static void enter(struct policy_context *context, struct queue *queue, uint32_t id)
{
    queue_push(context, queue, id);
    queue->bytes += ((struct lecar_entry *)policy_entry(context, id))->bytes;
}

static void leave(struct policy_context *context, struct queue *queue, uint32_t id)
{
    queue->bytes -= ((struct lecar_entry *)policy_entry(context, id))->bytes;
    queue_take(context, queue, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    for (unsigned i = 0; i < QUEUES; i++)
        queue_init(&state->queues[i], i);
    frequency_lists_init(&state->frequencies, offsetof(struct lecar_entry, links));
    state->weight = context->parameters[WEIGHT];
    return 0;
}

static void release(struct policy_context *context)
{
    struct state *state = context->state;

    for (unsigned i = 0; i < QUEUES; i++)
        queue_release(&state->queues[i]);
    frequency_lists_release(&state->frequencies);
}

/* The paper's N. */
static double cache_size(const struct policy_context *context)
{
    if (context->parameters[VARIANT])
        return (double)policy_capacity(context, keys_of(context)->bytes);
    return keys_of(context)->keys + 1;
}

/* The expert's choice, made `age` requests ago, is regretted: its weight shrinks. */
static void blame(struct policy_context *context, enum expert expert, uint32_t age)
{
    struct state *state = context->state;
    const double *parameters = context->parameters;
    double factor = elementary_exp(-parameters[RATE] * elementary_pow(parameters[DISCOUNT], age / cache_size(context)));
    double lru = state->weight * (expert == LRU ? factor : 1);
    double lfu = (1 - state->weight) * (expert == LFU ? factor : 1);

    if (parameters[VARIANT])
        state->weight = (lru + 1e-10) / (lru + lfu + 3e-10);
    else
        state->weight = fmin(fmax(lru / (lru + lfu), parameters[FLOOR]), 1 - parameters[FLOOR]);
}

static void arriving(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    const struct lecar_entry *entry = policy_entry(context, id);

    state->now++;
    for (enum expert expert = LRU; expert <= LFU; expert++) {
        if (!queue_has(context, &state->queues[expert], id))
            continue;
        blame(context, expert, state->now - entry->evicted_at);
        leave(context, &state->queues[expert], id);
        return;
    }
}

/* A key that returns without having been announced, by RENAME for one: its size there was the one that it had. */
static void leave_histories(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    for (enum expert expert = LRU; expert <= LFU; expert++)
        if (queue_has(context, &state->queues[expert], id))
            leave(context, &state->queues[expert], id);
}

static void added(struct policy_context *context, uint32_t id)
{
    leave_histories(context, id);
    ((struct lecar_entry *)policy_entry(context, id))->bytes = (uint32_t)policy_size(context, id);
    enter(context, keys_of(context), id);
    frequency_push(context, &((struct state *)context->state)->frequencies, id, 1);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    state->now++;
    queue_renew(context, keys_of(context), id);
    frequency_use(context, &state->frequencies, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    struct lecar_entry *entry = policy_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    keys_of(context)->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
    read_key(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    leave(context, keys_of(context), id);
    frequency_take(context, &((struct state *)context->state)->frequencies, id);
}

static double draw(const struct policy_context *context)
{
    struct state *state = context->state;

    if (!context->parameters[VARIANT])
        return gsl_rng_uniform(context->rng);
    state->drawn = state->drawn * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(state->drawn % 100) / 100;
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t lru = queue_oldest(context, keys_of(context)), lfu = frequency_oldest(&state->frequencies);

    state->chosen = lru == lfu ? BOTH : draw(context) < state->weight ? LRU : LFU;
    return state->chosen == LFU ? lfu : lru;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct queue *history = &state->queues[state->chosen];
    double most = (double)policy_capacity(context, keys_of(context)->bytes) * context->parameters[HISTORY];

    removed(context, id);
    if (state->chosen == BOTH)
        return;
    ((struct lecar_entry *)policy_entry(context, id))->evicted_at = state->now;
    enter(context, history, id);
    while ((double)history->bytes > most)
        leave(context, history, queue_oldest(context, history));
}

static const struct policy_parameter parameters[] = {
    [RATE] = {"rate", 0.45, 0, 100, "how fast regret moves the weights; 0: they stay"},
    [DISCOUNT] = {"discount", 0.005, 0, 1, "of regret after as many requests as there are keys"},
    [HISTORY] = {"history", 0.5, 0, 10, "bytes of each history, as a share of the capacity"},
    [WEIGHT] = {"weight", 0.5, 0, 1, "of lru at the start; lfu has the rest"},
    [FLOOR] = {"floor", 0.01, 0, 0.5, "least weight of either"},
    [VARIANT] = {"variant", 0, 0, 1, "1: as libCacheSim of 2024 does it"},
    {0},
};

const struct policy policy_lecar = {
    .name = "lecar",
    .summary = "lru or lfu at random; each loses weight for the keys that it evicted too early",
    .source = "Vietri et al., HotStorage 2018",
    .parameters = parameters,
    .libcachesim = "variant=1",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct lecar_entry),
    .init = init,
    .release = release,
    .arriving = arriving,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cacheus: as in lecar, two experts each name a victim and their weights are learned from regret. Here the experts
 * resist scans and churn, and the learning rate adapts.
 *
 *     SR-LRU   new key ---> sr ---- used again ----> r          victim: the oldest of sr
 *                |           ^-- demoted, r is full --'
 *                |           `---> victims are remembered in history (the capacity's worth)
 *                `-- remembered? ------------------> r
 *     CR-LFU   least often used, the newest among equals; counts outlive an eviction as long as history remembers
 *
 * A demoted key that is used again shows that r is too small. A key that comes back after it left sr without a second
 * use shows that sr is. In each case the limit shifts by the key's size times the ratio of the two kinds of keys (at
 * least 1). Besides, each expert has a list of the victims that it alone chose (half the capacity each): when such a
 * key comes back, the expert's weight shrinks by exp(-rate). Every N requests, where N is the number of keys, the rate
 * moves on in the direction that raised the hit ratio. After ten such periods without a rise it starts again at random.
 *
 * libCacheSim (2024) differs in four ways. Its limits never shift, since the marks that would shift them are lost when
 * a key moves. Both limits are half the capacity, and sr evicts at its own limit even if the cache has room. Its N is
 * the capacity in bytes, and its hit ratio is cut to a whole number. Its random numbers come from a linear congruential
 * generator, and the first rate of the nth cache of a run is the nth number. variant=n does all that, and its counts
 * are equal. The paper's algorithm misses 5.4 points less at 1 GB of CloudPhysics, 1.9 less with room for a tenth of
 * the objects, and up to 2.3 more with a tenth of the bytes, where its limits end far apart from seed to seed.
 *
 * Source: Rodriguez, Yusuf, Lyons, Paz, Rangaswami, Liu, Zhao, Narasimhan, Learning cache replacement with CACHEUS,
 * FAST 2021. */
#include "policies/frequency_lists.h"
#include "policies/queue.h"
#include "sim/elementary.h"

#include <math.h>
#include <stddef.h>

enum { SR_SHARE, VARIANT };
enum home { SR, R, HISTORY, HOMES };
enum expert { LRU, LFU, BOTH };
enum { PERIODS_WITHOUT_RISE = 10 };

struct cacheus_entry {
    uint32_t place;        /* place in sr, r or history */
    uint32_t regret_place; /* place in regrets */
    struct frequency_links links;
    uint32_t bytes;
    uint8_t is_new;     /* in sr or history: it was not used a second time since it came in */
    uint8_t is_demoted; /* in sr: it was in r before */
    uint8_t returns;    /* it arrives, and history remembered it */
};

struct state {
    struct queue homes[HOMES];
    struct queue regrets[2]; /* victims that one expert alone chose, by expert */
    struct frequency_lists frequencies;
    double sr_share;         /* part of the capacity; r has the rest */
    uint32_t demoted, fresh; /* demoted keys in sr, new keys in history */
    double weight;           /* weight of lru; lfu has the rest */
    enum expert chosen;      /* the expert that chose the last victim */
    uint32_t coming;         /* the key that arrives, or NO_KEY */
    double rate, rate_before, hit_ratio_before;
    uint64_t requests, hits; /* in this period */
    uint32_t periods_without_rise;
    uint64_t drawn; /* the last number of the variant's generator */
};

static struct state *state_of(const struct policy_context *context)
{
    return context->state;
}

static struct cacheus_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static bool is_in(const struct policy_context *context, enum home home, uint32_t id)
{
    return queue_has(context, &state_of(context)->homes[home], id);
}

static void enter(struct policy_context *context, enum home home, uint32_t id)
{
    queue_push(context, &state_of(context)->homes[home], id);
    state_of(context)->homes[home].bytes += entry_of(context, id)->bytes;
}

static void leave(struct policy_context *context, enum home home, uint32_t id)
{
    state_of(context)->homes[home].bytes -= entry_of(context, id)->bytes;
    queue_take(context, &state_of(context)->homes[home], id);
}

static bool is_variant(const struct policy_context *context)
{
    return context->parameters[VARIANT] != 0;
}

/* ---- random numbers and limits ---- */

static double draw(struct policy_context *context, unsigned grains)
{
    struct state *state = context->state;

    if (!is_variant(context))
        return gsl_rng_uniform(context->rng);
    state->drawn = state->drawn * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(state->drawn % grains) / grains;
}

static void draw_rate(struct policy_context *context)
{
    state_of(context)->rate = fmin(0.001 + draw(context, 1000), 1);
}

static uint64_t capacity(const struct policy_context *context)
{
    const struct state *state = context->state;

    return policy_capacity(context, state->homes[SR].bytes + state->homes[R].bytes);
}

static uint64_t sr_limit(const struct policy_context *context)
{
    uint64_t all = capacity(context);

    return all == UINT64_MAX ? all : (uint64_t)((double)all * state_of(context)->sr_share);
}

static uint64_t r_limit(const struct policy_context *context)
{
    uint64_t all = capacity(context);

    return all == UINT64_MAX || is_variant(context) ? sr_limit(context) : all - sr_limit(context);
}

/* ---- SR-LRU ---- */

/* Moves sr's limit by the key's size times the ratio of for_it to against, which is at least 1. sign: 1 is up, -1 is
 * down. */
static void shift_limit(struct policy_context *context, uint32_t id, uint32_t for_it, uint32_t against, double sign)
{
    struct state *state = context->state;
    double times = against ? fmax(1, round((double)for_it / against)) : 1;
    uint64_t all = capacity(context);
    double one = all ? entry_of(context, id)->bytes / (double)all : 0;

    if (!is_variant(context))
        state->sr_share = fmin(fmax(state->sr_share + sign * times * one, one), 1 - one);
}

static void demote_until_fits(struct policy_context *context, uint64_t bytes)
{
    struct state *state = context->state;
    uint64_t limit = r_limit(context);

    while (state->homes[R].keys && state->homes[R].bytes + bytes > limit) {
        uint32_t id = queue_oldest(context, &state->homes[R]);

        leave(context, R, id);
        enter(context, SR, id);
        entry_of(context, id)->is_demoted = 1;
        state->demoted++;
    }
}

static void forget_new(struct policy_context *context, uint32_t id)
{
    state_of(context)->fresh -= entry_of(context, id)->is_new;
    leave(context, HISTORY, id);
}

static void leave_residents(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    state->demoted -= entry_of(context, id)->is_demoted;
    entry_of(context, id)->is_demoted = 0;
    leave(context, is_in(context, SR, id) ? SR : R, id);
}

static void use_in_sr(struct policy_context *context, uint32_t id)
{
    struct cacheus_entry *entry = entry_of(context, id);
    struct state *state = context->state;

    if (entry->is_demoted)
        shift_limit(context, id, state->fresh, state->demoted, -1);
    leave_residents(context, id);
    entry->is_new = 0;
    enter(context, R, id);
    demote_until_fits(context, 0);
}

static void remember(struct policy_context *context, uint32_t id)
{
    struct queue *history = &state_of(context)->homes[HISTORY];
    uint64_t most = capacity(context) - is_variant(context);

    state_of(context)->fresh += entry_of(context, id)->is_new;
    enter(context, HISTORY, id);
    while (history->bytes > most)
        forget_new(context, queue_oldest(context, history));
}

/* ---- weights and the learning rate ---- */

/* A context in which an entry's place is its place in regrets, so that the queue functions work on those lists. */
static struct policy_context regret_view(const struct policy_context *context)
{
    return (struct policy_context){.entries = context->entries + offsetof(struct cacheus_entry, regret_place),
                                   .stride = context->stride};
}

static void leave_regret(struct policy_context *context, struct policy_context *view, enum expert expert, uint32_t id)
{
    struct queue *queue = &state_of(context)->regrets[expert];

    queue->bytes -= entry_of(context, id)->bytes;
    queue_take(view, queue, id);
}

static void blame_later(struct policy_context *context, enum expert expert, uint32_t id)
{
    struct policy_context view = regret_view(context);
    struct queue *queue = &state_of(context)->regrets[expert];
    uint32_t bytes = entry_of(context, id)->bytes;
    uint64_t most = capacity(context) / 2;

    if (bytes > most)
        return;
    while (queue->bytes + bytes > most)
        leave_regret(context, &view, expert, queue_oldest(&view, queue));
    queue_push(&view, queue, id);
    queue->bytes += bytes;
}

/* A key that returns without having been announced, by RENAME for one: its size there was the one that it had. */
static void leave_regrets(struct policy_context *context, uint32_t id)
{
    struct policy_context view = regret_view(context);

    for (enum expert expert = LRU; expert <= LFU; expert++)
        if (queue_has(&view, &state_of(context)->regrets[expert], id))
            leave_regret(context, &view, expert, id);
}

static void blame(struct policy_context *context, uint32_t id)
{
    struct policy_context view = regret_view(context);
    struct state *state = context->state;
    double lru = state->weight, lfu = 1 - state->weight;

    for (enum expert expert = LRU; expert <= LFU; expert++)
        if (queue_has(&view, &state->regrets[expert], id)) {
            *(expert == LRU ? &lru : &lfu) *= elementary_exp(-state->rate);
            leave_regret(context, &view, expert, id);
        }
    state->weight = lru / (lru + lfu);
}

/* The rate moves on in the direction that raised the hit ratio, and back if it fell. */
static void adapt_rate(struct policy_context *context)
{
    struct state *state = context->state;
    double hit_ratio = (double)state->hits / (double)state->requests;
    double rise = (is_variant(context) ? floor(hit_ratio) : hit_ratio) - state->hit_ratio_before;
    double step = state->rate - state->rate_before;

    state->rate_before = state->rate;
    state->hit_ratio_before += rise;
    if (step != 0) {
        state->rate = fmax(state->rate + copysign(fabs(state->rate * step), rise * step > 0 ? 1 : -1), 0.001);
        state->periods_without_rise = 0;
        return;
    }
    if (hit_ratio == 0 || rise <= 0)
        state->periods_without_rise++;
    if (state->periods_without_rise < PERIODS_WITHOUT_RISE || is_variant(context))
        return;
    state->periods_without_rise = 0;
    draw_rate(context);
}

static void count_request(struct policy_context *context, bool hit)
{
    struct state *state = context->state;
    uint64_t period = is_variant(context) ? capacity(context) : state->frequencies.keys;

    state->hits += hit;
    if (++state->requests < period)
        return;
    adapt_rate(context);
    state->requests = state->hits = 0;
}

/* ---- the policy ---- */

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    for (unsigned i = 0; i < HOMES; i++)
        queue_init(&state->homes[i], i);
    for (unsigned i = 0; i < 2; i++)
        queue_init(&state->regrets[i], i);
    frequency_lists_init(&state->frequencies, offsetof(struct cacheus_entry, links));
    state->sr_share = context->parameters[SR_SHARE];
    state->weight = 0.5;
    state->coming = NO_KEY;
    draw_rate(context);
    for (int i = 1; i < context->parameters[VARIANT]; i++)
        draw_rate(context);
    state->drawn = 0;
    return 0;
}

static void release(struct policy_context *context)
{
    struct state *state = context->state;

    for (unsigned i = 0; i < HOMES; i++)
        queue_release(&state->homes[i]);
    for (unsigned i = 0; i < 2; i++)
        queue_release(&state->regrets[i]);
    frequency_lists_release(&state->frequencies);
}

static void arriving(struct policy_context *context, uint32_t id)
{
    entry_of(context, id)->returns = 0;
    state_of(context)->coming = id;
    blame(context, id);
    count_request(context, false);
}

/* Room has been made for the key. Takes it out of history if it is still there; making room may have pushed it out. */
static void settle(struct policy_context *context, uint32_t id)
{
    if (!is_in(context, HISTORY, id))
        return;
    forget_new(context, id);
    entry_of(context, id)->returns = 1;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct cacheus_entry *entry = entry_of(context, id);

    settle(context, id);
    leave_regrets(context, id);
    entry->bytes = (uint32_t)policy_size(context, id);
    frequency_push(context, &state->frequencies, id, entry->returns ? entry->links.frequency + 1 : 1);
    if (entry->returns && entry->is_new)
        shift_limit(context, id, state->demoted, state->fresh + 1, 1);
    if (entry->returns)
        demote_until_fits(context, entry->bytes);
    enter(context, entry->returns ? R : SR, id);
    entry->is_new = !entry->returns;
    entry->returns = 0;
    state->coming = NO_KEY;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    if (is_in(context, R, id))
        queue_renew(context, &state->homes[R], id);
    else
        use_in_sr(context, id);
    frequency_use(context, &state->frequencies, id);
    count_request(context, true);
}

static void written(struct policy_context *context, uint32_t id)
{
    struct cacheus_entry *entry = entry_of(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    state_of(context)->homes[is_in(context, R, id) ? R : SR].bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
    read_key(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    leave_residents(context, id);
    frequency_take(context, &state_of(context)->frequencies, id);
}

static uint32_t victim_of_lru(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t id = queue_oldest(context, &state->homes[SR]);

    return id == NO_KEY ? queue_oldest(context, &state->homes[R]) : id;
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t lru = victim_of_lru(context), lfu = frequency_newest(&state->frequencies);

    if (lru == NO_KEY)
        return NO_KEY;
    state->chosen = draw(context, 100) < state->weight ? LRU : LFU;
    if (lru == lfu)
        state->chosen = BOTH;
    return state->chosen == LFU ? lfu : lru;
}

/* A victim because a list is over its limit though the cache may have room. Only the variant's sr has such a limit. */
static uint32_t surplus(struct policy_context *context)
{
    struct state *state = context->state;
    bool returns;

    if (state->coming == NO_KEY)
        return NO_KEY;
    settle(context, state->coming);
    returns = entry_of(context, state->coming)->returns;
    if (returns)
        demote_until_fits(context, context->arriving_bytes);
    if (!is_variant(context) || state->homes[SR].bytes + (returns ? 0 : context->arriving_bytes) <= sr_limit(context))
        return NO_KEY;
    state->chosen = BOTH;
    return queue_oldest(context, &state->homes[SR]);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    removed(context, id);
    remember(context, id);
    if (state_of(context)->chosen != BOTH)
        blame_later(context, state_of(context)->chosen, id);
}

static const struct policy_parameter parameters[] = {
    [SR_SHARE] = {"sr", 0.5, 0, 1, "share of the capacity for keys not used twice, at the start"},
    [VARIANT] = {"variant", 0, 0, 1000, "n: as libCacheSim of 2024 does it, for the nth cache of a run"},
    {0},
};

const struct policy policy_cacheus = {
    .name = "cacheus",
    .summary = "scan-resistant lru or churn-resistant lfu at random, by weights that learn, at a rate that adapts",
    .source = "Rodriguez et al., FAST 2021",
    .parameters = parameters,
    .libcachesim = "variant=1",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct cacheus_entry),
    .init = init,
    .release = release,
    .arriving = arriving,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = removed,
    .evicted = evicted,
    .surplus = surplus,
    .victim = victim,
};

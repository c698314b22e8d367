/* SPDX-License-Identifier: GPL-3.0-or-later */
/* s3fifo: three fifo queues. Most keys are requested once, and a small queue lets them leave quickly.
 *
 *     new key ---> small (10 %) --- used twice or more ---> main (90 %): a clock of two bits
 *       |            `--- else: victim, remembered in ghost (keys only, 90 % of the capacity)
 *       `-- remembered in ghost? ------------------------> main
 *
 * Victims come from small, or from main once main exceeds its share. A key larger than small is not admitted.
 *
 * Two later policies are parameters of this one.
 *
 *     Clock2Q+    threshold=1,skip=0.5,main-uses=1,fill-main=1    uses soon after each other are one, and main has one bit
 *     S4-FIFO     fill-main=1 and, as its model says: small, ghost, threshold 1 or 2, skip 0 or 0.25, ghost-uses 0 or 1
 *
 * S4-FIFO's model, trees that its authors have trained on thousands of traces, is not here: it chooses these five once
 * the cache is warm; here they are what the user says. skip is a share of small's share, in keys of the size that small's
 * have. ghost-uses=1: a remembered key that was not used in small comes to small again. In the authors' program it stays
 * among the ghosts meanwhile, here it leaves them, so misses differ a little. (libCacheSim's later S4FIFO.c has no key
 * come to main from the ghosts then; that is ghost=0.)
 *
 * Every operation takes constant time, a victim of main amortized.
 *
 * Sources: Yang, Zhang, Qiu, Yue, Rashmi, FIFO queues are all you need for cache eviction, SOSP 2023; the threshold
 * and the ghost's size are those of the authors' simulator. Zhai et al., Clock2Q+: a simple and efficient replacement
 * algorithm for metadata cache in VMware vSAN, VLDB 2026. Xia, Nixon, Marthen, Bhandari, Yang, Learning-augmented
 * heuristics: simple, yet smart, robust and interpretable cache eviction, OSDI 2026. */
#include "policies/probation.h"

enum { THRESHOLD = PROBATION_GHOST_SHARE + 1, SKIP, GHOST_USES, MAIN_USES, FILL_MAIN };
enum { USES_MOST = 3 };

struct s3fifo_entry {
    struct probation_entry probation;
    uint32_t admitted; /* which of the keys that came to small this one was, modulo 2^32 */
};

struct state {
    struct probation probation;
    uint32_t admitted; /* keys that came to small, modulo 2^32 */
    bool has_evicted;
};

/* Too few keys came to small after this one, which is there, for its uses to count. Small's share is given in bytes: how
 * many keys that is follows from those that are there. */
static bool is_skipped(const struct policy_context *context, uint32_t id)
{
    const struct state *state = context->state;
    const struct queue *small = queue_of(context, SMALL);
    uint32_t later = state->admitted - ((struct s3fifo_entry *)policy_entry(context, id))->admitted;
    double share = (double)probation_share(context, PROBATION_SMALL_SHARE) * context->parameters[SKIP];

    return later * (double)small->bytes < share * small->keys;
}

static void arriving(struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);

    probation_arriving(context, id);
    if (entry->uses < context->parameters[GHOST_USES])
        entry->remembered = 0;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    const struct probation_entry *entry = probation_entry(context, id);
    bool small_is_full = queue_of(context, SMALL)->bytes >= probation_share(context, PROBATION_SMALL_SHARE);

    if (entry->home == GHOST) /* RENAME, for one, has not announced it */
        arriving(context, id);
    probation_added(context, id);
    if (entry->home == SMALL && context->parameters[FILL_MAIN] && small_is_full && !state->has_evicted)
        probation_promote(context, id);
    if (entry->home == SMALL)
        ((struct s3fifo_entry *)policy_entry(context, id))->admitted = ++state->admitted;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);
    double most = entry->home == MAIN ? context->parameters[MAIN_USES] : USES_MOST;

    if (entry->uses < most && (entry->home == MAIN || !context->parameters[SKIP] || !is_skipped(context, id)))
        entry->uses++;
}

static void written(struct policy_context *context, uint32_t id)
{
    probation_reweigh(context, id);
    read_key(context, id);
}

/* A key that was used often enough moves to main instead. */
static uint32_t victim_of_small(struct policy_context *context)
{
    for (;;) {
        uint32_t id = queue_oldest(context, queue_of(context, SMALL));

        if (id == NO_KEY || probation_entry(context, id)->uses < context->parameters[THRESHOLD])
            return id;
        probation_promote(context, id);
    }
}

static uint32_t victim(struct policy_context *context)
{
    uint64_t small = probation_share(context, PROBATION_SMALL_SHARE);
    uint32_t id = NO_KEY;

    ((struct state *)context->state)->has_evicted = true;
    if (queue_of(context, MAIN)->bytes + small <= probation_capacity(context))
        id = victim_of_small(context);
    return id == NO_KEY ? probation_victim_of_main(context) : id;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    bool was_small = probation_entry(context, id)->home == SMALL;

    probation_leave(context, id);
    if (was_small)
        probation_remember(context, id);
}

static const struct policy_parameter parameters[] = {
    [PROBATION_SMALL_SHARE] = {"small", 0.1, 0.001, 0.999, "share of the capacity for the small queue"},
    [PROBATION_GHOST_SHARE] = {"ghost", 0.9, 0, 10,
                               "bytes of the keys that are remembered, as a share of the capacity"},
    [THRESHOLD] = {"threshold", 2, 1, 3, "uses in small that earn a place in main"},
    [SKIP] = {"skip", 0, 0, 1, "a use does not count while a key is in this newest part of small's share"},
    [GHOST_USES] = {"ghost-uses", 0, 0, 3, "uses in small that a remembered key must have had to come to main at once"},
    [MAIN_USES] = {"main-uses", 3, 1, 3, "so many uses in main count at most: 1 is a clock of one bit"},
    [FILL_MAIN] = {"fill-main", 0, 0, 1, "1: before the first eviction, keys for which small has no room go to main"},
    {0},
};

const struct policy policy_s3fifo = {
    .name = "s3fifo",
    .summary = "a small fifo that most keys pass but once, a main clock, and a ghost queue; its parameters make it "
               "Clock2Q+ or S4-FIFO",
    .source = "Yang et al., SOSP 2023; Zhai et al., VLDB 2026; Xia et al., OSDI 2026",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct s3fifo_entry),
    .init = probation_init,
    .release = probation_release,
    .soon = probation_soon,
    .arriving = arriving,
    .admits = probation_admits,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = probation_leave,
    .evicted = evicted,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* s3fifo: three fifo queues. Most keys are requested once, and a small queue lets them leave quickly.
 *
 *     new key ---> small (10 %) --- used twice or more ---> main (90 %): a clock of two bits
 *       |            `--- else: victim, remembered in ghost (keys only, 90 % of the capacity)
 *       `-- remembered in ghost? ------------------------> main
 *
 * Victims come from small, or from main once main exceeds its share. A key larger than small is not admitted.
 *
 * Source: Yang, Zhang, Qiu, Yue, Rashmi, FIFO queues are all you need for cache eviction, SOSP 2023. The
 * threshold and the ghost's size are those of the authors' simulator. */
#include "policies/probation.h"

enum { THRESHOLD = PROBATION_GHOST_SHARE + 1 };
enum { USES_MOST = 3 };

static void read_key(struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);

    if (entry->uses < USES_MOST)
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
    {0},
};

const struct policy policy_s3fifo = {
    .name = "s3fifo",
    .summary = "a small fifo that most keys pass but once, a main clock, and a ghost queue",
    .source = "Yang et al., SOSP 2023",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct probation),
    .entry_size = sizeof(struct probation_entry),
    .init = probation_init,
    .release = probation_release,
    .soon = probation_soon,
    .arriving = probation_arriving,
    .admits = probation_admits,
    .added = probation_added,
    .read = read_key,
    .written = written,
    .removed = probation_leave,
    .evicted = evicted,
    .victim = victim,
};

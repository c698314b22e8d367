/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qdlp: quick demotion in front of lazy promotion.
 *
 *     new key ---> fifo (10 %) --- used? ---> main (90 %): a clock of two bits ---> victim
 *       |            `--- unused: victim, remembered in ghost (keys only, 90 % of the capacity)
 *       `-- remembered in ghost? -----------> main
 *
 * The probationary fifo may use main's room while main is not full, but main never exceeds its share. When a key moves
 * to main, or comes back from ghost, the room is made in main itself, even if the cache as a whole has room. A key
 * larger than the fifo is not admitted.
 *
 * Source: Yang, Qiu, Zhang, Yue, Rashmi, FIFO can be better than LRU: the power of lazy promotion and quick
 * demotion, HotOS 2023. */
#include "policies/probation.h"

enum { THRESHOLD = PROBATION_GHOST_SHARE + 1, BITS };

struct state {
    struct probation probation;
    uint32_t moving; /* small's oldest key while main makes room for it, or NO_KEY */
    uint64_t coming; /* bytes of the key that comes back from ghost */
    uint8_t most_uses;
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    state->moving = NO_KEY;
    state->most_uses = (uint8_t)((1U << (unsigned)context->parameters[BITS]) - 1);
    return probation_init(context, error);
}

static uint64_t main_share(const struct policy_context *context)
{
    uint64_t all = probation_capacity(context);

    return all == UINT64_MAX ? all : all - probation_share(context, PROBATION_SMALL_SHARE);
}

static bool fits_in_main(const struct policy_context *context, uint64_t bytes)
{
    return queue_of(context, MAIN)->bytes + bytes <= main_share(context);
}

static void arriving(struct policy_context *context, uint32_t id)
{
    probation_arriving(context, id);
    ((struct state *)context->state)->coming = probation_entry(context, id)->remembered ? context->arriving_bytes : 0;
}

static void added(struct policy_context *context, uint32_t id)
{
    probation_added(context, id);
    ((struct state *)context->state)->coming = 0;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);

    if (entry->uses < (entry->home == SMALL ? UINT8_MAX : ((struct state *)context->state)->most_uses))
        entry->uses++;
}

static void written(struct policy_context *context, uint32_t id)
{
    probation_reweigh(context, id);
    read_key(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    if (state->moving == id)
        state->moving = NO_KEY;
    probation_leave(context, id);
}

static void promote(struct policy_context *context, uint32_t id)
{
    ((struct state *)context->state)->moving = NO_KEY;
    probation_promote(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    for (;;) {
        uint32_t id = queue_oldest(context, queue_of(context, SMALL));
        const struct probation_entry *entry;

        if (id == NO_KEY)
            return probation_victim_of_main(context);
        entry = probation_entry(context, id);
        if (entry->uses < context->parameters[THRESHOLD] || entry->bytes > main_share(context))
            return id;
        if (!fits_in_main(context, entry->bytes)) {
            ((struct state *)context->state)->moving = id;
            return probation_victim_of_main(context);
        }
        promote(context, id);
    }
}

/* Main's victim when main exceeds its share with the key that moves, or comes, into it. */
static uint32_t surplus(struct policy_context *context)
{
    const struct state *state = context->state;

    if (state->moving != NO_KEY || (state->coming && !fits_in_main(context, state->coming)))
        return probation_victim_of_main(context);
    return NO_KEY;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    const struct state *state = context->state;
    bool was_small = probation_entry(context, id)->home == SMALL;

    removed(context, id);
    if (was_small)
        probation_remember(context, id);
    if (state->moving != NO_KEY && fits_in_main(context, probation_entry(context, state->moving)->bytes))
        promote(context, state->moving);
}

static const struct policy_parameter parameters[] = {
    [PROBATION_SMALL_SHARE] = {"fifo", 0.1, 0.001, 0.999, "share of the capacity for the probationary fifo"},
    [PROBATION_GHOST_SHARE] = {"ghost", 0.9, 0, 10,
                               "bytes of the keys that are remembered, as a share of the capacity"},
    [THRESHOLD] = {"threshold", 1, 1, 255, "uses on probation that earn a place in main"},
    [BITS] = {"bits", 2, 1, 8, "of main's use counter"},
    {0},
};

const struct policy policy_qdlp = {
    .name = "qdlp",
    .summary = "a probationary fifo before a main clock, and a ghost queue",
    .source = "Yang et al., HotOS 2023",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct probation_entry),
    .init = init,
    .release = probation_release,
    .arriving = arriving,
    .admits = probation_admits,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = removed,
    .evicted = evicted,
    .surplus = surplus,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * qdlp: quick demotion in front of lazy promotion.
 *
 *     new key ---> fifo (10 %) --- used? ---> main (90 %): a clock of two bits ---> victim
 *       |            `--- unused: victim, remembered in ghost (keys only, 90 % of the capacity)
 *       `-- remembered in ghost? -----------> main
 *
 * The probationary fifo lends main's room while main is not full, but main never takes more than its share: what
 * moves there, or comes back from ghost, makes room in main itself, even while the cache as a whole has room. A key
 * larger than the fifo is not admitted.
 *
 * Source: Yang, Qiu, Zhang, Yue, Rashmi, FIFO can be better than LRU: the power of lazy promotion and quick
 * demotion, HotOS 2023. */
#include "policies/queue.h"

enum { FIFO_SHARE, GHOST_SHARE, THRESHOLD, BITS };
enum home { NOWHERE, FIFO, MAIN, GHOST };

struct qdlp_entry {
    uint32_t place;
    uint32_t bytes;
    uint8_t home;       /* enum home: which queue */
    uint8_t uses;
    uint8_t remembered; /* it arrives, and was found in ghost */
};

struct state {
    struct queue queues[4]; /* by enum home */
    uint32_t moving;        /* the fifo's oldest key, for which main makes room; NO_KEY */
    uint64_t coming;        /* bytes of the key that comes back from ghost */
    uint8_t most_uses;
};

static struct queue *queue_of(const struct policy_context *context, unsigned home)
{
    return &((struct state *)context->state)->queues[home];
}

static void enter(struct policy_context *context, uint32_t id, enum home home)
{
    struct qdlp_entry *entry = policy_entry(context, id);

    entry->home = (uint8_t)home;
    queue_push(context, queue_of(context, home), id);
    queue_of(context, home)->bytes += entry->bytes;
}

static void leave(struct policy_context *context, uint32_t id)
{
    struct qdlp_entry *entry = policy_entry(context, id);

    queue_of(context, entry->home)->bytes -= entry->bytes;
    queue_take(context, queue_of(context, entry->home), id);
    entry->home = NOWHERE;
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    for (unsigned home = 0; home < 4; home++)
        queue_init(queue_of(context, home), home);
    state->moving = NO_KEY;
    state->most_uses = (uint8_t)((1U << (unsigned)context->parameters[BITS]) - 1);
    return 0;
}

static void release(struct policy_context *context)
{
    for (unsigned home = 0; home < 4; home++)
        queue_release(queue_of(context, home));
}

static uint64_t capacity(const struct policy_context *context)
{
    return policy_capacity(context, queue_of(context, FIFO)->bytes + queue_of(context, MAIN)->bytes);
}

static uint64_t share(const struct policy_context *context, int parameter)
{
    uint64_t all = capacity(context);

    return all == UINT64_MAX ? all : (uint64_t)((double)all * context->parameters[parameter]);
}

static uint64_t main_share(const struct policy_context *context)
{
    uint64_t all = capacity(context);

    return all == UINT64_MAX ? all : all - share(context, FIFO_SHARE);
}

static bool fits_in_main(const struct policy_context *context, uint64_t bytes)
{
    return queue_of(context, MAIN)->bytes + bytes <= main_share(context);
}

static void arriving(struct policy_context *context, uint32_t id)
{
    struct qdlp_entry *entry = policy_entry(context, id);

    entry->remembered = entry->home == GHOST;
    if (entry->remembered)
        leave(context, id);
    ((struct state *)context->state)->coming = entry->remembered ? context->arriving_bytes : 0;
}

static bool admits(struct policy_context *context, uint32_t id)
{
    (void)id;
    return context->arriving_bytes <= share(context, FIFO_SHARE);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct qdlp_entry *entry = policy_entry(context, id);

    entry->bytes = (uint32_t)policy_size(context, id);
    entry->uses = 0;
    enter(context, id, entry->remembered ? MAIN : FIFO);
    entry->remembered = 0;
    ((struct state *)context->state)->coming = 0;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct qdlp_entry *entry = policy_entry(context, id);

    if (entry->uses < (entry->home == FIFO ? UINT8_MAX : ((struct state *)context->state)->most_uses))
        entry->uses++;
}

static void written(struct policy_context *context, uint32_t id)
{
    struct qdlp_entry *entry = policy_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    queue_of(context, entry->home)->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
    read_key(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    if (state->moving == id)
        state->moving = NO_KEY;
    leave(context, id);
}

static void promote(struct policy_context *context, uint32_t id)
{
    ((struct state *)context->state)->moving = NO_KEY;
    ((struct qdlp_entry *)policy_entry(context, id))->uses = 0;
    leave(context, id);
    enter(context, id, MAIN);
}

static uint32_t victim_of_main(struct policy_context *context)
{
    struct queue *main = queue_of(context, MAIN);

    for (;;) {
        uint32_t id = queue_oldest(context, main);
        struct qdlp_entry *entry;

        if (id == NO_KEY)
            return NO_KEY;
        entry = policy_entry(context, id);
        if (!entry->uses)
            return id;
        entry->uses--;
        queue_renew(context, main, id);
    }
}

static uint32_t victim(struct policy_context *context)
{
    for (;;) {
        uint32_t id = queue_oldest(context, queue_of(context, FIFO));
        const struct qdlp_entry *entry;

        if (id == NO_KEY)
            return victim_of_main(context);
        entry = policy_entry(context, id);
        if (entry->uses < context->parameters[THRESHOLD] || entry->bytes > main_share(context))
            return id;
        if (!fits_in_main(context, entry->bytes)) {
            ((struct state *)context->state)->moving = id;
            return victim_of_main(context);
        }
        promote(context, id);
    }
}

/* Main is over its share with the key that moves, or comes, into it. */
static uint32_t surplus(struct policy_context *context)
{
    const struct state *state = context->state;

    if (state->moving != NO_KEY || (state->coming && !fits_in_main(context, state->coming)))
        return victim_of_main(context);
    return NO_KEY;
}

/* An evicted key is in ghost already, or nowhere. */
static void remember(struct policy_context *context, uint32_t id)
{
    struct queue *ghost = queue_of(context, GHOST);
    uint64_t most = share(context, GHOST_SHARE);

    if (((struct qdlp_entry *)policy_entry(context, id))->bytes > most)
        return;
    enter(context, id, GHOST);
    while (ghost->bytes > most)
        leave(context, queue_oldest(context, ghost));
}

static void evicted(struct policy_context *context, uint32_t id)
{
    const struct state *state = context->state;
    bool was_on_probation = ((struct qdlp_entry *)policy_entry(context, id))->home == FIFO;

    removed(context, id);
    if (was_on_probation)
        remember(context, id);
    if (state->moving != NO_KEY &&
        fits_in_main(context, ((struct qdlp_entry *)policy_entry(context, state->moving))->bytes))
        promote(context, state->moving);
}

static const struct policy_parameter parameters[] = {
    [FIFO_SHARE] = {"fifo", 0.1, 0.001, 0.999, "share of the capacity for the probationary fifo"},
    [GHOST_SHARE] = {"ghost", 0.9, 0, 10, "bytes of the keys that are remembered, over the capacity"},
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
    .entry_size = sizeof(struct qdlp_entry),
    .init = init,
    .release = release,
    .arriving = arriving,
    .admits = admits,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = removed,
    .evicted = evicted,
    .surplus = surplus,
    .victim = victim,
};

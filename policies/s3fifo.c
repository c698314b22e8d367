/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * s3fifo: three fifo queues. Most keys are asked for once: a small queue lets them through quickly.
 *
 *     new key ---> small (10 %) --- used twice or more ---> main (90 %): a clock of two bits
 *       |            `--- else: victim, remembered in ghost (keys only, 90 % of the capacity)
 *       `-- remembered in ghost? ------------------------> main
 *
 * Victims come from small, from main once main is over its share. A key larger than small is not admitted.
 *
 * Source: Yang, Zhang, Qiu, Yue, Rashmi, FIFO queues are all you need for cache eviction, SOSP 2023. The
 * threshold and the ghost's size are those of the authors' simulator. */
#include "policies/queue.h"

enum { SMALL_SHARE, GHOST_SHARE, THRESHOLD };
enum home { NOWHERE, SMALL, MAIN, GHOST };
enum { USES_MOST = 3 };

struct s3fifo_entry {
    uint32_t place;
    uint32_t bytes;
    uint8_t home;       /* enum home: which queue */
    uint8_t uses;
    uint8_t remembered; /* it arrives, and was found in ghost */
};

struct state {
    struct queue queues[4]; /* by enum home */
};

static struct queue *queue_of(const struct policy_context *context, unsigned home)
{
    return &((struct state *)context->state)->queues[home];
}

static void enter(struct policy_context *context, uint32_t id, enum home home)
{
    struct s3fifo_entry *entry = policy_entry(context, id);

    entry->home = (uint8_t)home;
    queue_push(context, queue_of(context, home), id);
    queue_of(context, home)->bytes += entry->bytes;
}

static void leave(struct policy_context *context, uint32_t id)
{
    struct s3fifo_entry *entry = policy_entry(context, id);

    queue_of(context, entry->home)->bytes -= entry->bytes;
    queue_take(context, queue_of(context, entry->home), id);
    entry->home = NOWHERE;
}

static int init(struct policy_context *context, struct error *error)
{
    (void)error;
    for (unsigned home = 0; home < 4; home++)
        queue_init(queue_of(context, home), home);
    return 0;
}

static void release(struct policy_context *context)
{
    for (unsigned home = 0; home < 4; home++)
        queue_release(queue_of(context, home));
}

static uint64_t share(const struct policy_context *context, int parameter)
{
    uint64_t capacity = policy_capacity(context, queue_of(context, SMALL)->bytes + queue_of(context, MAIN)->bytes);

    return capacity == UINT64_MAX ? capacity : (uint64_t)((double)capacity * context->parameters[parameter]);
}

static void arriving(struct policy_context *context, uint32_t id)
{
    struct s3fifo_entry *entry = policy_entry(context, id);

    entry->remembered = entry->home == GHOST;
    if (entry->remembered)
        leave(context, id);
}

static bool admits(struct policy_context *context, uint32_t id)
{
    (void)id;
    return context->arriving_bytes <= share(context, SMALL_SHARE);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct s3fifo_entry *entry = policy_entry(context, id);

    entry->bytes = (uint32_t)policy_size(context, id);
    entry->uses = 0;
    enter(context, id, entry->remembered ? MAIN : SMALL);
    entry->remembered = 0;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct s3fifo_entry *entry = policy_entry(context, id);

    if (entry->uses < USES_MOST)
        entry->uses++;
}

static void written(struct policy_context *context, uint32_t id)
{
    struct s3fifo_entry *entry = policy_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    queue_of(context, entry->home)->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
    read_key(context, id);
}

/* An evicted key is in ghost already, or nowhere. */
static void remember(struct policy_context *context, uint32_t id)
{
    struct queue *ghost = queue_of(context, GHOST);
    uint64_t most = share(context, GHOST_SHARE);

    if (((struct s3fifo_entry *)policy_entry(context, id))->bytes > most)
        return;
    enter(context, id, GHOST);
    while (ghost->bytes > most)
        leave(context, queue_oldest(context, ghost));
}

static uint32_t victim_of_small(struct policy_context *context)
{
    struct queue *small = queue_of(context, SMALL);

    for (;;) {
        uint32_t id = queue_oldest(context, small);
        struct s3fifo_entry *entry;

        if (id == NO_KEY)
            return NO_KEY;
        entry = policy_entry(context, id);
        if (entry->uses < context->parameters[THRESHOLD])
            return id;
        leave(context, id);
        entry->uses = 0;
        enter(context, id, MAIN);
    }
}

static uint32_t victim_of_main(struct policy_context *context)
{
    struct queue *main = queue_of(context, MAIN);

    for (;;) {
        uint32_t id = queue_oldest(context, main);
        struct s3fifo_entry *entry;

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
    uint64_t small = share(context, SMALL_SHARE);
    uint64_t held = queue_of(context, SMALL)->bytes + queue_of(context, MAIN)->bytes;
    uint32_t id = NO_KEY;

    if (queue_of(context, MAIN)->bytes + small <= policy_capacity(context, held))
        id = victim_of_small(context);
    return id == NO_KEY ? victim_of_main(context) : id;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    bool was_small = ((struct s3fifo_entry *)policy_entry(context, id))->home == SMALL;

    leave(context, id);
    if (was_small)
        remember(context, id);
}

static const struct policy_parameter parameters[] = {
    [SMALL_SHARE] = {"small", 0.1, 0.001, 0.999, "share of the capacity for the small queue"},
    [GHOST_SHARE] = {"ghost", 0.9, 0, 10, "bytes of the keys that are remembered, over the capacity"},
    [THRESHOLD] = {"threshold", 2, 1, 3, "uses in small that earn a place in main"},
    {0},
};

const struct policy policy_s3fifo = {
    .name = "s3fifo",
    .summary = "a small fifo that most keys pass but once, a main clock, and a ghost queue",
    .source = "Yang et al., SOSP 2023",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct s3fifo_entry),
    .init = init,
    .release = release,
    .arriving = arriving,
    .admits = admits,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = leave,
    .evicted = evicted,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* car: arc with two clocks for its two lists, so that a hit sets a bit and moves nothing.
 *
 *     new key ---> t1: a clock -- bit set when the hand comes? ---> t2: a clock -- bit set? round again
 *                   `-- not: victim ---> ghosts b1                   `-- not: victim ---> ghosts b2
 *     found among the ghosts ---> t2, and t1's share p moves: up for b1, down for b2
 *
 * Here bytes are counted instead of the paper's pages: p moves by the ghost's bytes for each of the paper's steps, t1
 * and b1 keep within the capacity, and all four lists within twice the capacity. With objects of one size this is the
 * paper's algorithm.
 *
 * Source: Bansal, Modha, CAR: clock with adaptive replacement, FAST 2004, figure 2. */
#include "policies/sized_queue.h"

#include <math.h>

enum list { T1, T2, B1, B2, LISTS };

struct car_entry {
    struct sized_entry sized;
    uint32_t used; /* the reference bit */
};

struct state {
    struct queue lists[LISTS];
    double p; /* bytes that t1 should take */
};

static int init(struct policy_context *context, struct error *error)
{
    (void)error;
    queues_init(context, LISTS);
    return 0;
}

static void release(struct policy_context *context)
{
    queues_release(context, LISTS);
}

static double capacity(const struct policy_context *context)
{
    const struct queue *lists = ((struct state *)context->state)->lists;

    return (double)policy_capacity(context, lists[T1].bytes + lists[T2].bytes);
}

static double step(const struct queue *hit, const struct queue *other, double bytes)
{
    return other->bytes > hit->bytes && hit->bytes ? (double)other->bytes / (double)hit->bytes * bytes : bytes;
}

static void adapt(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct queue *b1 = &state->lists[B1], *b2 = &state->lists[B2];
    double bytes = ((struct sized_entry *)policy_entry(context, id))->bytes;

    if (queue_home(context, id) == b1)
        state->p = fmin(state->p + step(b1, b2, bytes), capacity(context));
    else
        state->p = fmax(state->p - step(b2, b1, bytes), 0);
}

/* Forgets ghosts until the bounds hold with a new key of this size. */
static void forget_ghosts(struct policy_context *context, uint32_t bytes)
{
    struct queue *lists = ((struct state *)context->state)->lists;
    double room = capacity(context);

    if ((double)(lists[T1].bytes + lists[B1].bytes + bytes) > room) {
        while (lists[B1].keys && (double)(lists[T1].bytes + lists[B1].bytes + bytes) > room)
            sized_forget_oldest(context, &lists[B1]);
        return;
    }
    while (lists[B2].keys &&
           (double)(lists[T1].bytes + lists[T2].bytes + lists[B1].bytes + lists[B2].bytes + bytes) > 2 * room)
        sized_forget_oldest(context, &lists[B2]);
}

/* The key's ghost stays in its list while room is made: the paper adapts p after that. */
static void added(struct policy_context *context, uint32_t id)
{
    struct car_entry *entry = policy_entry(context, id);
    bool returns = entry->sized.place != 0;

    if (returns) {
        adapt(context, id);
        sized_take(context, queue_home(context, id), id);
    }
    sized_weigh(context, id);
    if (!returns)
        forget_ghosts(context, entry->sized.bytes);
    entry->used = 0;
    sized_push(context, &((struct state *)context->state)->lists[returns ? T2 : T1], id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    ((struct car_entry *)policy_entry(context, id))->used = 1;
}

static void written(struct policy_context *context, uint32_t id)
{
    sized_reweigh(context, queue_home(context, id), id);
    read_key(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *t1 = &state->lists[T1], *t2 = &state->lists[T2];

    for (;;) {
        bool from_t1 = t1->keys && ((double)t1->bytes >= fmax(1, state->p) || !t2->keys);
        uint32_t id = queue_oldest(context, from_t1 ? t1 : t2);
        struct car_entry *entry;

        if (id == NO_KEY)
            return NO_KEY;
        entry = policy_entry(context, id);
        if (!entry->used)
            return id;
        entry->used = 0;
        if (from_t1)
            sized_move(context, t1, t2, id);
        else
            queue_renew(context, t2, id);
    }
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct queue *list = queue_home(context, id);

    sized_move(context, list, list + (B1 - T1), id);
}

const struct policy policy_car = {
    .name = "car",
    .summary = "arc with two clocks for its lists: a hit sets a bit",
    .source = "Bansal and Modha, FAST 2004",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct car_entry),
    .init = init,
    .release = release,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = sized_removed,
    .evicted = evicted,
    .victim = victim,
};

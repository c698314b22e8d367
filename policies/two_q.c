/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 2q: a key comes into the lru list only if it is requested again after it has been evicted once.
 *
 *     new key ---> a1in: fifo (25 %) ---> victim, remembered in a1out: fifo of ghosts (50 % of the capacity)
 *       `-- remembered in a1out? ---> am: lru (the rest) ---> victim, forgotten
 *
 * Uses while in a1in do not count: they are correlated. Victims come from a1in while it exceeds its share, else from
 * am. Shares and ghosts are counted in bytes. A key larger than a1in's share is not admitted.
 *
 * Source: Johnson, Shasha, 2Q: a low overhead high performance buffer management replacement algorithm, VLDB 1994,
 * the full version. */
#include "policies/sized_queue.h"

enum { KIN, KOUT };
enum list { A1IN, A1OUT, AM, LISTS };

struct state {
    struct queue lists[LISTS];
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

static uint64_t share(const struct policy_context *context, int parameter)
{
    const struct queue *lists = ((struct state *)context->state)->lists;

    return sized_share(context, lists[A1IN].bytes + lists[AM].bytes, context->parameters[parameter]);
}

static void arriving(struct policy_context *context, uint32_t id)
{
    if (*queue_place_of(context, id))
        sized_return(context, queue_home(context, id), id);
}

static bool admits(struct policy_context *context, uint32_t id)
{
    (void)id;
    return context->arriving_bytes <= share(context, KIN);
}

static void added(struct policy_context *context, uint32_t id)
{
    enum list list;

    arriving(context, id); /* RENAME, for one, has not announced it */
    list = sized_returns(context, id) ? AM : A1IN;
    sized_weigh(context, id);
    sized_push(context, &((struct state *)context->state)->lists[list], id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct queue *list = queue_home(context, id);

    if (list->number == AM)
        queue_renew(context, list, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    sized_reweigh(context, queue_home(context, id), id);
    read_key(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    struct queue *lists = ((struct state *)context->state)->lists;
    bool from_a1in = lists[A1IN].bytes > share(context, KIN) || !lists[AM].keys;

    return queue_oldest(context, &lists[from_a1in ? A1IN : AM]);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct queue *a1in = &state->lists[A1IN], *a1out = &state->lists[A1OUT];
    uint64_t most = share(context, KOUT);

    if (!queue_has(context, a1in, id) || ((struct sized_entry *)policy_entry(context, id))->bytes > most) {
        sized_removed(context, id);
        return;
    }
    sized_move(context, a1in, a1out, id);
    while (a1out->bytes > most)
        sized_forget_oldest(context, a1out);
}

static const struct policy_parameter parameters[] = {
    [KIN] = {"kin", 0.25, 0.001, 0.999, "share of the capacity for a1in"},
    [KOUT] = {"kout", 0.5, 0, 10, "bytes of the keys that a1out remembers, as a share of the capacity"},
    {0},
};

const struct policy policy_two_q = {
    .name = "2q",
    .summary = "a fifo for new keys, ghosts of those that left it, and an lru list for those that came back",
    .source = "Johnson and Shasha, VLDB 1994",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct sized_entry),
    .init = init,
    .release = release,
    .arriving = arriving,
    .admits = admits,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = sized_removed,
    .evicted = evicted,
    .victim = victim,
};

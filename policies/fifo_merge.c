/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fifo-merge: a hand goes over a fifo queue in steps of `exam` keys. Of each it keeps those that were used most for their
 * size, in their place, and evicts the others, the worst first.
 *
 *     oldest                                   newest
 *     | a b c d e f | g h i j k l | m n ...           exam = 6, keep = 3: of a to f three go, then of g to l ...
 *                     hand
 *
 *     worth = (uses since it came + 0.05) / size      equal: the older one goes first
 *
 * Segcache merges segments of its log so: the best objects of a few go into one. While there are no more keys than one
 * step, it is fifo.
 *
 * Sources: Yang, Yue, Rashmi, Segcache, NSDI 2021; libCacheSim's FIFO_Merge, which works by objects as this does. That one
 * adds a random number below 0.1 to the uses, of which 0.05 is the mean, and keeps one key more than it says. */
#include "policies/queue.h"

#include "sim/alloc.h"

enum { EXAM, KEEP };
enum { MOST = 1 << 16 };

static const double unused_worth = 0.05;

struct merge_entry {
    uint32_t place;
    uint32_t uses;
    uint32_t is_doomed; /* it is in the list of victims */
};

struct examined {
    double worth;
    uint32_t turn; /* in the order of the queue */
    uint32_t id;
};

struct state {
    struct queue queue;
    struct examined *list; /* of the last step: list[next .. count - 1] are still to go */
    uint32_t next, count;
};

static struct merge_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    if (context->parameters[KEEP] >= context->parameters[EXAM])
        return error_set(error, ERROR_USAGE, "fifo-merge: keep must be less than exam");
    queue_init(&state->queue, 0);
    state->list = xcalloc((size_t)context->parameters[EXAM], sizeof *state->list);
    return 0;
}

static void release(struct policy_context *context)
{
    struct state *state = context->state;

    queue_release(&state->queue);
    free(state->list);
}

static void added(struct policy_context *context, uint32_t id)
{
    entry_of(context, id)->uses = 0;
    queue_push(context, &((struct state *)context->state)->queue, id);
}

static void used(struct policy_context *context, uint32_t id)
{
    entry_of(context, id)->uses++;
}

/* A hand whose key goes stands at the next newer one; behind the newest it begins anew. */
static void pass_stale(struct queue *queue)
{
    while (queue->hand && queue->hand < queue->end && !queue_is_live(queue, queue->hand))
        queue->hand++;
    if (queue->hand >= queue->end)
        queue->hand = 0;
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct queue *queue = &((struct state *)context->state)->queue;
    bool under_hand = *queue_place_of(context, id) >> QUEUE_NUMBER_BITS == queue->hand;

    entry_of(context, id)->is_doomed = 0;
    queue_take(context, queue, id);
    if (under_hand)
        pass_stale(queue);
}

static int by_worth(const void *a, const void *b)
{
    const struct examined *left = a, *right = b;

    if (left->worth != right->worth)
        return left->worth < right->worth ? -1 : 1;
    return (left->turn > right->turn) - (left->turn < right->turn);
}

/* One step of the hand, over as many different keys: there are more in the queue. */
static void examine(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *queue = &state->queue;
    uint32_t exam = (uint32_t)context->parameters[EXAM];

    for (uint32_t turn = 0; turn < exam; turn++) {
        uint32_t id;
        double size;

        if (!queue->hand || queue->hand < queue->begin) {
            queue_oldest(context, queue);
            queue->hand = queue->begin;
        }
        id = queue->ids[queue->hand++];
        size = (double)policy_size(context, id);
        state->list[turn] =
            (struct examined){(entry_of(context, id)->uses + unused_worth) / (size > 1 ? size : 1), turn, id};
        pass_stale(queue);
    }
    qsort(state->list, exam, sizeof *state->list, by_worth);
    state->next = 0;
    state->count = exam - (uint32_t)context->parameters[KEEP];
    for (uint32_t i = 0; i < state->count; i++)
        entry_of(context, state->list[i].id)->is_doomed = 1;
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    while (state->next < state->count && !entry_of(context, state->list[state->next].id)->is_doomed)
        state->next++;
    if (state->next == state->count && state->queue.keys <= (uint32_t)context->parameters[EXAM]) {
        state->queue.hand = 0;
        return queue_oldest(context, &state->queue);
    }
    if (state->next == state->count)
        examine(context);
    return state->list[state->next].id;
}

static const struct policy_parameter parameters[] = {
    [EXAM] = {"exam", 100, 2, MOST, "keys that the hand looks at in one step"},
    [KEEP] = {"keep", 50, 0, MOST - 1, "of these, as many stay"},
    {0},
};

const struct policy policy_fifo_merge = {
    .name = "fifo-merge",
    .summary = "a hand goes over a fifo in steps, and of each keeps what was used most for its size",
    .source = "Yang et al., NSDI 2021",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct merge_entry),
    .init = init,
    .release = release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .victim = victim,
};

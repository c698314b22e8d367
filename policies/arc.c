/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arc: keys seen once (t1) and keys seen again (t2) share the cache; the ghosts of either say who needs more room.
 *
 *       ghosts b1 <----- t1 (seen once) | (again) t2 -----> b2 ghosts
 *                 oldest          newest  newest          oldest       t1's share p moves: up with a hit in b1,
 *         new key ----------------^     ^---- any hit, in ghosts too   down with a hit in b2
 *
 * The paper's pages are all of one size. Here lists are compared by bytes. By default p moves by the ghost's bytes for
 * each of the paper's steps, and the ghosts keep to the paper's bounds: t1 and b1 within the capacity, all four lists
 * within twice the capacity. So objects of one size behave as pages do, whatever that size. libCacheSim moves p by the
 * steps alone, as if bytes were pages, and forgets one ghost per victim; by-bytes=0 does the same and gives its counts.
 *
 * Source: Megiddo, Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003, figure 4. */
#include "policies/sized_queue.h"

#include <math.h>

enum { BY_BYTES };
enum list { T1, T2, B1, B2, LISTS };

struct state {
    struct queue lists[LISTS];
    double p;            /* bytes that t1 should take */
    enum list found;     /* the ghost list that held the key which arrives; LISTS: neither */
    bool forgets_victim; /* the victim in hand leaves no ghost */
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    queues_init(context, LISTS);
    state->found = LISTS;
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

/* Forgets a ghost if the bounds require it, case IV of the paper. Returns whether one was forgotten. */
static bool forget_ghost(struct policy_context *context)
{
    struct queue *lists = ((struct state *)context->state)->lists;
    double once = (double)(lists[T1].bytes + lists[B1].bytes);
    double again = (double)(lists[T2].bytes + lists[B2].bytes);
    struct queue *ghosts = NULL;

    if (once + (double)context->arriving_bytes > capacity(context))
        ghosts = &lists[B1];
    else if (once + again >= 2 * capacity(context))
        ghosts = &lists[B2];
    if (!ghosts || !ghosts->keys)
        return false;
    sized_forget_oldest(context, ghosts);
    return true;
}

/* How far p moves for a hit in the list `hit`. The shorter that list is, the farther. */
static double step(const struct policy_context *context, const struct queue *hit, const struct queue *other,
                   uint32_t id)
{
    double steps = other->bytes > hit->bytes && hit->bytes ? (double)other->bytes / (double)hit->bytes : 1;

    return context->parameters[BY_BYTES] ? steps * ((struct sized_entry *)policy_entry(context, id))->bytes : steps;
}

static void arriving(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct queue *lists = state->lists;

    state->found = *queue_place_of(context, id) ? queue_number_of(context, id) : LISTS;
    if (state->found == B1)
        state->p = fmin(state->p + step(context, &lists[B1], &lists[B2], id), capacity(context));
    else if (state->found == B2)
        state->p = fmax(state->p - step(context, &lists[B2], &lists[B1], id), 0);
    else
        while (context->parameters[BY_BYTES] && forget_ghost(context))
            ;
    if (state->found != LISTS)
        sized_return(context, &lists[state->found], id);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    enum list list;

    if (*queue_place_of(context, id)) /* RENAME, for one, has not announced it */
        sized_return(context, queue_home(context, id), id);
    list = sized_returns(context, id) ? T2 : T1;
    sized_weigh(context, id);
    sized_push(context, &state->lists[list], id);
    state->found = LISTS;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct queue *lists = ((struct state *)context->state)->lists;

    if (queue_number_of(context, id) == T2)
        queue_renew(context, &lists[T2], id);
    else
        sized_move(context, &lists[T1], &lists[T2], id);
}

static void written(struct policy_context *context, uint32_t id)
{
    sized_reweigh(context, queue_home(context, id), id);
    read_key(context, id);
}

/* The paper's REPLACE. */
static uint32_t replace(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *t1 = &state->lists[T1], *t2 = &state->lists[T2];
    double once = (double)t1->bytes;
    bool over = once > state->p || (once == state->p && state->found == B2);

    return queue_oldest(context, (t1->keys && over) || !t2->keys ? t1 : t2);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *lists = state->lists;

    state->forgets_victim = state->found == LISTS && !lists[B1].keys && lists[T1].keys &&
                            (double)(lists[T1].bytes + context->arriving_bytes) > capacity(context);
    if (state->forgets_victim)
        return queue_oldest(context, &lists[T1]);
    if (state->found == LISTS && !context->parameters[BY_BYTES])
        forget_ghost(context);
    return replace(context);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct queue *list = queue_home(context, id);

    if (((struct state *)context->state)->forgets_victim)
        sized_forget(context, list, id);
    else
        sized_move(context, list, list + (B1 - T1), id);
}

static const struct policy_parameter parameters[] = {
    [BY_BYTES] = {"by-bytes", 1, 0, 1, "p and ghosts follow the keys' bytes; 0: as in libCacheSim"},
    {0},
};

const struct policy policy_arc = {
    .name = "arc",
    .summary = "a list of keys seen once and one of keys seen again; hits among the ghosts of each shift the balance",
    .source = "Megiddo and Modha, FAST 2003",
    .libcachesim = "by-bytes=0",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct sized_entry),
    .init = init,
    .release = release,
    .arriving = arriving,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = sized_removed,
    .evicted = evicted,
    .victim = victim,
};

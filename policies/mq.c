/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mq: lru lists by how often a key was used. A key that is not used for a lifetime falls one list down.
 *
 *     8 uses or more     q3  [ oldest ... newest ]
 *     4..7               q2  [ ................. ]     a lifetime unused: to the newest end of the list below
 *     2..3               q1  [ ................. ]
 *     new key, 1 use --> q0  [ ................. ]     victims: the oldest of the lowest list that is not empty;
 *                        out [ ghosts            ]     their uses are remembered for 4 capacities
 *
 * Time is counted in uses of any key. The lifetime is measured: it is the most common distance so far, in powers of
 * two, between a key's return from out and its use before that. (The paper adapts it to statistics of temporal
 * distances too, but leaves the method to a thesis. Distances of hits are not counted: they are the short ones, and do
 * not show how long a key must stay to be there when it is wanted again.) life=N sets it.
 *
 * Source: Zhou, Philbin, Li, The multi-queue replacement algorithm for second level buffer caches, USENIX 2001. */
#include "policies/sized_queue.h"

enum { QUEUES, OUT_SHARE, LIFE };
enum { OUT = 15, DISTANCES = 32 };

struct mq_entry {
    struct sized_entry sized;
    uint32_t uses;
    uint32_t last;  /* time of the last use */
    uint32_t since; /* time at which it entered its list */
};

struct state {
    struct queue queues[OUT + 1];
    uint32_t since[OUT]; /* the `since` of each list's oldest key, or an earlier time */
    uint32_t count;      /* number of lists */
    uint32_t now;        /* wraps round; only differences count */
    uint32_t life;
    bool measures;                 /* whether the lifetime is measured */
    uint32_t peak;                 /* logarithm of the most common distance */
    uint64_t distances[DISTANCES]; /* number of distances, by their logarithm */
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    queues_init(context, OUT + 1);
    state->count = (uint32_t)context->parameters[QUEUES];
    state->life = (uint32_t)context->parameters[LIFE];
    state->measures = !state->life;
    if (state->measures)
        state->life = UINT32_MAX;
    return 0;
}

static void release(struct policy_context *context)
{
    queues_release(context, OUT + 1);
}

static uint32_t logarithm(uint32_t number)
{
    return 31 - (uint32_t)__builtin_clz(number);
}

/* Counts a distance: a key came back this long after its last use. */
static void measure(struct state *state, uint32_t distance)
{
    uint32_t power = logarithm(distance);

    if (++state->distances[power] > state->distances[state->peak])
        state->peak = power;
    state->life = state->peak < DISTANCES - 1 ? UINT32_C(2) << state->peak : UINT32_MAX;
}

static void enter(struct policy_context *context, uint32_t list, uint32_t id)
{
    struct state *state = context->state;
    struct queue *queue = &state->queues[list];

    if (!queue->keys)
        state->since[list] = state->now;
    ((struct mq_entry *)policy_entry(context, id))->since = state->now;
    sized_push(context, queue, id);
}

/* Moves keys at the end of their lifetime one list down: at most one from each list. */
static void adjust(struct policy_context *context)
{
    struct state *state = context->state;

    state->now++;
    for (uint32_t list = 1; list < state->count; list++) {
        struct queue *queue = &state->queues[list];
        uint32_t id;

        if (!queue->keys || state->now - state->since[list] <= state->life)
            continue;
        id = queue_oldest(context, queue);
        state->since[list] = ((struct mq_entry *)policy_entry(context, id))->since;
        if (state->now - state->since[list] <= state->life)
            continue;
        sized_take(context, queue, id);
        enter(context, list - 1, id);
    }
}

/* Puts the key, which is in no list, into the list for its uses. */
static void use(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct mq_entry *entry = policy_entry(context, id);
    uint32_t list;

    entry->last = state->now;
    entry->uses += entry->uses < UINT32_MAX;
    list = logarithm(entry->uses);
    enter(context, list < state->count ? list : state->count - 1, id);
    adjust(context);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct mq_entry *entry = policy_entry(context, id);

    if (entry->sized.place) {
        sized_take(context, queue_home(context, id), id);
        if (state->measures)
            measure(state, state->now - entry->last);
    } else {
        entry->uses = 0;
    }
    sized_weigh(context, id);
    use(context, id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    sized_take(context, queue_home(context, id), id);
    use(context, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    sized_reweigh(context, queue_home(context, id), id);
    read_key(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    for (uint32_t list = 0; list < state->count; list++)
        if (state->queues[list].keys)
            return queue_oldest(context, &state->queues[list]);
    return NO_KEY;
}

static uint64_t out_room(const struct policy_context *context)
{
    const struct state *state = context->state;
    uint64_t held = 0;

    for (uint32_t list = 0; list < state->count; list++)
        held += state->queues[list].bytes;
    return sized_share(context, held, context->parameters[OUT_SHARE]);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct queue *out = &((struct state *)context->state)->queues[OUT];
    uint64_t most = out_room(context);

    sized_move(context, queue_home(context, id), out, id);
    while (out->bytes > most)
        sized_forget_oldest(context, out);
}

static const struct policy_parameter parameters[] = {
    [QUEUES] = {"queues", 8, 1, OUT, "lru lists"},
    [OUT_SHARE] = {"out", 4, 0, 100, "bytes of the keys whose uses are remembered, as a share of the capacity"},
    [LIFE] = {"life", 0, 0, 4e9, "an unused key falls after so many uses of any key; 0: as measured"},
    {0},
};

const struct policy policy_mq = {
    .name = "mq",
    .summary = "lru lists by number of uses; a key that is not used for a lifetime falls one list down",
    .source = "Zhou et al., USENIX 2001",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct mq_entry),
    .init = init,
    .release = release,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = sized_removed,
    .evicted = evicted,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slru: a ladder of lru lists. A hit moves a key one step up. A key that falls out of a full list becomes the newest of
 * the list below.
 *
 *     new key ---> lowest -- hit --> 1 -- hit --> 2 -- hit --> 3 (hit: newest again)
 *      victim <----oldest <-oldest-- ' <-oldest-- ' <-oldest-- '   the upper ones share 3/4 of the capacity evenly
 *
 * The lowest takes the room that the others leave. With two segments these are the paper's probationary and protected
 * lists; four equal ones are the S4LRU of Huang et al. A key larger than the lowest's share is not admitted.
 *
 * The simulator of the SOSP 2023 s3fifo paper treats segments as rigid caches, as its counts show; rigid=1 does the
 * same. There a new key goes to the lowest segment with room. A hit whose falling keys make the lowest overflow leads
 * to an eviction, even if there is room elsewhere.
 *
 * Source: Karedla, Love, Wherry, Caching strategies to improve disk system performance, IEEE Computer 27(3), 1994;
 * Huang et al., An analysis of Facebook photo caching, SOSP 2013. */
#include "policies/sized_queue.h"

enum { SEGMENTS, PROTECTED, RIGID };
enum { SEGMENTS_MOST = 16 };

struct state {
    struct queue segments[SEGMENTS_MOST];
    uint32_t count;
    double lowest_part, upper_part; /* parts of the capacity for the lowest and for each other segment */
    bool rigid;
    bool overflows; /* rigid: keys fell into the lowest, which has not evicted for them yet */
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    state->count = (uint32_t)context->parameters[SEGMENTS];
    state->upper_part = context->parameters[PROTECTED] / (state->count - 1);
    state->lowest_part = 1 - context->parameters[PROTECTED];
    state->rigid = context->parameters[RIGID] != 0;
    queues_init(context, SEGMENTS_MOST);
    return 0;
}

static void release(struct policy_context *context)
{
    queues_release(context, SEGMENTS_MOST);
}

static uint64_t room_of(const struct policy_context *context, uint32_t segment)
{
    const struct state *state = context->state;
    uint64_t held = 0;

    for (uint32_t i = 0; i < state->count; i++)
        held += state->segments[i].bytes;
    return sized_share(context, held, segment ? state->upper_part : state->lowest_part);
}

static bool admits(struct policy_context *context, uint32_t id)
{
    (void)id;
    return context->arriving_bytes <= room_of(context, 0);
}

static uint32_t lowest_with_room(const struct policy_context *context, uint32_t bytes)
{
    const struct state *state = context->state;

    for (uint32_t i = 0; i < state->count; i++)
        if (state->segments[i].bytes + bytes <= room_of(context, i))
            return i;
    return 0;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    uint32_t segment = 0;

    sized_weigh(context, id);
    if (state->rigid)
        segment = lowest_with_room(context, ((struct sized_entry *)policy_entry(context, id))->bytes);
    sized_push(context, &state->segments[segment], id);
}

/* From this segment down, the oldest keys fall one segment until all are within their shares. */
static void settle(struct policy_context *context, uint32_t segment)
{
    struct state *state = context->state;
    uint64_t room = room_of(context, 1);

    for (; segment && state->segments[segment].bytes > room; segment--) {
        while (state->segments[segment].bytes > room)
            sized_move(context, &state->segments[segment], &state->segments[segment - 1],
                       queue_oldest(context, &state->segments[segment]));
        state->overflows = segment == 1;
    }
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct queue *segment = queue_home(context, id);

    if (segment->number + 1 == state->count) {
        queue_renew(context, segment, id);
        return;
    }
    sized_move(context, segment, segment + 1, id);
    settle(context, segment->number + 1);
}

static void written(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    sized_reweigh(context, queue_home(context, id), id);
    read_key(context, id);
    settle(context, state->count - 1);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    for (uint32_t i = 0; i < state->count; i++)
        if (state->segments[i].keys)
            return queue_oldest(context, &state->segments[i]);
    return NO_KEY;
}

static uint32_t surplus(struct policy_context *context)
{
    struct state *state = context->state;

    if (state->rigid && state->overflows && state->segments[0].bytes > room_of(context, 0))
        return queue_oldest(context, &state->segments[0]);
    state->overflows = false;
    return NO_KEY;
}

static const struct policy_parameter parameters[] = {
    [SEGMENTS] = {"segments", 4, 2, SEGMENTS_MOST, "lists on the ladder"},
    [PROTECTED] = {"protected", 0.75, 0.01, 0.99, "share of the capacity for all but the lowest"},
    [RIGID] = {"rigid", 0, 0, 1, "1: the lowest has a share to keep to as well, as in libCacheSim"},
    {0},
};

const struct policy policy_slru = {
    .name = "slru",
    .summary = "a ladder of lru lists: a hit takes a key one step up, victims come from below",
    .source = "Karedla et al. 1994",
    .libcachesim = "rigid=1",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct sized_entry),
    .init = init,
    .release = release,
    .added = added,
    .admits = admits,
    .read = read_key,
    .written = written,
    .removed = sized_removed,
    .victim = victim,
    .surplus = surplus,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tinylfu: lru behind a door. A full cache admits a key only if a sketch (policies/sketch.h) has counted it more often
 * than the key that would have to go for it.
 *
 *     new key ---> more popular than the least recently used? --- yes: that one goes
 *                                                             `-- no: it is not admitted
 *
 * A Redis server stores every key that it is given. There the newest key waits at the door until the next victim is
 * needed: the less popular of the two goes.
 *
 * The paper counts objects; here a large key is compared only with the first of the keys that must go for it.
 *
 * Source: Einziger, Friedman, Manes, TinyLFU: a highly efficient cache admission policy, ACM TOS 13(4), 2017. */
#include "policies/queue.h"
#include "policies/sketch.h"

enum { SAMPLE, COUNTERS, DOORKEEPER };

struct tinylfu_entry {
    uint32_t place;
    uint32_t bytes;
};

struct state {
    struct queue queue;
    struct sketch sketch;
    uint32_t admitted; /* the key that was admitted, until it has been added; or NO_KEY */
    uint32_t at_door;  /* the key that was added without being admitted; or NO_KEY */
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    queue_init(&state->queue, 0);
    sketch_init(&state->sketch, context->parameters[SAMPLE], context->parameters[COUNTERS],
                context->parameters[DOORKEEPER] != 0);
    state->admitted = state->at_door = NO_KEY;
    return 0;
}

static void release(struct policy_context *context)
{
    struct state *state = context->state;

    queue_release(&state->queue);
    sketch_release(&state->sketch);
}

static void arriving(struct policy_context *context, uint32_t id)
{
    sketch_add(&((struct state *)context->state)->sketch, id);
}

static bool is_more_popular(const struct policy_context *context, uint32_t id, uint32_t than)
{
    const struct sketch *sketch = &((const struct state *)context->state)->sketch;

    return sketch_count(sketch, id) > sketch_count(sketch, than);
}

static bool admits(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    uint32_t oldest = queue_oldest(context, &state->queue);
    bool fits = context->arriving_bytes <= policy_capacity(context, state->queue.bytes) &&
                state->queue.bytes <= policy_capacity(context, state->queue.bytes) - context->arriving_bytes;

    if (!fits && oldest != NO_KEY && !is_more_popular(context, id, oldest))
        return false;
    state->admitted = id;
    return true;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct tinylfu_entry *entry = policy_entry(context, id);

    entry->bytes = (uint32_t)policy_size(context, id);
    state->queue.bytes += entry->bytes;
    queue_push(context, &state->queue, id);
    sketch_expect(&state->sketch, state->queue.keys, state->queue.bytes, policy_capacity(context, state->queue.bytes));
    state->at_door = state->admitted == id ? NO_KEY : id;
    state->admitted = NO_KEY;
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    sketch_add(&state->sketch, id);
    queue_renew(context, &state->queue, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    struct tinylfu_entry *entry = policy_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    ((struct state *)context->state)->queue.bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
    read_key(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    state->queue.bytes -= ((struct tinylfu_entry *)policy_entry(context, id))->bytes;
    queue_take(context, &state->queue, id);
    if (state->at_door == id)
        state->at_door = NO_KEY;
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t oldest = queue_oldest(context, &state->queue);
    uint32_t newcomer = state->at_door;

    state->at_door = NO_KEY;
    return newcomer == NO_KEY || is_more_popular(context, newcomer, oldest) ? oldest : newcomer;
}

static const struct policy_parameter parameters[] = {
    [SAMPLE] = {"sample", 10, 1, 1e6, "requests per key held after which counts are halved"},
    [COUNTERS] = {"counters", 4, 0.1, 1000, "of the sketch, per key held and row"},
    [DOORKEEPER] = {"doorkeeper", 1, 0, 1, "1: the first request in a sample does not reach the counters"},
    {0},
};

const struct policy policy_tinylfu = {
    .name = "tinylfu",
    .summary = "lru that lets a key in only if a sketch finds it more popular than the victim",
    .source = "Einziger et al., ACM TOS 2017",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct tinylfu_entry),
    .state_per_key = 128, /* the sketch, which expects more keys than there are */
    .init = init,
    .release = release,
    .arriving = arriving,
    .admits = admits,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = removed,
    .victim = victim,
};

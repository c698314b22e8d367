/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock: a fifo in which a key goes round again if it was used since the hand last passed it.
 *
 *     oldest                       newest
 *     k0  k3  k0  k1  k2  ...  k0           the digit: uses, counted up to 2^bits - 1
 *      `--> victim   `--> one less, and to the newest end
 *
 * With one bit this is also second chance, a fifo whose oldest key is spared if it was used. The two differ in what
 * moves in real memory, but they evict the same keys.
 *
 * Source: Corbato, A paging experiment with the Multics system, MIT Project MAC report MAC-M-384, 1968. The counter of
 * several bits: Smith, Sequentiality and prefetching in database systems, ACM TODS 3(3), 1978. */
#include "policies/queue.h"

enum { BITS };

struct clock_entry {
    uint32_t place;
    uint32_t uses;
};

struct state {
    struct queue queue;
    uint32_t most;
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    queue_init(&state->queue, 0);
    state->most = (1U << (unsigned)context->parameters[BITS]) - 1;
    return 0;
}

static int init_second_chance(struct policy_context *context, struct error *error)
{
    (void)error;
    queue_init(&((struct state *)context->state)->queue, 0);
    ((struct state *)context->state)->most = 1;
    return 0;
}

static void release(struct policy_context *context)
{
    queue_release(&((struct state *)context->state)->queue);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct clock_entry *entry = policy_entry(context, id);

    entry->uses = 0;
    queue_push(context, &((struct state *)context->state)->queue, id);
}

static void used(struct policy_context *context, uint32_t id)
{
    struct clock_entry *entry = policy_entry(context, id);

    entry->uses += entry->uses < ((struct state *)context->state)->most;
}

static void removed(struct policy_context *context, uint32_t id)
{
    queue_take(context, &((struct state *)context->state)->queue, id);
}

static uint32_t victim(struct policy_context *context)
{
    struct queue *queue = &((struct state *)context->state)->queue;

    for (;;) {
        uint32_t id = queue_oldest(context, queue);
        struct clock_entry *entry;

        if (id == NO_KEY)
            return NO_KEY;
        entry = policy_entry(context, id);
        if (!entry->uses)
            return id;
        entry->uses--;
        queue_renew(context, queue, id);
    }
}

static const struct policy_parameter parameters[] = {
    [BITS] = {"bits", 1, 1, 16, "of the use counter"},
    {0},
};

const struct policy policy_clock = {
    .name = "clock",
    .summary = "fifo, but a key used since the last look goes round again",
    .source = "Corbato 1968",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct clock_entry),
    .init = init,
    .release = release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .victim = victim,
};

const struct policy policy_second_chance = {
    .name = "second-chance",
    .summary = "fifo, but a key used since it came in goes round once more: clock with one bit",
    .source = "Corbato 1968",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct clock_entry),
    .init = init_second_chance,
    .release = release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .victim = victim,
};

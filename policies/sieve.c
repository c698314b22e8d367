/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sieve: a hand walks from the oldest key to the newest. A key that was used since the hand last passed stays where it
 * is; the first one that was not is evicted.
 *
 *     oldest                            newest
 *     used  used  used  unused  used  unused
 *                 hand -> (clears)  victim; the hand goes on from its newer neighbour
 *
 * Unlike in clock, survivors keep their place, so the hand reaches new keys early: quick demotion.
 *
 * Source: Zhang, Yang, Yue, Vigfusson, Rashmi, SIEVE is simpler than LRU, NSDI 2024. */
#include "policies/queue.h"

struct sieve_entry {
    uint32_t place;
    uint32_t used;
};

static void added(struct policy_context *context, uint32_t id)
{
    struct sieve_entry *entry = policy_entry(context, id);

    entry->used = 0;
    queue_push(context, context->state, id);
}

static void used(struct policy_context *context, uint32_t id)
{
    ((struct sieve_entry *)policy_entry(context, id))->used = 1;
}

/* If the newest key is removed under the hand, the hand goes back to the oldest. It does not wait there for newer
 * keys. */
static void removed(struct policy_context *context, uint32_t id)
{
    struct queue *queue = context->state;
    bool under_hand = *queue_place_of(context, id) >> QUEUE_NUMBER_BITS == queue->hand;

    queue_take(context, queue, id);
    while (under_hand && queue->hand < queue->end && !queue_is_live(queue, queue->hand))
        queue->hand++;
    if (under_hand && queue->hand == queue->end)
        queue->hand = 0;
}

static uint32_t victim(struct policy_context *context)
{
    struct queue *queue = context->state;

    if (!queue->keys)
        return NO_KEY;
    for (;; queue->hand++) {
        struct sieve_entry *entry;

        if (queue->hand < queue->begin || queue->hand >= queue->end) {
            queue_oldest(context, queue);
            queue->hand = queue->begin;
        }
        queue_fetch_ahead(context, queue, queue->hand);
        if (!queue_is_live(queue, queue->hand))
            continue;
        entry = policy_entry(context, queue->ids[queue->hand]);
        if (!entry->used)
            return queue->ids[queue->hand];
        entry->used = 0;
    }
}

const struct policy policy_sieve = {
    .name = "sieve",
    .summary = "a hand goes round and evicts keys not used since it last passed; the others stay in place",
    .source = "Zhang et al., NSDI 2024",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct queue),
    .entry_size = sizeof(struct sieve_entry),
    .init = one_queue_init,
    .release = one_queue_release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .victim = victim,
};

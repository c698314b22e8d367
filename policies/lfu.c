/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lfu: the key that was used least often since it came in; among equals, the one used longest ago.
 *
 * Redis's lfu differs in two ways: its counter is logarithmic and decays with time, and it compares a few sampled keys.
 * This one keeps the full count while a key stays, and forgets it when the key goes ("in-cache" lfu).
 *
 * Source: the textbook; Coffman, Denning, Operating Systems Theory, 1973. Ties are ordered as in the frequency lists of
 * Shah, Mitra, Matani, An O(1) algorithm for implementing the LFU cache eviction scheme, 2010. */
#include "policies/heap.h"

static void added(struct policy_context *context, uint32_t id)
{
    heap_push(context, context->state, id, 1);
}

static void used(struct policy_context *context, uint32_t id)
{
    const struct heap_entry *entry = policy_entry(context, id);

    heap_use(context, context->state, id, entry->priority + 1);
}

static void removed(struct policy_context *context, uint32_t id)
{
    heap_take(context, context->state, id);
}

static uint32_t victim(struct policy_context *context)
{
    return heap_least(context, context->state);
}

const struct policy policy_lfu = {
    .name = "lfu",
    .summary = "least frequently used since it came in, exactly",
    .source = "Coffman and Denning 1973",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct heap),
    .entry_size = sizeof(struct heap_entry),
    .state_per_key = HEAP_BYTES_PER_KEY,
    .release = one_heap_release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .victim = victim,
};

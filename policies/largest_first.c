/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size: the largest key goes, and among equals the one that was used longest ago. It makes room for most keys, and so for
 * most hits where small keys are used as often as large ones; the large ones it never keeps cost its byte hit ratio. What
 * is small and was used once stays for ever.
 *
 * With objects of one size it is lru.
 *
 * Source: Williams, Abrams, Standridge, Abdulla, Fox, Removal policies in network caches for World-Wide Web documents,
 * SIGCOMM 1996: their primary key SIZE, with the time of the last use (ATIME) as the second. */
#include "policies/heap.h"

static double priority(const struct policy_context *context, uint32_t id)
{
    return -(double)policy_size(context, id);
}

static void added(struct policy_context *context, uint32_t id)
{
    heap_push(context, context->state, id, priority(context, id));
}

/* A write may have made it smaller or larger. */
static void used(struct policy_context *context, uint32_t id)
{
    heap_use(context, context->state, id, priority(context, id));
}

static void removed(struct policy_context *context, uint32_t id)
{
    heap_take(context, context->state, id);
}

static uint32_t victim(struct policy_context *context)
{
    return heap_least(context, context->state);
}

const struct policy policy_largest_first = {
    .name = "size",
    .summary = "the largest, so that most keys find room",
    .source = "Williams et al., SIGCOMM 1996",
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

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lru: the key that was touched longest ago, exactly.
 *
 * Redis does not do this: it samples. The exact order is the yardstick that the sampled policies are
 * measured against.
 *
 * Source: the textbook; Mattson et al., Evaluation techniques for storage hierarchies, 1970. */
#include "policies/queue.h"

static int init(struct policy_context *context, struct error *error)
{
    (void)error;
    queue_init(context->state, 0);
    return 0;
}

static void release(struct policy_context *context)
{
    queue_release(context->state);
}

static void added(struct policy_context *context, uint32_t id)
{
    queue_push(context, context->state, id);
}

static void touched(struct policy_context *context, uint32_t id)
{
    queue_renew(context, context->state, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    queue_take(context, context->state, id);
}

static uint32_t victim(struct policy_context *context)
{
    return queue_oldest(context, context->state);
}

const struct policy policy_lru = {
    .name = "lru",
    .summary = "least recently used, exactly (yardstick)",
    .source = "Mattson et al. 1970",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct queue),
    .entry_size = sizeof(uint32_t),
    .init = init,
    .release = release,
    .added = added,
    .read = touched,
    .written = touched,
    .removed = removed,
    .victim = victim,
};

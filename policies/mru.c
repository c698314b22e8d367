/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mru: the key that was touched last. What a loop larger than the cache wants, and next to nothing else.
 *
 * Source: Chou, DeWitt, An evaluation of buffer management strategies for relational database systems, VLDB 1985. */
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
    return queue_newest(context, context->state);
}

const struct policy policy_mru = {
    .name = "mru",
    .summary = "most recently used: for loops",
    .source = "Chou and DeWitt, VLDB 1985",
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

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fifo: the key that came first. Reads and overwrites change nothing.
 *
 * Source: Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2),
 * 1966. */
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

static void removed(struct policy_context *context, uint32_t id)
{
    queue_take(context, context->state, id);
}

static uint32_t victim(struct policy_context *context)
{
    return queue_oldest(context, context->state);
}

const struct policy policy_fifo = {
    .name = "fifo",
    .summary = "first in, first out",
    .source = "Belady 1966",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct queue),
    .entry_size = sizeof(uint32_t),
    .init = init,
    .release = release,
    .added = added,
    .removed = removed,
    .victim = victim,
};

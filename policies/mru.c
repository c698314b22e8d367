/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mru: the key that was touched last. It suits a loop larger than the cache, and next to nothing else.
 *
 * Source: Chou, DeWitt, An evaluation of buffer management strategies for relational database systems, VLDB 1985. */
#include "policies/queue.h"

static uint32_t victim(struct policy_context *context)
{
    return queue_newest(context->state);
}

const struct policy policy_mru = {
    .name = "mru",
    .summary = "most recently used: for loops",
    .source = "Chou and DeWitt, VLDB 1985",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct queue),
    .entry_size = sizeof(uint32_t),
    .init = one_queue_init,
    .release = one_queue_release,
    .soon = one_queue_soon,
    .added = one_queue_push,
    .read = one_queue_renew,
    .written = one_queue_renew,
    .removed = one_queue_take,
    .victim = victim,
};

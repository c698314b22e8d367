/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fifo: the key that came first. Reads and overwrites change nothing in the order.
 *
 * Source: Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2),
 * 1966. */
#include "policies/queue.h"

const struct policy policy_fifo = {
    .name = "fifo",
    .summary = "first in, first out",
    .source = "Belady 1966",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct queue),
    .entry_size = sizeof(uint32_t),
    .init = one_queue_init,
    .release = one_queue_release,
    .added = one_queue_push,
    .removed = one_queue_take,
    .victim = one_queue_oldest,
};

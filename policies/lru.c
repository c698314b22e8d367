/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lru: the key that was touched longest ago, exactly.
 *
 * Redis does not do this: it samples. The exact order is the yardstick for the sampled policies.
 *
 * Source: the textbook; Mattson et al., Evaluation techniques for storage hierarchies, 1970. */
#include "policies/queue.h"

const struct policy policy_lru = {
    .name = "lru",
    .summary = "least recently used, exactly (yardstick)",
    .source = "Mattson et al. 1970",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct queue),
    .entry_size = sizeof(uint32_t),
    .is_lru = true,
    .init = one_queue_init,
    .release = one_queue_release,
    .soon = one_queue_soon,
    .added = one_queue_push,
    .read = one_queue_renew,
    .written = one_queue_renew,
    .removed = one_queue_take,
    .victim = one_queue_oldest,
};

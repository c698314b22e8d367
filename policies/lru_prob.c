/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lru-prob: lru in which a use moves the key to the front with a probability only. Keys that are used often are moved
 * almost as surely, and a hit costs less; that is why caches do so that many threads share.
 *
 *     prob = 1: lru      prob = 0: fifo
 *
 * Source: libCacheSim's LRU_Prob, which rounds 1 / prob down to a whole number; here it is the probability. */
#include "policies/queue.h"

enum { PROB };

static void used(struct policy_context *context, uint32_t id)
{
    if (gsl_rng_uniform(context->rng) < context->parameters[PROB])
        one_queue_renew(context, id);
}

static const struct policy_parameter parameters[] = {
    [PROB] = {"prob", 0.5, 0, 1, "that a use moves the key to the front"},
    {0},
};

const struct policy policy_lru_prob = {
    .name = "lru-prob",
    .summary = "least recently used, where a use counts with a probability only",
    .source = "libCacheSim",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct queue),
    .entry_size = sizeof(uint32_t),
    .init = one_queue_init,
    .release = one_queue_release,
    .added = one_queue_push,
    .read = used,
    .written = used,
    .removed = one_queue_take,
    .victim = one_queue_oldest,
};

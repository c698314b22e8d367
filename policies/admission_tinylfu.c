/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tinylfu: a key is admitted if it was requested more often lately than the key that would be evicted for it. A sketch
 * keeps the counts (policies/sketch.h). This does before any policy what the policy tinylfu does before lru: a newcomer
 * has to win against the weakest key of the cache.
 *
 *     absent key ---> is there room? --- yes: it is admitted
 *                                   `--- no: more popular than the victim? --- yes: it is admitted
 *                                                                         `--- no: the victim stays
 *
 * A large key is compared only with the first of the keys that must go for it.
 *
 * Source: Einziger, Friedman, Manes, TinyLFU: a highly efficient cache admission policy, ACM TOS 13(4), 2017. */
#include "policies/sketch.h"
#include "sim/admission.h"

enum { SAMPLE, COUNTERS, DOORKEEPER };

static int init(struct admission_context *context, struct error *error)
{
    (void)error;
    sketch_init(context->state, context->parameters[SAMPLE], context->parameters[COUNTERS],
                context->parameters[DOORKEEPER] != 0);
    return 0;
}

static void release(struct admission_context *context)
{
    sketch_release(context->state);
}

/* The sketch grows with the number of keys in the cache. */
static void seen(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    uint32_t keys = (uint32_t)context->view->keys(context->owner);

    (void)bytes;
    sketch_expect(context->state, keys, keys, keys);
    sketch_add(context->state, id);
}

static bool admits(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    uint32_t victim = admission_victim(context, bytes);

    return victim == NO_KEY || sketch_count(context->state, id) > sketch_count(context->state, victim);
}

static const struct policy_parameter parameters[] = {
    [SAMPLE] = {"sample", 10, 1, 1e6, "requests per key held after which counts are halved"},
    [COUNTERS] = {"counters", 4, 0.1, 1000, "of the sketch, per key held and row"},
    [DOORKEEPER] = {"doorkeeper", 1, 0, 1, "1: the first request in a sample does not reach the counters"},
    {0},
};

const struct admission admission_tinylfu = {
    .name = "tinylfu",
    .summary = "if a sketch has seen it more often than the key that would have to go",
    .source = "Einziger et al., ACM TOS 2017",
    .parameters = parameters,
    .state_size = sizeof(struct sketch),
    .init = init,
    .release = release,
    .seen = seen,
    .admits = admits,
};

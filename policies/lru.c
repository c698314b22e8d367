/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lru: the key that was touched longest ago, exactly.
 *
 * Redis does not do this: it samples. The exact order is the yardstick that the sampled policies are
 * measured against. One circular list threads every key, most recent first, through a sentinel that is
 * the state's own link; a touch moves a key to the front, the victim is the last.
 *
 *     newest <-> ... <-> oldest          every operation is O(1); 8 bytes per key
 *        ^---- sentinel ----^
 *
 * Source: the textbook; Mattson et al., Evaluation techniques for storage hierarchies, 1970. */
#include "sim/policy.h"

struct link {
    uint32_t newer, older; /* ids, or NO_KEY for the sentinel */
};

static struct link *link_of(struct policy_context *context, uint32_t id)
{
    return id == NO_KEY ? context->state : policy_entry(context, id);
}

static int init(struct policy_context *context, struct error *error)
{
    (void)error;
    *link_of(context, NO_KEY) = (struct link){NO_KEY, NO_KEY};
    return 0;
}

static void push(struct policy_context *context, uint32_t id)
{
    struct link *sentinel = context->state;

    *link_of(context, id) = (struct link){.newer = NO_KEY, .older = sentinel->older};
    link_of(context, sentinel->older)->newer = id;
    sentinel->older = id;
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct link *link = link_of(context, id);

    link_of(context, link->newer)->older = link->older;
    link_of(context, link->older)->newer = link->newer;
}

static void touched(struct policy_context *context, uint32_t id)
{
    if (((struct link *)context->state)->older == id)
        return;
    removed(context, id);
    push(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    return ((struct link *)context->state)->newer;
}

const struct policy policy_lru = {
    .name = "lru",
    .summary = "least recently used, exactly (yardstick)",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct link),
    .entry_size = sizeof(struct link),
    .private_integers = true,
    .init = init,
    .added = push,
    .read = touched,
    .written = touched,
    .removed = removed,
    .victim = victim,
};

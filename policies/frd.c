/* SPDX-License-Identifier: GPL-3.0-or-later */
/* frd: filtering by reuse distance. Keys used but a few times in all come back either at once or after very long: they
 * pass through a small lru list, the filter, and only those that come back between the two enter main.
 *
 *     new key ---> filter: lru (10 %) ---> victim; a ghost while it is in main's stack
 *                    `- each key also has its place in
 *     main's stack   resident  ghost  filtered  resident ...  by last use; the bottom (oldest) is a resident of main:
 *     (oldest)          |                         (newest)    what is not is cut off, and with it what is known of it
 *                       `--> victim, when a ghost is requested: that becomes a resident of main
 *
 * A use makes a key the newest of the list, or stack, or both, that it is in. So a filtered key that is used often stays
 * in the filter, and main takes the ghosts whose reuse distance is less than that of its oldest resident.
 *
 * The sets are measured in bytes: a victim is main's if main exceeds its share, or would with a ghost that arrives;
 * with objects of one size that is the paper's rule. Before main is full for the first time, new keys go there. Every
 * operation takes amortized constant time.
 *
 * Source: Park, Park, FRD: a filtering based buffer cache algorithm that considers both frequency and reuse distance,
 * MSST 2017. */
#include "policies/list.h"

enum { FILTER_SHARE };
enum home { NOWHERE, FILTER, MAIN, GHOST };

struct frd_entry {
    struct list_link stack, filter;
    uint32_t bytes;
    uint8_t home;
    uint8_t is_stacked;
    uint8_t returns; /* it arrives, and was a ghost */
};

struct state {
    struct list stack;
    struct list filter;
    uint32_t main_keys;
    uint64_t main_bytes;
    uint64_t expected; /* bytes that an arriving ghost will add to main */
    bool main_was_full, has_evicted;
};

static struct frd_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    list_init(&state->stack, offsetof(struct frd_entry, stack));
    list_init(&state->filter, offsetof(struct frd_entry, filter));
    return 0;
}

static uint64_t main_share(const struct policy_context *context)
{
    const struct state *state = context->state;
    uint64_t capacity = policy_capacity(context, state->main_bytes + state->filter.bytes);

    if (capacity == UINT64_MAX)
        return capacity;
    return (uint64_t)((double)capacity * (1 - context->parameters[FILTER_SHARE]));
}

/* ---- where keys are ---- */

static void stack(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct frd_entry *entry = entry_of(context, id);

    if (entry->is_stacked)
        list_renew(context, &state->stack, id);
    else
        list_push(context, &state->stack, id);
    entry->is_stacked = 1;
}

static void unstack(struct policy_context *context, uint32_t id)
{
    struct frd_entry *entry = entry_of(context, id);

    list_take(context, &((struct state *)context->state)->stack, id);
    entry->is_stacked = 0;
    if (entry->home == GHOST)
        entry->home = NOWHERE;
}

/* The key's place in the stack stays. */
static void settle(struct policy_context *context, uint32_t id, enum home home)
{
    struct state *state = context->state;
    struct frd_entry *entry = entry_of(context, id);

    if (entry->home == MAIN) {
        state->main_keys--;
        state->main_bytes -= entry->bytes;
    } else if (entry->home == FILTER) {
        list_take(context, &state->filter, id);
        state->filter.bytes -= entry->bytes;
    }
    entry->home = (uint8_t)home;
    if (home == MAIN) {
        state->main_keys++;
        state->main_bytes += entry->bytes;
    } else if (home == FILTER) {
        list_push(context, &state->filter, id);
        state->filter.bytes += entry->bytes;
    }
}

static void prune(struct policy_context *context)
{
    struct list *stack = &((struct state *)context->state)->stack;

    while (stack->keys && entry_of(context, stack->oldest)->home != MAIN)
        unstack(context, stack->oldest);
}

/* ---- hooks ---- */

static void arriving(struct policy_context *context, uint32_t id)
{
    struct frd_entry *entry = entry_of(context, id);

    entry->returns = entry->home == GHOST;
    ((struct state *)context->state)->expected = entry->returns ? context->arriving_bytes : 0;
}

/* The ghost keeps its place while room is made; it may have lost it by now, and returns all the same. */
static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct frd_entry *entry = entry_of(context, id);
    bool returns = entry->returns || entry->home == GHOST;
    uint64_t bytes = policy_size(context, id);

    state->expected = 0;
    entry->returns = 0;
    entry->bytes = (uint32_t)bytes;
    state->main_was_full = state->main_was_full || state->main_bytes + bytes > main_share(context);
    if (returns || !state->main_was_full) {
        stack(context, id);
        settle(context, id, MAIN);
        return;
    }
    settle(context, id, FILTER);
    if (state->has_evicted)
        stack(context, id);
}

static void used(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    state->expected = 0;
    if (entry_of(context, id)->home == FILTER)
        list_renew(context, &state->filter, id);
    stack(context, id);
    prune(context);
}

/* In a server a ttl takes bytes as well, so a size can change without a write of the value. */
static void resized(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct frd_entry *entry = entry_of(context, id);
    uint64_t more = policy_size(context, id) - entry->bytes; /* may be negative; modulo 2^64 */

    *(entry->home == MAIN ? &state->main_bytes : &state->filter.bytes) += more;
    entry->bytes += (uint32_t)more;
}

static void written(struct policy_context *context, uint32_t id)
{
    resized(context, id);
    used(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    settle(context, id, NOWHERE);
    if (entry_of(context, id)->is_stacked)
        unstack(context, id);
    prune(context);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    state->has_evicted = true;
    prune(context);
    if (state->main_keys && (state->main_bytes + state->expected > main_share(context) || !state->filter.keys))
        return state->stack.oldest;
    return state->filter.oldest;
}

/* A resident of main is forgotten, a filtered key only if its last use was before that of all residents. */
static void evicted(struct policy_context *context, uint32_t id)
{
    struct frd_entry *entry = entry_of(context, id);

    if (entry->home == MAIN || !entry->is_stacked) {
        removed(context, id);
        return;
    }
    settle(context, id, GHOST);
    prune(context);
}

static const struct policy_parameter parameters[] = {
    [FILTER_SHARE] = {"filter", 0.1, 0.001, 0.999, "share of the capacity for the filter"},
    {0},
};

const struct policy policy_frd = {
    .name = "frd",
    .summary = "an lru filter for new keys; main takes what comes back sooner than its oldest key was used",
    .source = "Park and Park, MSST 2017",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct frd_entry),
    .init = init,
    .arriving = arriving,
    .added = added,
    .read = used,
    .written = written,
    .retimed = resized,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

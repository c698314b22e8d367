/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lru-k: the key whose k-th last use is longest ago. Keys with fewer uses go first, in the order of their last use.
 *
 *     time   1  2  3  4  5  6  7  8            k = 2: the second last use was of a at 4, of b at 2, of c never
 *     use    b  a  b  a  c  a  b  d arrives    victim: c, then b
 *
 * Time is counted in uses of any key. A use within `correlated` of the one before counts as the same use, and the key
 * is safe for as long. The history of an evicted key is kept for `retained`. By default it is kept forever, as in the
 * paper's definition, which leaves the limit to the memory at hand. A deleted key is forgotten.
 *
 * Source: O'Neil, O'Neil, Weikum, The LRU-K page replacement algorithm for database disk buffering, SIGMOD 1993,
 * figure 2.1. */
#include "policies/heap.h"
#include "sim/alloc.h"

#include <string.h>

enum { K, CORRELATED, RETAINED };
enum { K_MOST = 4 };

struct lru_k_entry {
    struct heap_entry heap;
    uint64_t last;            /* LAST of the paper: the last use, correlated or not */
    uint64_t history[K_MOST]; /* HIST of the paper: the last use, the one before, ...; 0: none */
    uint32_t safe;            /* its last use is in state->uses; it is not in the heap */
} __attribute__((packed, aligned(4)));

struct state {
    struct heap heap; /* keys that may be evicted, by history[k - 1] */
    uint32_t k;
    uint64_t now;
    uint64_t correlated, retained;
    uint32_t *uses;       /* keys used in the last `correlated` steps; the index is the time modulo that */
    uint64_t oldest_safe; /* no key with an earlier last use is safe */
};

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    state->k = (uint32_t)context->parameters[K];
    state->correlated = (uint64_t)context->parameters[CORRELATED];
    state->retained = (uint64_t)context->parameters[RETAINED];
    if (state->correlated) {
        state->uses = xmalloc(state->correlated * sizeof *state->uses);
        memset(state->uses, 0xff, state->correlated * sizeof *state->uses); /* sets all to NO_KEY */
    }
    return 0;
}

static void release(struct policy_context *context)
{
    struct state *state = context->state;

    heap_release(&state->heap);
    free(state->uses);
}

/* Whether the key is in the cache and this was its last use. */
static bool is_safe_since(const struct policy_context *context, uint32_t id, uint64_t time)
{
    const struct lru_k_entry *entry = id == NO_KEY ? NULL : policy_entry(context, id);

    return entry && entry->safe && entry->last == time;
}

static void push(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lru_k_entry *entry = policy_entry(context, id);

    entry->safe = 0;
    heap_push(context, &state->heap, id, (double)entry->history[state->k - 1]);
}

/* Moves the time on by one use, of this key. Keys whose safe time ends move to the heap, in the order of their last
 * uses. */
static void step(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    uint32_t *use;

    state->now++;
    if (!state->correlated)
        return;
    use = &state->uses[state->now % state->correlated];
    if (*use != id && is_safe_since(context, *use, state->now - state->correlated))
        push(context, *use);
    *use = id;
}

/* Notes a use that is not correlated to the last one. The earlier ones move back; `gap` is the length of the correlated
 * uses. */
static void remember(const struct state *state, struct lru_k_entry *entry, uint64_t gap)
{
    for (uint32_t i = state->k - 1; i; i--)
        entry->history[i] = entry->history[i - 1] ? entry->history[i - 1] + gap : 0;
    entry->history[0] = state->now;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lru_k_entry *entry = policy_entry(context, id);

    step(context, id);
    if (state->retained && state->now - entry->last > state->retained)
        memset(entry->history, 0, sizeof entry->history);
    remember(state, entry, 0);
    entry->last = state->now;
    entry->safe = state->correlated != 0;
    if (!entry->safe)
        push(context, id);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct lru_k_entry *entry = policy_entry(context, id);

    if (!entry->safe)
        heap_take(context, &((struct state *)context->state)->heap, id);
    entry->safe = 0;
}

static void removed(struct policy_context *context, uint32_t id)
{
    evicted(context, id);
    memset(((struct lru_k_entry *)policy_entry(context, id))->history, 0, K_MOST * sizeof(uint64_t));
}

static void used(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lru_k_entry *entry = policy_entry(context, id);

    step(context, id);
    if (state->now - entry->last > state->correlated)
        remember(state, entry, entry->last - entry->history[0]);
    entry->last = state->now;
    if (!state->correlated) {
        heap_use(context, &state->heap, id, (double)entry->history[state->k - 1]);
        return;
    }
    evicted(context, id);
    entry->safe = 1;
}

/* If all keys are safe, the one that was used longest ago. The paper does not speak of this case. */
static uint32_t oldest_safe(struct policy_context *context)
{
    struct state *state = context->state;

    if (state->oldest_safe + state->correlated <= state->now)
        state->oldest_safe = state->now - state->correlated + 1;
    for (; state->oldest_safe <= state->now && state->correlated; state->oldest_safe++) {
        uint32_t id = state->uses[state->oldest_safe % state->correlated];

        if (is_safe_since(context, id, state->oldest_safe))
            return id;
    }
    return NO_KEY;
}

static uint32_t victim(struct policy_context *context)
{
    uint32_t id = heap_least(context, &((struct state *)context->state)->heap);

    return id == NO_KEY ? oldest_safe(context) : id;
}

static const struct policy_parameter parameters[] = {
    [K] = {"k", 2, 1, K_MOST, "which of the last uses counts"},
    [CORRELATED] = {"correlated", 0, 0, 1e7, "two uses of a key within so many uses of any key count as one"},
    [RETAINED] = {"retained", 0, 0, 1e15, "evicted keys are remembered for so many uses of any key; 0: for good"},
    {0},
};

const struct policy policy_lru_k = {
    .name = "lru-k",
    .summary = "the key whose k-th last use is longest ago",
    .source = "O'Neil et al., SIGMOD 1993",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct lru_k_entry),
    .init = init,
    .release = release,
    .added = added,
    .read = used,
    .written = used,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

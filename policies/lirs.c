/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lirs: keys differ in how many other keys were used between their last two uses (inter-reference recency, IRR). Keys
 * with a low IRR, LIR, hold nearly all of the cache; the others, HIR, pass through a short queue.
 *
 *     stack    LIR  ghost  HIR  LIR  ...  HIR     by last use; the bottom (oldest) is always LIR: what is
 *     (oldest)  |                  (newest)       not is cut off, and with it what is known of it
 *               `--- a HIR or ghost that is used while in the stack has a lower IRR than the bottom: it
 *     queue    HIR  HIR  HIR <-'                  becomes LIR, the bottom HIR
 *               `--> victim; a ghost if it is in the stack
 *
 * Two uses in a row count as one: they are correlated. This rule, the least of two keys in the queue, and a limit of
 * the stack that hardly matters come from the authors' simulator (lirs.c, 2002), whose miss counts these are.
 *
 * The sets are measured in bytes. The queue's least is given in keys of mean size. The model evicts only to make room,
 * so the queue may exceed its share where LIR keys leave some of theirs.
 *
 * libCacheSim's LIRS is a different one; --compat libcachesim sets the parameters that give its counts. There, two uses
 * in a row make a key LIR. Ghosts are forgotten when the stack exceeds two capacities. HIR keys never exceed their
 * share even if there is room, and a key larger than that share is not admitted. A HIR key that is used while not in
 * the stack takes room from LIR keys, yet stays HIR. On its CloudPhysics trace of 113872 requests the default misses
 * 95356 and 87694 where libCacheSim misses 94680 and 85609 (1 % and 10 % of the objects); by bytes it misses 94719,
 * 87679, 91910, 53899 against 93607, 84149, 90884, 53924 (1 %, 10 %, 100 MB, 1 GB).
 *
 * Source: Jiang, Zhang, LIRS: an efficient low inter-reference recency set replacement policy to improve buffer
 * cache performance, SIGMETRICS 2002. */
#include "policies/list.h"

enum { HIR_SHARE, HIR_KEYS, STACK_LIMIT, REPEATS, STRICT };
enum rank { UNKNOWN, LIR, HIR, GHOST };

struct lirs_entry {
    struct list_link stack, other; /* other: place in queue or ghosts */
    uint32_t bytes;
    uint8_t rank;
    bool is_stacked;
};

struct state {
    struct list stack;
    struct list queue;  /* the HIR keys */
    struct list ghosts; /* in order of eviction */
    uint32_t lir_keys;
    uint64_t lir_bytes;
    uint64_t expected; /* only if strict: bytes that the arriving key will add to the queue */
};

static struct lirs_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    list_init(&state->stack, offsetof(struct lirs_entry, stack));
    list_init(&state->queue, offsetof(struct lirs_entry, other));
    list_init(&state->ghosts, offsetof(struct lirs_entry, other));
    return 0;
}

/* ---- the sets ---- */

static void enter(struct policy_context *context, struct list *list, uint32_t id)
{
    list_push(context, list, id);
    list->bytes += entry_of(context, id)->bytes;
}

static void leave(struct policy_context *context, struct list *list, uint32_t id)
{
    list_take(context, list, id);
    list->bytes -= entry_of(context, id)->bytes;
}

/* Changes the key's rank, and not its place in the stack. */
static void set_rank(struct policy_context *context, uint32_t id, enum rank rank)
{
    struct state *state = context->state;
    struct lirs_entry *entry = entry_of(context, id);

    if (entry->rank == LIR) {
        state->lir_keys--;
        state->lir_bytes -= entry->bytes;
    } else if (entry->rank != UNKNOWN) {
        leave(context, entry->rank == HIR ? &state->queue : &state->ghosts, id);
    }
    entry->rank = (uint8_t)rank;
    if (rank == LIR) {
        state->lir_keys++;
        state->lir_bytes += entry->bytes;
    } else if (rank != UNKNOWN) {
        enter(context, rank == HIR ? &state->queue : &state->ghosts, id);
    }
}

static void unstack(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    entry_of(context, id)->is_stacked = false;
    leave(context, &state->stack, id);
    if (entry_of(context, id)->rank == GHOST)
        set_rank(context, id, UNKNOWN);
}

/* Takes keys off the bottom until it is LIR. A key below the lowest LIR key cannot have a lower IRR than any of
 * them. */
static void prune(struct policy_context *context)
{
    struct list *stack = &((struct state *)context->state)->stack;

    while (stack->keys && entry_of(context, stack->oldest)->rank != LIR)
        unstack(context, stack->oldest);
}

/* ---- shares ---- */

static uint64_t capacity_of(const struct policy_context *context)
{
    const struct state *state = context->state;

    return policy_capacity(context, state->lir_bytes + state->queue.bytes);
}

static uint64_t lir_share(const struct policy_context *context)
{
    const struct state *state = context->state;
    uint64_t capacity = capacity_of(context), keys = state->lir_keys + state->queue.keys;
    double held = (double)(state->lir_bytes + state->queue.bytes);
    double hir = (double)capacity * context->parameters[HIR_SHARE];
    double least = keys ? held / (double)keys * context->parameters[HIR_KEYS] : 0;

    if (hir < least)
        hir = least;
    return hir < (double)capacity ? capacity - (uint64_t)hir : 0;
}

static uint64_t hir_share(const struct policy_context *context)
{
    return capacity_of(context) - lir_share(context);
}

static void demote_bottom(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t id = state->stack.oldest;

    set_rank(context, id, HIR);
    prune(context);
}

/* Demotes keys until LIR keys and `more` bytes fit into their share. */
static void fit_lir(struct policy_context *context, uint64_t more)
{
    struct state *state = context->state;
    uint64_t share = lir_share(context);

    while (state->lir_keys && state->lir_bytes + more > share)
        demote_bottom(context);
}

static void limit_stack(struct policy_context *context)
{
    struct state *state = context->state;
    double most;

    if (!state->ghosts.keys)
        return;
    most = (double)capacity_of(context) * context->parameters[STACK_LIMIT];
    while (state->ghosts.keys && (double)state->stack.bytes > most)
        unstack(context, state->ghosts.oldest);
}

/* ---- the policy's functions ---- */

/* Makes the key the newest of the stack. */
static void stack(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lirs_entry *entry = entry_of(context, id);

    if (entry->is_stacked) {
        list_renew(context, &state->stack, id);
    } else {
        entry->is_stacked = true;
        enter(context, &state->stack, id);
    }
}

static bool is_strict(const struct policy_context *context)
{
    return context->parameters[STRICT] != 0;
}

/* A key in the cache was used. */
static void used(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lirs_entry *entry = entry_of(context, id);
    bool is_promoted = entry->rank == HIR && entry->is_stacked;

    state->expected = 0;
    if (id == list_newest(context, &state->stack) && !context->parameters[REPEATS])
        return;
    stack(context, id);
    if (is_promoted) {
        set_rank(context, id, LIR);
        fit_lir(context, 0);
    } else if (entry->rank == HIR) {
        list_renew(context, &state->queue, id);
        if (is_strict(context))
            fit_lir(context, entry->bytes);
    }
    prune(context);
    limit_stack(context);
}

/* Only strict shares need this: it makes room in the set that the key will enter. */
static void arriving(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lirs_entry *entry = entry_of(context, id);

    state->expected = 0;
    if (!is_strict(context))
        return;
    if (entry->rank == GHOST) {
        list_renew(context, &state->stack, id);
        fit_lir(context, entry->bytes);
    } else if (state->lir_bytes + context->arriving_bytes > lir_share(context)) {
        state->expected = context->arriving_bytes;
    }
}

static bool admits(struct policy_context *context, uint32_t id)
{
    return !is_strict(context) || entry_of(context, id)->rank == GHOST || context->arriving_bytes <= hir_share(context);
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lirs_entry *entry = entry_of(context, id);
    bool is_promoted = entry->rank == GHOST;

    state->expected = 0;
    if (is_promoted)
        unstack(context, id);
    entry->bytes = (uint32_t)policy_size(context, id);
    stack(context, id);
    set_rank(context, id, LIR);
    if (is_promoted)
        fit_lir(context, 0);
    else if (state->lir_bytes > lir_share(context))
        set_rank(context, id, HIR);
    prune(context);
    limit_stack(context);
}

/* In a server a ttl takes bytes as well, so a size can change without a write of the value. */
static void resized(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lirs_entry *entry = entry_of(context, id);
    uint64_t more = policy_size(context, id) - entry->bytes; /* may be negative; modulo 2^64 */

    if (entry->rank == LIR)
        state->lir_bytes += more;
    else
        state->queue.bytes += more;
    if (entry->is_stacked)
        state->stack.bytes += more;
    entry->bytes += (uint32_t)more;
}

static void written(struct policy_context *context, uint32_t id)
{
    resized(context, id);
    used(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    if (entry_of(context, id)->is_stacked)
        unstack(context, id);
    set_rank(context, id, UNKNOWN);
    prune(context);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    fit_lir(context, 0);
    if (!state->queue.keys && state->lir_keys)
        demote_bottom(context);
    return state->queue.oldest;
}

static uint32_t surplus(struct policy_context *context)
{
    const struct state *state = context->state;

    if (!is_strict(context) || state->queue.bytes + state->expected <= hir_share(context))
        return NO_KEY;
    return state->queue.oldest;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    set_rank(context, id, entry_of(context, id)->is_stacked ? GHOST : UNKNOWN);
}

static const struct policy_parameter parameters[] = {
    [HIR_SHARE] = {"hir", 0.01, 0.001, 1, "share of the capacity for HIR keys"},
    [HIR_KEYS] = {"hir-keys", 2, 1, 1e6, "that many HIR keys (of mean size) at least"},
    [STACK_LIMIT] = {"stack", 2500, 1, 1e9, "bytes of the keys in the stack, as a share of the capacity"},
    [REPEATS] = {"repeats", 0, 0, 1, "1: a key used twice in a row was used again"},
    [STRICT] = {"strict", 0, 0, 1, "1: HIR keys keep to their share though there is room; their use takes from LIR's"},
    {0},
};

const struct policy policy_lirs = {
    .name = "lirs",
    .summary = "keys with a low inter-reference recency stay, the rest pass through a short queue",
    .source = "Jiang, Zhang, SIGMETRICS 2002",
    .parameters = parameters,
    .libcachesim = "hir-keys=1,stack=2,repeats=1,strict=1",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct lirs_entry),
    .init = init,
    .arriving = arriving,
    .admits = admits,
    .added = added,
    .read = used,
    .written = written,
    .retimed = resized,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
    .surplus = surplus,
};

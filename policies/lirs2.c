/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lirs2: lirs that looks one use further back. A key's locality is how many keys were used since its last use but one,
 * the sum of its last two reuse distances, so that one short distance does not make a key worth keeping.
 *
 *     stack    2     1  2  ...  2  1  1      by use; each key is there twice, by its last use (1) and by the one before
 *     (oldest) |                (newest)     (2); the bottom (oldest) is the 2 of a LIR key: what is not is cut off
 *              `--- a HIR or evicted key that is used while its 2 is in the stack becomes LIR, the bottom's key HIR
 *     queue    HIR  HIR  HIR
 *               `--> victim, whose places in the stack stay
 *
 * A use makes a key's 2 its 1, at the top, and its 1 its 2. A new key has a 2 beside its 1, which does not count. A key
 * that has fallen out of the stack is still known to be no new key. Uses in a row count as one.
 *
 * If the stack exceeds eight capacities, a hand that goes up from the bottom takes out the places of keys that are not
 * LIR; it begins anew whenever the bottom changes. Hits and evictions take amortized constant time.
 *
 * These rules are those of the authors' program (replace_lirs2.cc, 2021), whose miss counts these are. The sets are
 * measured in bytes here, as in lirs.c.
 *
 * Source: Zhong, Zhao, Jiang, LIRS2: an improved LIRS replacement algorithm, SYSTOR 2021. */
#include "policies/list.h"

enum { HIR_SHARE, HIR_KEYS, STACK_LIMIT };
enum rank { UNKNOWN, LIR, HIR, GHOST };

#define NO_PLACE UINT32_MAX

/* One of a key's two places in the stack. A place's number is 2 id, or 2 id + 1. */
struct place {
    uint32_t older, newer; /* NO_PLACE at the ends */
};

struct lirs2_entry {
    struct place places[2];
    struct list_link queue;
    uint32_t bytes;
    uint8_t rank;
    uint8_t is_stacked[2];
    uint8_t last : 1;          /* which place is that of the last use; the other's is of the one before */
    uint8_t was_used_once : 1; /* the other place is not of a use */
};

struct state {
    uint32_t bottom, top; /* of the stack: places, or NO_PLACE */
    uint32_t hand;        /* the place from which to look for keys that are not LIR; NO_PLACE: the bottom */
    uint32_t hand_bottom; /* the bottom at which the hand began */
    uint64_t stack_bytes;
    struct list queue; /* the HIR keys */
    uint32_t lir_keys;
    uint64_t lir_bytes;
    uint32_t used; /* 1 + the key that was used last; 0: none, or it is gone */
};

static struct lirs2_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    state->bottom = state->top = state->hand = state->hand_bottom = NO_PLACE;
    list_init(&state->queue, offsetof(struct lirs2_entry, queue));
    return 0;
}

/* ---- the stack ---- */

static struct place *place_of(const struct policy_context *context, uint32_t number)
{
    return &entry_of(context, number / 2)->places[number % 2];
}

static void stack(struct policy_context *context, uint32_t number)
{
    struct state *state = context->state;
    struct lirs2_entry *entry = entry_of(context, number / 2);

    *place_of(context, number) = (struct place){.older = state->top, .newer = NO_PLACE};
    if (state->top == NO_PLACE)
        state->bottom = number;
    else
        place_of(context, state->top)->newer = number;
    state->top = number;
    state->stack_bytes += entry->bytes;
    entry->is_stacked[number % 2] = 1;
}

static void unstack(struct policy_context *context, uint32_t number)
{
    struct state *state = context->state;
    struct lirs2_entry *entry = entry_of(context, number / 2);
    const struct place *place = place_of(context, number);

    if (state->hand == number)
        state->hand = place->newer;
    *(place->older == NO_PLACE ? &state->bottom : &place_of(context, place->older)->newer) = place->newer;
    *(place->newer == NO_PLACE ? &state->top : &place_of(context, place->newer)->older) = place->older;
    state->stack_bytes -= entry->bytes;
    entry->is_stacked[number % 2] = 0;
}

static bool is_lir(const struct policy_context *context, uint32_t number)
{
    return entry_of(context, number / 2)->rank == LIR;
}

/* Takes places off the bottom until it is that of the use before the last of a LIR key. */
static void prune(struct policy_context *context)
{
    struct state *state = context->state;

    while (state->bottom != NO_PLACE &&
           !(is_lir(context, state->bottom) && entry_of(context, state->bottom / 2)->last != state->bottom % 2))
        unstack(context, state->bottom);
    if (state->bottom != state->hand_bottom) {
        state->hand = NO_PLACE;
        state->hand_bottom = state->bottom;
    }
}

/* ---- ranks and shares ---- */

static void set_rank(struct policy_context *context, uint32_t id, enum rank rank)
{
    struct state *state = context->state;
    struct lirs2_entry *entry = entry_of(context, id);

    if (entry->rank == LIR) {
        state->lir_keys--;
        state->lir_bytes -= entry->bytes;
    } else if (entry->rank == HIR) {
        list_take(context, &state->queue, id);
        state->queue.bytes -= entry->bytes;
    }
    entry->rank = (uint8_t)rank;
    if (rank == LIR) {
        state->lir_keys++;
        state->lir_bytes += entry->bytes;
    } else if (rank == HIR) {
        list_push(context, &state->queue, id);
        state->queue.bytes += entry->bytes;
    }
}

static double capacity_of(const struct policy_context *context)
{
    const struct state *state = context->state;

    return (double)policy_capacity(context, state->lir_bytes + state->queue.bytes);
}

static double lir_share(const struct policy_context *context)
{
    const struct state *state = context->state;
    double capacity = capacity_of(context), keys = state->lir_keys + state->queue.keys;
    double hir = capacity * context->parameters[HIR_SHARE];
    double least = keys ? (double)(state->lir_bytes + state->queue.bytes) / keys * context->parameters[HIR_KEYS] : 0;

    if (hir < least)
        hir = least;
    return hir < capacity ? capacity - (double)(uint64_t)hir : 0;
}

static void demote_bottom(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t bottom = state->bottom;

    set_rank(context, bottom / 2, HIR);
    prune(context);
}

static void fit_lir(struct policy_context *context)
{
    struct state *state = context->state;

    while (state->lir_keys && (double)state->lir_bytes > lir_share(context))
        demote_bottom(context);
}

static void limit_stack(struct policy_context *context)
{
    struct state *state = context->state;
    double most = capacity_of(context) * context->parameters[STACK_LIMIT];

    while ((double)state->stack_bytes > most) {
        uint32_t number = state->hand == NO_PLACE ? state->bottom : state->hand;

        while (number != NO_PLACE && is_lir(context, number))
            number = place_of(context, number)->newer;
        if (number == NO_PLACE)
            return;
        state->hand = place_of(context, number)->newer;
        unstack(context, number);
    }
}

/* ---- hooks ---- */

/* The key, which is there, is used, and was used before. */
static void renew(struct policy_context *context, uint32_t id)
{
    struct lirs2_entry *entry = entry_of(context, id);
    uint32_t number = 2 * id + !entry->last;
    bool was_near = entry->is_stacked[number % 2] && !entry->was_used_once;

    if (entry->is_stacked[number % 2])
        unstack(context, number);
    stack(context, number);
    entry->last = number % 2;
    entry->was_used_once = 0;
    if (entry->rank != LIR)
        set_rank(context, id, was_near ? LIR : HIR);
    prune(context);
    fit_lir(context);
}

static void forget(struct policy_context *context, uint32_t id)
{
    set_rank(context, id, UNKNOWN);
    for (uint32_t i = 0; i < 2; i++)
        if (entry_of(context, id)->is_stacked[i])
            unstack(context, 2 * id + i);
}

static void used(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    if (state->used == id + 1)
        return;
    state->used = id + 1;
    renew(context, id);
    limit_stack(context);
}

/* A key that comes in when the LIR keys have room is one of them, as at the beginning, and what is known of it is
 * forgotten: it may have no place for its use before the last, as LIR keys must. */
static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lirs2_entry *entry = entry_of(context, id);
    bool was_known = entry->rank == GHOST;
    uint64_t bytes = policy_size(context, id);
    bool fits_lir = (double)(state->lir_bytes + bytes) <= lir_share(context);

    if (was_known && fits_lir)
        forget(context, id);
    else if (was_known) /* its places weigh what it does now */
        state->stack_bytes += (bytes - entry->bytes) * (uint64_t)(entry->is_stacked[0] + entry->is_stacked[1]);
    entry->bytes = (uint32_t)bytes;
    set_rank(context, id, fits_lir ? LIR : HIR);
    if (was_known && !fits_lir) {
        renew(context, id);
    } else {
        entry->last = 1;
        entry->was_used_once = 1;
        stack(context, 2 * id);
        stack(context, 2 * id + 1);
        prune(context);
    }
    state->used = id + 1;
    limit_stack(context);
}

/* In a server a ttl takes bytes as well, so a size can change without a write of the value. */
static void resized(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct lirs2_entry *entry = entry_of(context, id);
    uint64_t more = policy_size(context, id) - entry->bytes; /* may be negative; modulo 2^64 */

    *(entry->rank == LIR ? &state->lir_bytes : &state->queue.bytes) += more;
    state->stack_bytes += more * (uint64_t)(entry->is_stacked[0] + entry->is_stacked[1]);
    entry->bytes += (uint32_t)more;
}

static void written(struct policy_context *context, uint32_t id)
{
    resized(context, id);
    used(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    forget(context, id);
    if (state->used == id + 1)
        state->used = 0;
    prune(context);
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    fit_lir(context);
    if (!state->queue.keys && state->lir_keys)
        demote_bottom(context);
    return state->queue.oldest;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    set_rank(context, id, GHOST);
}

static const struct policy_parameter parameters[] = {
    [HIR_SHARE] = {"hir", 0.01, 0.001, 1, "share of the capacity for HIR keys"},
    [HIR_KEYS] = {"hir-keys", 4, 1, 1e6, "that many HIR keys (of mean size) at least"},
    [STACK_LIMIT] = {"stack", 8, 2, 1e9, "bytes of the places in the stack, as a share of the capacity"},
    {0},
};

const struct policy policy_lirs2 = {
    .name = "lirs2",
    .summary = "lirs that goes by the sum of a key's last two reuse distances",
    .source = "Zhong et al., SYSTOR 2021",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct lirs2_entry),
    .init = init,
    .added = added,
    .read = used,
    .written = written,
    .retimed = resized,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

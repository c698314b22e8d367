/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cart: car in which two uses soon after each other do not make a key worth keeping.
 *
 *     new key, short (S) ---> t1: a clock -- bit set when the hand comes? round again; S becomes long (L) if t1 is
 *                                |           large enough, so that its two uses were far apart
 *                                |-- not set, L ---> t2: a clock -- bit set? back to t1
 *                                `-- not set, S: victim ---> ghosts b1      `-- not: victim ---> ghosts b2
 *     found among the ghosts ---> t1 as L, and t1's share p moves: up for b1, down for b2
 *
 * Ghosts are forgotten from b1 while it exceeds its share q, else from b2; q moves with the keys between t1 and t2.
 * A use sets a bit; an eviction takes amortized constant time.
 *
 * Here bytes are counted instead of the paper's pages: p and q move by the key's bytes for each of the paper's steps,
 * and the ghosts keep within the capacity. With objects of one size this is the paper's algorithm, p in real numbers.
 *
 * Source: Bansal, Modha, CAR: clock with adaptive replacement, FAST 2004, figure 3. */
#include "policies/sized_queue.h"

#include <assert.h>
#include <math.h>

enum list { T1, T2, B1, B2, LISTS };

struct cart_entry {
    struct sized_entry sized;
    uint16_t used;     /* the reference bit */
    uint16_t is_short; /* the filter bit: S. Keys in t2 are L */
};

struct state {
    struct queue lists[LISTS];
    uint64_t short_bytes; /* nS, of the keys in t1 */
    double p;             /* bytes that t1 should take */
    double q;             /* bytes that b1 should take */
};

static int init(struct policy_context *context, struct error *error)
{
    (void)error;
    queues_init(context, LISTS);
    return 0;
}

static void release(struct policy_context *context)
{
    queues_release(context, LISTS);
}

static struct cart_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static double capacity(const struct policy_context *context)
{
    const struct state *state = context->state;

    assert(state);
    return (double)policy_capacity(context, state->lists[T1].bytes + state->lists[T2].bytes);
}

static void set_short(struct policy_context *context, uint32_t id, bool is_short)
{
    struct state *state = context->state;
    struct cart_entry *entry = entry_of(context, id);

    if (entry->is_short)
        state->short_bytes -= entry->sized.bytes;
    entry->is_short = is_short;
    if (is_short)
        state->short_bytes += entry->sized.bytes;
}

/* ---- what adapts ---- */

/* A step of p: the paper's max(1, n / |ghosts|), for a ghost of these bytes. */
static double step(double n, double ghosts, double bytes)
{
    return n > ghosts ? n / ghosts * bytes : bytes;
}

/* A key of these bytes has come to t1 as one of long-term use. */
static void raise_q(struct policy_context *context, double bytes)
{
    struct state *state = context->state;
    const struct queue *lists = state->lists;
    double room = capacity(context);

    if ((double)(lists[T2].bytes + lists[B2].bytes + lists[T1].bytes - state->short_bytes) >= room)
        state->q = fmin(state->q + bytes, 2 * room - (double)lists[T1].bytes);
}

/* A key has gone from t1 to t2. */
static void lower_q(struct policy_context *context, double bytes)
{
    struct state *state = context->state;

    state->q = fmax(state->q - bytes, capacity(context) - (double)state->lists[T1].bytes);
}

static void forget_ghosts(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *b1 = &state->lists[B1], *b2 = &state->lists[B2];
    double room = capacity(context);

    while ((double)(b1->bytes + b2->bytes) > room)
        sized_forget_oldest(context, (double)b1->bytes > fmax(0, state->q) || !b2->keys ? b1 : b2);
}

/* ---- hooks ---- */

/* The key's ghost stays in its list while room is made: the paper adapts p after that. */
static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct queue *t1 = &state->lists[T1], *t2 = &state->lists[T2];
    struct cart_entry *entry = entry_of(context, id);
    struct queue *home = entry->sized.place ? queue_home(context, id) : NULL;
    double ghost_bytes = entry->sized.bytes;

    entry->used = 0;
    if (home == &state->lists[B1])
        state->p =
            fmin(state->p + step((double)state->short_bytes, (double)home->bytes, ghost_bytes), capacity(context));
    else if (home)
        state->p = fmax(
            state->p - step((double)(t1->bytes + t2->bytes - state->short_bytes), (double)home->bytes, ghost_bytes), 0);
    if (home)
        sized_take(context, home, id);
    forget_ghosts(context);
    sized_weigh(context, id);
    sized_push(context, t1, id);
    set_short(context, id, !home);
    if (home == &state->lists[B2])
        raise_q(context, entry->sized.bytes);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    entry_of(context, id)->used = 1;
}

static void written(struct policy_context *context, uint32_t id)
{
    bool is_short = entry_of(context, id)->is_short;

    set_short(context, id, false);
    sized_reweigh(context, queue_home(context, id), id);
    set_short(context, id, is_short);
    read_key(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    set_short(context, id, false);
    sized_removed(context, id);
}

/* Keys of t2 that were used go back to t1. */
static void recall(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *t1 = &state->lists[T1], *t2 = &state->lists[T2];

    for (;;) {
        uint32_t id = queue_oldest(context, t2);

        if (id == NO_KEY || !entry_of(context, id)->used)
            return;
        entry_of(context, id)->used = 0;
        sized_move(context, t2, t1, id);
        raise_q(context, entry_of(context, id)->sized.bytes);
    }
}

/* What is used, or of long-term use, leaves the head of t1, until a key of short-term use stands there or none. */
static void filter(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *t1 = &state->lists[T1], *t2 = &state->lists[T2];

    for (;;) {
        uint32_t id = queue_oldest(context, t1);
        struct cart_entry *entry;

        if (id == NO_KEY)
            return;
        entry = entry_of(context, id);
        if (entry->used) {
            entry->used = 0;
            queue_renew(context, t1, id);
            if (entry->is_short &&
                (double)t1->bytes >= fmin(state->p + entry->sized.bytes, (double)state->lists[B1].bytes))
                set_short(context, id, false);
        } else if (!entry->is_short) {
            sized_move(context, t1, t2, id);
            lower_q(context, entry->sized.bytes);
        } else {
            return;
        }
    }
}

static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;
    struct queue *t1 = &state->lists[T1], *t2 = &state->lists[T2];
    bool from_t1;

    recall(context);
    filter(context);
    from_t1 = t1->keys && ((double)t1->bytes >= fmax(1, state->p) || !t2->keys);
    return queue_oldest(context, from_t1 ? t1 : t2);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct queue *list = queue_home(context, id);

    set_short(context, id, false);
    sized_move(context, list, list + (B1 - T1), id);
}

const struct policy policy_cart = {
    .name = "cart",
    .summary = "car with a filter: two uses soon after each other do not make a key worth keeping",
    .source = "Bansal and Modha, FAST 2004",
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct cart_entry),
    .init = init,
    .release = release,
    .added = added,
    .read = read_key,
    .written = written,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock-pro: lirs with clocks. Lirs decides by recency; this decides by a bit that a use sets, so a hit moves nothing.
 * A cold key is in its test period from its arrival until the least recent hot key is more recent than it. A key that
 * is used in this time, resident or not, becomes hot. The room of the cold keys, m_c, adapts: it grows when a test was
 * passed and shrinks when one ended in vain.
 *
 *     list tail                                      list head
 *     cold  hot  test  ghost  hot  test  cold  test   <- new keys; keys that a hand found used
 *      |     |    `-- HAND_test: ends test periods when ghosts take more than the cache
 *      |     `------- HAND_hot: makes the least recent hot key cold unless it was used; ends the tests it passes
 *      `------------- HAND_cold: the victim unless it was used; a ghost when in test
 *
 * A key that a hand has examined either changes its kind or goes to the list head, so each hand stands at the oldest
 * key of its kind. Hot keys, cold keys and keys in test are three lists in clock order, and no hand ever walks. Where
 * the paper is silent this does what the authors' simulator (clock-pro.c, 2005) does: the cache fills with hot keys
 * first; HAND_hot runs before a key becomes hot, and the key stays cold if the hand passes it without finding room; two
 * uses in a row count as one. All sizes are in bytes.
 *
 * Source: Jiang, Chen, Zhang, CLOCK-Pro: an effective improvement of the CLOCK replacement, USENIX ATC 2005. */
#include "policies/list.h"

enum { COLD_LEAST, COLD_MOST, COLD_KEYS, GHOST_SHARE, REPEATS };
enum kind { UNKNOWN, HOT, COLD, GHOST };

struct __attribute__((packed, aligned(4))) clock_pro_entry {
    struct list_link place; /* in the list hot or cold */
    struct list_link test;
    uint64_t moved; /* the number of its last move to the list head */
    uint32_t bytes;
    uint8_t kind;
    bool is_used;
    bool is_in_test;
};

struct state {
    struct list hot, cold;
    struct list test; /* cold keys and ghosts */
    uint64_t ghost_bytes;
    uint64_t cold_target; /* m_c, before its bounds are applied */
    uint64_t moves;
    uint32_t last; /* the key that was used last */
};

static struct clock_pro_entry *entry_of(const struct policy_context *context, uint32_t id)
{
    return policy_entry(context, id);
}

static int init(struct policy_context *context, struct error *error)
{
    struct state *state = context->state;

    (void)error;
    list_init(&state->hot, offsetof(struct clock_pro_entry, place));
    list_init(&state->cold, offsetof(struct clock_pro_entry, place));
    list_init(&state->test, offsetof(struct clock_pro_entry, test));
    state->last = NO_KEY;
    return 0;
}

/* ---- the room of hot and cold keys ---- */

static uint64_t held(const struct state *state)
{
    return state->hot.bytes + state->cold.bytes;
}

static uint64_t cold_least(const struct policy_context *context, uint64_t capacity)
{
    const struct state *state = context->state;
    uint32_t keys = state->hot.keys + state->cold.keys;
    double least = (double)capacity * context->parameters[COLD_LEAST];
    double some = keys ? (double)held(state) / keys * context->parameters[COLD_KEYS] : 0;

    if (least < some)
        least = some;
    return least < (double)capacity ? (uint64_t)least : capacity;
}

/* Brings m_c within its bounds. Returns the bytes that it leaves to hot keys. */
static uint64_t hot_share(const struct policy_context *context)
{
    struct state *state = context->state;
    uint64_t capacity = policy_capacity(context, held(state)), least = cold_least(context, capacity);
    double most = (double)capacity * context->parameters[COLD_MOST];

    if ((double)state->cold_target > most)
        state->cold_target = (uint64_t)most;
    if (state->cold_target < least)
        state->cold_target = least;
    return capacity - state->cold_target;
}

static void adapt(struct policy_context *context, uint32_t bytes, bool is_passed)
{
    struct state *state = context->state;

    if (is_passed)
        state->cold_target += bytes;
    else
        state->cold_target -= bytes < state->cold_target ? bytes : state->cold_target;
    hot_share(context);
}

/* ---- the clock ---- */

static void end_test(struct policy_context *context, uint32_t id)
{
    struct clock_pro_entry *entry = entry_of(context, id);

    if (entry->is_in_test)
        list_take(context, &((struct state *)context->state)->test, id);
    entry->is_in_test = false;
}

static void leave(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct clock_pro_entry *entry = entry_of(context, id);
    struct list *list = entry->kind == HOT ? &state->hot : &state->cold;

    end_test(context, id);
    if (entry->kind == GHOST) {
        state->ghost_bytes -= entry->bytes;
    } else if (entry->kind != UNKNOWN) {
        list_take(context, list, id);
        list->bytes -= entry->bytes;
    }
    entry->kind = UNKNOWN;
}

/* Moves the key to the list head and marks it unused. */
static void move(struct policy_context *context, uint32_t id, enum kind kind, bool is_in_test)
{
    struct state *state = context->state;
    struct clock_pro_entry *entry = entry_of(context, id);
    struct list *list = kind == HOT ? &state->hot : &state->cold;

    leave(context, id);
    entry->kind = (uint8_t)kind;
    entry->is_used = false;
    entry->is_in_test = is_in_test;
    entry->moved = ++state->moves;
    list_push(context, list, id);
    list->bytes += entry->bytes;
    if (is_in_test)
        list_push(context, &state->test, id);
}

/* HAND_test: ends the test period of the oldest key in test. */
static void run_hand_test(struct policy_context *context)
{
    struct state *state = context->state;
    uint32_t id = state->test.oldest;
    struct clock_pro_entry *entry = entry_of(context, id);

    end_test(context, id);
    if (entry->kind == GHOST)
        leave(context, id);
    adapt(context, entry->bytes, entry->is_used);
}

/* HAND_hot now stands at the oldest hot key. Tests that began before that key's last move are over. */
static void end_older_tests(struct policy_context *context)
{
    struct state *state = context->state;

    while (state->hot.keys && state->test.keys &&
           entry_of(context, state->test.oldest)->moved < entry_of(context, state->hot.oldest)->moved)
        run_hand_test(context);
}

/* HAND_hot: one step. */
static void run_hand_hot(struct policy_context *context)
{
    uint32_t id = ((struct state *)context->state)->hot.oldest;

    move(context, id, entry_of(context, id)->is_used ? HOT : COLD, false);
    end_older_tests(context);
}

/* A key in test was used, which ends the test. Returns whether it becomes hot: it does if HAND_hot can make room
 * without passing it. */
static bool passes_test(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct clock_pro_entry *entry = entry_of(context, id);

    end_test(context, id);
    adapt(context, entry->bytes, true);
    while (state->hot.bytes + entry->bytes > hot_share(context)) {
        if (!state->hot.keys || entry_of(context, state->hot.oldest)->moved > entry->moved)
            return false;
        run_hand_hot(context);
    }
    return true;
}

/* ---- the policy's functions ---- */

static void used(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;

    if (id != state->last || context->parameters[REPEATS])
        entry_of(context, id)->is_used = true;
    state->last = id;
}

static void added(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct clock_pro_entry *entry = entry_of(context, id);
    uint64_t capacity = policy_capacity(context, held(state)), bytes = policy_size(context, id);
    bool is_hot = held(state) + bytes + cold_least(context, capacity) <= capacity ||
                  (entry->kind == GHOST && passes_test(context, id));

    leave(context, id);
    entry->bytes = (uint32_t)bytes;
    move(context, id, is_hot ? HOT : COLD, !is_hot);
    end_older_tests(context);
    state->last = id;
}

/* In a server a ttl takes bytes as well, so a size can change without a write of the value. */
static void resized(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct clock_pro_entry *entry = entry_of(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    (entry->kind == HOT ? &state->hot : &state->cold)->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
}

static void written(struct policy_context *context, uint32_t id)
{
    resized(context, id);
    used(context, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    leave(context, id);
    end_older_tests(context);
}

/* HAND_cold: the oldest cold key that was not used. */
static uint32_t victim(struct policy_context *context)
{
    struct state *state = context->state;

    for (;;) {
        uint32_t id = state->cold.oldest;

        if (id == NO_KEY && !state->hot.keys)
            return NO_KEY;
        if (id == NO_KEY)
            run_hand_hot(context);
        else if (!entry_of(context, id)->is_used)
            return id;
        else if (entry_of(context, id)->is_in_test && passes_test(context, id))
            move(context, id, HOT, false);
        else
            move(context, id, COLD, true);
    }
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct state *state = context->state;
    struct clock_pro_entry *entry = entry_of(context, id);
    double most;

    if (!entry->is_in_test) {
        leave(context, id);
        return;
    }
    list_take(context, &state->cold, id);
    state->cold.bytes -= entry->bytes;
    entry->kind = GHOST;
    state->ghost_bytes += entry->bytes;
    most = (double)policy_capacity(context, held(state)) * context->parameters[GHOST_SHARE];
    while ((double)state->ghost_bytes > most)
        run_hand_test(context);
}

static const struct policy_parameter parameters[] = {
    [COLD_LEAST] = {"cold", 0.01, 0, 1, "share of the capacity for cold keys, at least and at first"},
    [COLD_MOST] = {"cold-most", 0.99, 0, 1, "the same at most"},
    [COLD_KEYS] = {"cold-keys", 2, 1, 1e6, "that many cold keys (of mean size) at least"},
    [GHOST_SHARE] = {"ghost", 1, 0, 1e6, "bytes of the evicted keys in their test period, as a share of the capacity"},
    [REPEATS] = {"repeats", 0, 0, 1, "1: a key used twice in a row was used again"},
    {0},
};

const struct policy policy_clock_pro = {
    .name = "clock-pro",
    .summary = "lirs as a clock: hot keys and cold keys; a use in its test period makes a cold key hot",
    .source = "Jiang, Chen, Zhang, USENIX ATC 2005",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .state_size = sizeof(struct state),
    .entry_size = sizeof(struct clock_pro_entry),
    .init = init,
    .added = added,
    .read = used,
    .written = written,
    .retimed = resized,
    .removed = removed,
    .evicted = evicted,
    .victim = victim,
};

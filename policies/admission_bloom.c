/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bloom: a key is admitted at its second request. A Bloom filter remembers the keys that were turned away. Most keys
 * are never requested again, and are not admitted.
 *
 *     absent key ---> in either filter? --- yes: it is admitted
 *                                      `--- no: noted in the younger filter, which takes the older's place
 *                                           once it has noted `window` keys
 *
 * So a key is remembered for one to two windows. A few are admitted at their first request by mistake (`error`).
 *
 * Source: Maggs, Sitaraman, Algorithmic nuggets in content delivery, ACM SIGCOMM CCR 45(3), 2015. */
#include "sim/admission.h"

#include "sim/alloc.h"
#include "sim/elementary.h"

#include <math.h>
#include <stdlib.h>

enum { WINDOW, ERROR };

struct state {
    uint64_t *bits[2]; /* the younger filter, the older */
    uint64_t bit_count;
    unsigned hashes;
    double noted; /* keys in the younger filter */
};

/* A filter of n keys that errs with probability e takes -n ln e / (ln 2)^2 bits and -log2 e hashes. Two filters are
 * asked, so each may err half as often. */
static int init(struct admission_context *context, struct error *error)
{
    struct state *state = context->state;
    double each = context->parameters[ERROR] / 2;

    (void)error;
    state->bit_count = (uint64_t)(-context->parameters[WINDOW] * elementary_log(each) / (M_LN2 * M_LN2)) + 64;
    state->hashes = (unsigned)lround(-elementary_log2(each));
    for (int i = 0; i < 2; i++)
        state->bits[i] = xcalloc(state->bit_count / 64 + 1, sizeof *state->bits[i]);
    return 0;
}

static void release(struct admission_context *context)
{
    struct state *state = context->state;

    free(state->bits[0]);
    free(state->bits[1]);
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

/* The nth bit of a key. All are made from two hashes (Kirsch and Mitzenmacher 2006). */
static uint64_t place_of(const struct state *state, uint32_t id, unsigned nth)
{
    uint64_t hash = mix(id + UINT64_C(1)), step = mix(hash) | 1;

    return (hash + nth * step) % state->bit_count;
}

static bool remembers(const struct state *state, const uint64_t *bits, uint32_t id)
{
    for (unsigned i = 0; i < state->hashes; i++) {
        uint64_t place = place_of(state, id, i);

        if (!(bits[place / 64] >> place % 64 & 1))
            return false;
    }
    return true;
}

static void swap_filters(struct state *state)
{
    uint64_t *older = state->bits[1];

    for (uint64_t i = 0; i <= state->bit_count / 64; i++)
        older[i] = 0;
    state->bits[1] = state->bits[0];
    state->bits[0] = older;
    state->noted = 0;
}

static void note(struct admission_context *context, uint32_t id)
{
    struct state *state = context->state;

    for (unsigned i = 0; i < state->hashes; i++) {
        uint64_t place = place_of(state, id, i);

        state->bits[0][place / 64] |= UINT64_C(1) << place % 64;
    }
    if (++state->noted >= context->parameters[WINDOW])
        swap_filters(state);
}

static bool admits(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    const struct state *state = context->state;

    (void)bytes;
    if (remembers(state, state->bits[0], id) || remembers(state, state->bits[1], id))
        return true;
    note(context, id);
    return false;
}

static const struct policy_parameter parameters[] = {
    [WINDOW] = {"window", 1e6, 1, 1e9, "keys turned away that are remembered at least"},
    [ERROR] = {"error", 0.01, 1e-9, 0.5, "share of keys that come in at their first request by mistake, at most"},
    {0},
};

const struct admission admission_bloom = {
    .name = "bloom",
    .summary = "at the second request: a Bloom filter remembers who was turned away",
    .source = "Maggs and Sitaraman, CCR 2015",
    .parameters = parameters,
    .state_size = sizeof(struct state),
    .init = init,
    .release = release,
    .admits = admits,
};

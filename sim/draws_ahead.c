/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/draws_ahead.h"

#include <assert.h>

/* One of the three shift registers of gsl_rng_taus2 moves on: they are its state, in this order. */
static inline unsigned long step(unsigned long state, int a, int b, unsigned long kept, int d)
{
    return ((state & kept) << d & 0xffffffff) ^ ((state << a & 0xffffffff) ^ state) >> b;
}

/* What gsl_rng_taus2 draws next, without its calls: it is the innermost of what servers do. */
static inline uint32_t taus2_draw(unsigned long state[3])
{
    state[0] = step(state[0], 13, 19, 4294967294, 12);
    state[1] = step(state[1], 2, 25, 4294967288, 4);
    state[2] = step(state[2], 3, 11, 4294967280, 17);
    return (uint32_t)(state[0] ^ state[1] ^ state[2]);
}

static void set(void *memory, unsigned long seed)
{
    struct draws_ahead_state *state = memory;

    assert(gsl_rng_taus2->size == sizeof state->taus2);
    gsl_rng_taus2->set(state->taus2, seed);
    state->next = 0;
    for (int i = 0; i < DRAWS_AHEAD; i++)
        state->numbers[i] = taus2_draw(state->taus2);
}

static unsigned long get(void *memory)
{
    struct draws_ahead_state *state = memory;
    uint32_t *place = &state->numbers[state->next], number = *place;

    *place = taus2_draw(state->taus2);
    state->next = (state->next + 1) % DRAWS_AHEAD;
    return number;
}

static double get_double(void *memory)
{
    return (double)get(memory) / 4294967296.0;
}

const gsl_rng_type draws_ahead = {
    .name = "taus2, seen ahead",
    .max = 0xffffffff,
    .min = 0,
    .size = sizeof(struct draws_ahead_state),
    .set = set,
    .get = get,
    .get_double = get_double,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/draws_ahead.h"

#include <assert.h>

static void set(void *memory, unsigned long seed)
{
    struct draws_ahead_state *state = memory;

    assert(gsl_rng_taus2->size == sizeof state->taus2);
    gsl_rng_taus2->set(state->taus2, seed);
    state->next = 0;
    for (int i = 0; i < DRAWS_AHEAD; i++)
        state->numbers[i] = (uint32_t)gsl_rng_taus2->get(state->taus2);
}

static unsigned long get(void *memory)
{
    struct draws_ahead_state *state = memory;
    uint32_t *place = &state->numbers[state->next], number = *place;

    *place = (uint32_t)gsl_rng_taus2->get(state->taus2);
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

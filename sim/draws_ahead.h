/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws_ahead: a generator whose next numbers can be seen before they are drawn, so that what they will lead to can be
 * fetched into the host's cache meanwhile.
 *
 * It is one of GSL's like any other, and draws what gsl_rng_taus2 draws:
 *
 *     taus2 ──▶ | n | n | n | ... 16 of them | ──▶ gsl_rng_get()
 *                 draws_ahead_see() looks here  */
#ifndef SIM_DRAWS_AHEAD_H
#define SIM_DRAWS_AHEAD_H

#include <gsl/gsl_rng.h>

#include <stdint.h>

enum { DRAWS_AHEAD = 16 /* a power of two */ };

extern const gsl_rng_type draws_ahead;

struct draws_ahead_state {
    unsigned long taus2[3]; /* its state */
    uint32_t next;          /* the place of the next number */
    uint32_t numbers[DRAWS_AHEAD];
};

/* The numbers that come next, if the generator is of this kind; else NULL. */
static inline const struct draws_ahead_state *draws_ahead_of(const gsl_rng *rng)
{
    return rng->type == &draws_ahead ? rng->state : NULL;
}

/* What is drawn when so many draws, less than DRAWS_AHEAD, have gone before. */
static inline uint32_t draws_ahead_see(const struct draws_ahead_state *state, uint32_t ahead)
{
    return state->numbers[(state->next + ahead) % DRAWS_AHEAD];
}

#endif

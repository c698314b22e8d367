/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_random: the random choices of a test, repeatable.
 *
 * The seed is 1 unless EVSIM_TEST_SEED says another; it is printed, to repeat a failure. */
#ifndef TESTS_SUPPORT_RANDOM_H
#define TESTS_SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/* The seed in force: EVSIM_TEST_SEED, or 1. */
uint64_t random_seed(void);
/* Starts a stream for one test and prints "seed 1". */
struct random random_start(void);
/* The same without a word, for one of many streams. */
struct random random_stream(uint64_t seed);
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t bound); /* 0 .. bound - 1 */
bool random_chance(struct random *random, int per_cent);
double random_unit(struct random *random); /* 0 <= x < 1 */

#endif

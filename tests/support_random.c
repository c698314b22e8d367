/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t random_seed(void)
{
    const char *text = getenv("EVSIM_TEST_SEED");

    return text ? strtoull(text, NULL, 10) : 1;
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

struct random random_stream(uint64_t seed)
{
    return (struct random){.state = mix(seed + UINT64_C(0x6a09e667f3bcc909))};
}

struct random random_start(void)
{
    printf("seed %" PRIu64 "\n", random_seed());
    return random_stream(random_seed());
}

/* splitmix64. */
uint64_t random_next(struct random *random)
{
    return mix(random->state += UINT64_C(0x9e3779b97f4a7c15));
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    return random_next(random) % bound;
}

bool random_chance(struct random *random, int per_cent)
{
    return (int)random_below(random, 100) < per_cent;
}

double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) / 9007199254740992.0;
}

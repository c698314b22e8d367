/* SPDX-License-Identifier: GPL-3.0-or-later */
/* population: the keys that there are, and what each is.
 *
 * A key's name, the size of its value and its ttl are drawn when it comes into being, and never change. The keys of the
 * beginning are drawn before the first request; of those that come later, each in its turn: so they follow from the seed
 * and the keys' order alone. A new key takes the place of another one, so that host memory is bounded. */
#ifndef SIM_GENERATE_POPULATION_H
#define SIM_GENERATE_POPULATION_H

#include "sim/generate/sizes.h"

#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stdint.h>

enum { PASSING_PLACES = 1024 }; /* of keys that pass by, behind the others */

enum { GENERATE_NAMES = 8, GENERATE_NAME_BYTES = 32, GENERATE_TTLS = 32, GENERATE_KEY_BYTES = 1024 };

/* Key names are "<prefix><number>"; a share of the keys carries each prefix. */
struct generate_name {
    char prefix[GENERATE_NAME_BYTES];
    double share; /* relative to the sum of all shares */
};

struct generate_ttl {
    double ttl_s; /* 0: no ttl */
    double share; /* likewise */
};

struct population_params {
    uint32_t keys;
    uint32_t seed;
    bool in_order; /* rank 0 is the first key; else ranks are dealt at random */

    /* Sizes of values, within the bounds. Without a distribution: lognormal. */
    struct sizes value_sizes;
    double value_mean_bytes; /* of the untruncated lognormal distribution */
    double value_sigma;      /* of the logarithm; 0: every value has the mean size */
    uint32_t value_min_bytes, value_max_bytes;

    /* Bytes of names: a number gets zeros in front of it until its name is so long. Without: none. */
    struct sizes key_sizes;

    double ttl_share; /* share of the keys with a ttl, log-uniform between the two */
    uint32_t ttl_min_s, ttl_max_s;
    int ttl_count; /* if there are any, these instead */
    struct generate_ttl ttls[GENERATE_TTLS];
    double ttl_jitter; /* of those: up to this share of it longer or shorter */

    int name_count;
    struct generate_name names[GENERATE_NAMES];
};

/* What a key is. */
struct traits {
    uint32_t value_bytes;
    uint32_t ttl_s;     /* 0: no ttl */
    uint16_t key_bytes; /* at least; 0: as many as it takes */
    uint8_t name;       /* index of its prefix */
};

struct population {
    const struct population_params *params;
    uint32_t places;                     /* all keys are below */
    struct sizes value_sizes, key_sizes; /* the parameters', prepared: what they own is not ours */
    uint32_t *key_of_rank;
    struct traits *traits; /* by key */
    uint64_t *numbers;     /* by key, in its name; NULL: keys are numbered as they stand here */
    uint64_t passed;
    gsl_rng *rng; /* of what keys are */
    uint64_t next_number;
};

/* The fault of the parameters, for a message; NULL: there is none. */
const char *population_fault(const struct population_params *params);

/* changes: whether keys will be replaced, or pass by. Host memory: 16 bytes a key, and 8 more if it changes. */
void population_init(struct population *population, const struct population_params *params, bool changes);
void population_release(struct population *population);

/* A key that never was before, in place of this one. */
void population_renew(struct population *population, uint32_t key);
/* One that passes by: its place, which another one takes after PASSING_PLACES of them. */
uint32_t population_pass(struct population *population);

static inline uint64_t population_number(const struct population *population, uint32_t key)
{
    return population->numbers ? population->numbers[key] : key + (uint64_t)population->params->in_order;
}

#endif

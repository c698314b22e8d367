/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params: all that a synthetic trace follows from. */
#ifndef SIM_GENERATE_PARAMS_H
#define SIM_GENERATE_PARAMS_H

#include "sim/generate/arrivals.h"
#include "sim/generate/operation_mix.h"
#include "sim/generate/population.h"
#include "sim/generate/ranks.h"

#include <stdbool.h>
#include <stdint.h>

struct generate_params {
    uint64_t requests;
    uint32_t keys;
    uint32_t seed;

    struct popularity_params popularity;
    double drift; /* per request, the probability that two keys exchange their ranks */
    /* The shares of requests that are not for a key by its popularity: */
    double scan_share;    /* for all keys, one after the other */
    double loop_share;    /* likewise, the first loop_keys of them */
    double new_key_share; /* for a key that never was, which takes the place and the rank of another */
    double one_hit_share; /* for a key that never was and never will be again */
    double repeat_share;  /* for the key of one of the last 64 requests */
    uint32_t loop_keys;
    uint32_t balanced_sizes; /* the keys of so many ranks have the mean size, */
    uint32_t balanced_ttls;  /* those of so many have ttls that meet the shares */
    bool lossy;              /* a target that holds reads only takes all requests as such */
    int64_t half_life_us;    /* a key's popularity halves in that time from its first day on; 0: it lasts */

    struct arrival_params arrivals;

    double read_share; /* the three are relative to their sum; */
    double write_share;
    double delete_share;
    struct mix_params mix; /* with operations, those instead */
    uint32_t members;      /* of a collection */

    struct population_params population; /* its keys, seed and order are set from the others */
};

/* A plausible cache: a million requests to 100,000 keys, Zipf 1.0, nine reads to a write. */
void generate_defaults(struct generate_params *params);

/* Sets the rate so that the requests fill a duration. */
void generate_set_duration(struct generate_params *params, int64_t duration_us);

/* Completes what follows from other parameters. Their fault, for a message; NULL: there is none. */
const char *generate_complete(struct generate_params *params);

#endif

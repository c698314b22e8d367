/* SPDX-License-Identifier: GPL-3.0-or-later */
/* generate: synthetic traces, the same for the same parameters.
 *
 * Requests draw their key from a Zipf distribution over `keys` keys. What a key is (its name, the
 * size of its value, its ttl) is drawn once and never changes. Keys are numbered from 0; which of
 * them are popular is a random permutation, so neither number nor first appearance tells the rank.
 *
 * All randomness comes from GSL's mt19937 with the given seed, all text is written by integer
 * arithmetic: the same parameters give the same bytes. */
#ifndef SIM_GENERATE_H
#define SIM_GENERATE_H

#include "sim/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { GENERATE_NAMES = 8, GENERATE_NAME_BYTES = 32 };

/* Key names are "<prefix><number>"; a share of the keys carries each prefix. */
struct generate_name {
    char prefix[GENERATE_NAME_BYTES];
    double share; /* relative to the sum of all shares */
};

struct generate_params {
    uint64_t requests;
    uint32_t keys;
    double zipf_exponent; /* 0: all keys alike */
    double drift;         /* per request, the probability that two keys exchange their ranks */
    uint32_t seed;

    double rate_per_s; /* requests per second of trace */
    bool poisson;      /* exponential gaps; otherwise even spacing */

    double read_share; /* the three are relative to their sum */
    double write_share;
    double delete_share;

    double value_mean_bytes; /* lognormal, of the untruncated distribution */
    double value_sigma;      /* of the logarithm; 0: every value has the mean size */
    uint32_t value_min_bytes;
    uint32_t value_max_bytes;

    double ttl_share; /* share of the keys with a ttl, log-uniform between the two */
    uint32_t ttl_min_s;
    uint32_t ttl_max_s;

    int name_count;
    struct generate_name names[GENERATE_NAMES];
};

/* A plausible cache: a million requests to 100,000 keys, Zipf 1.0, nine reads to a write. */
void generate_defaults(struct generate_params *params);

/* Sets the rate so that the requests fill a duration. */
void generate_set_duration(struct generate_params *params, int64_t duration_us);

/* Twitter CSV, times to the microsecond. A read's row has the size and ttl that its fill would
 * have. 0, or -1: impossible parameters (ERROR_USAGE), or the stream cannot be written
 * (ERROR_OUTPUT). Host memory: 32 bytes per key. */
int generate_twitter(const struct generate_params *params, FILE *out, struct error *error);

/* oracleGeneral, objects numbered from 1. It knows neither writes, deletes nor ttls: parameters
 * that ask for them are impossible. Host memory: 16 bytes per request more. */
int generate_oracle_general(const struct generate_params *params, FILE *out, struct error *error);

#endif

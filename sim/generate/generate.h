/* SPDX-License-Identifier: GPL-3.0-or-later */
/* generate: synthetic traces, the same for the same parameters.
 *
 *     arrivals ─▶ time          which key: popularity ─▶ rank ─▶ key ─▶ population: name, sizes, ttl
 *     mix ─▶ operation                     or one of a scan, of a loop, a new one, one that never comes again
 *                      ─▶ row ─▶ target (a format)
 *
 * What a key is (its name, the size of its value, its ttl) is drawn once and never changes. Keys are numbered from 0; which of
 * them are popular is a random permutation, so neither number nor first appearance tells the rank.
 *
 * All randomness comes from GSL's mt19937 with the given seed, all text is written by integer
 * arithmetic: the same parameters give the same bytes. Parts that are not asked for draw nothing, so that they change
 * nothing. */
#ifndef SIM_GENERATE_GENERATE_H
#define SIM_GENERATE_GENERATE_H

#include "sim/error.h"
#include "sim/generate/params.h"
#include "sim/generate/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What was written. */
struct generate_summary {
    uint64_t reads, misses; /* with a miss ratio */
};

/* Writes the trace; summary may be NULL. 0, or -1: impossible parameters, or what the target cannot hold (ERROR_USAGE), or it cannot
 * be written (ERROR_OUTPUT). Host memory: 32 bytes per key, 8 more for each of: new keys, half-life, miss ratio. */
int generate_trace(const struct generate_params *params, const struct generate_target *target, FILE *out,
                   struct generate_summary *summary, struct error *error);

#endif

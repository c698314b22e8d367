/* SPDX-License-Identifier: GPL-3.0-or-later */
/* operation_mix: which operation a request is.
 *
 * Operations are drawn by their shares, or take turns. With a miss ratio they are chosen by whether the key is there, in a
 * cache that never evicts: reads of absent keys are let through as often as the ratio says, other requests for absent keys
 * write, and a missed read is followed by a write of the key where the shares have one for it. Both the ratio and the shares
 * are then held by a feedback: what is behind its share is drawn the more. If there are too few requests for absent keys,
 * missed reads are not followed by writes, so that keys stay absent; if there are too few others, it is exceeded. Nothing else is done about it. */
#ifndef SIM_GENERATE_OPERATION_MIX_H
#define SIM_GENERATE_OPERATION_MIX_H

#include "sim/generate/operations.h"

#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stdint.h>

enum { MIX_OPERATIONS = 16 };

struct mix_share {
    const struct operation *operation;
    double share; /* relative to the sum of all */
};

struct mix_params {
    int count;
    struct mix_share shares[MIX_OPERATIONS];
    uint32_t turns;    /* requests of a round, of which each operation has its share in one piece; 0: they are drawn */
    double miss_ratio; /* of the reads; negative: keys' states do not matter */
};

struct operation_mix {
    const struct mix_params *params;
    double sum;                  /* of the shares */
    double last[MIX_OPERATIONS]; /* sums of them up to each */
    uint64_t requests;           /* so far */
    /* With a miss ratio: */
    double read_share, fill_share; /* of all requests; of missed reads */
    uint64_t counts[MIX_OPERATIONS], absent, misses;
};

/* The fault of the parameters, for a message; NULL: there is none. */
const char *operation_mix_fault(const struct mix_params *params);

void operation_mix_init(struct operation_mix *mix, const struct mix_params *params);

/* The next request's operation. is_there: matters with a miss ratio only. */
const struct operation *operation_mix_draw(struct operation_mix *mix, bool is_there, gsl_rng *rng);
/* With a miss ratio, after a read of an absent key: the operation that stores it now; NULL: none does. */
const struct operation *operation_mix_fill(struct operation_mix *mix, gsl_rng *rng);

/* With a miss ratio: reads so far. */
uint64_t operation_mix_reads(const struct operation_mix *mix);

/* The share of all requests that such fills will be. */
double operation_mix_expected_fills(const struct mix_params *params);

#endif

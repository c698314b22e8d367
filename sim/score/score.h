/* SPDX-License-Identifier: GPL-3.0-or-later */
/* score: how a policy fares over some traces and sizes, in four numbers. */
#ifndef SIM_SCORE_SCORE_H
#define SIM_SCORE_SCORE_H

#include "sim/model.h"
#include "sim/score/traces.h"

/* Of the cache: bytes, or a share of the trace's footprint. */
struct score_size {
    uint64_t bytes; /* 0: a share */
    double share;
};

enum { SCORE_SIZES = 64 };

/* What is replayed: every trace at every size. A missed read is filled. */
struct score_plan {
    const struct server *cache; /* a flat one */
    const struct held_traces *traces;
    const struct score_size *sizes;
    size_t size_count;
    struct simulation_options options;
    uint64_t seed;
};

struct score {
    uint64_t cells;           /* traces times sizes: of these, each alike, the first two are means */
    double miss_ratio;        /* of reads */
    double byte_miss_ratio;   /* of the bytes that are read */
    double processor_seconds; /* that all cells took, */
    uint64_t requests;        /* for so many rows, */
    uint64_t keys;            /* of so many keys */
    uint64_t entry_bytes;     /* of host memory: each key's, in the policy's entries, */
    uint64_t state_bytes;     /* and what it freed and gave back besides, at the end of all cells */
};

double score_ns_per_request(const struct score *score);
double score_bytes_per_key(const struct score *score);

/* 0, or -1: the policy does not do for it, or gave an answer that cannot be. */
int score_policy(const struct score_plan *plan, const struct named_policy *policy, struct score *score,
                 struct error *error);

#endif

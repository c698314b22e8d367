/* SPDX-License-Identifier: GPL-3.0-or-later */
/* curves: from a trace to its miss-ratio curves, each by the method that fits.
 *
 *     first reading     only where something is left to be chosen: how many keys there are, of how many bytes
 *                       (footprint.h); from that follow the sizes to look at and the share of the keys
 *     second reading    every curve's method is fed the same batches
 *
 * Where a policy other than lru is looked at in miniature over a sample, lru is made twice besides: in miniature with the
 * same keys, and exactly. What the one is off the other is taken off the policy (mrc_control). */
#ifndef SIM_MRC_CURVES_H
#define SIM_MRC_CURVES_H

#include "sim/input/trace.h"
#include "sim/mrc/mrc.h"

#include <stddef.h>
#include <stdint.h>

enum {
    MRC_SIZES = 1000,
    MRC_SAMPLED_KEYS = 20000, /* so many are looked at, where the share is not given */
};

enum mrc_adjust {
    MRC_ADJUST_NO,
    MRC_ADJUST_READS, /* a sample that has more or fewer reads than its share is corrected */
    MRC_ADJUST_LRU,   /* and miniatures by what that of lru is off */
};

struct mrc_request {
    struct trace_request trace;
    format_choose_fn *choose_format;
    const struct named_policy *policies;
    size_t policy_count;
    const struct server *cache;      /* flat */
    const struct policy *lru;        /* that corrects miniatures; NULL: nothing does */
    const struct mrc_method *method; /* NULL: exact for lru, shards where a sample of the keys was asked for, else
                                        miniature */
    uint64_t sizes[MRC_SIZES];       /* of the cache, in any order; bytes, or objects */
    size_t size_count;               /* 0: chosen, so many as there are points */
    uint32_t points, salts;
    double rate;        /* share of the keys that is looked at; 0: chosen */
    uint64_t most_keys; /* shards: at most so many; 0: no limit */
    enum mrc_adjust adjust;
    uint64_t seed;
    struct simulation_options options; /* of the caches; unit_sizes among them */
};

/* Makes the curves and fills all of `mrc` but version, command and settings. 0; or -1 on a trace that cannot be read,
 * or not as often as is needed, or has no reads; on a policy that the method is not for. */
int mrc_make(const struct mrc_request *request, struct mrc *mrc, struct error *error);

#endif

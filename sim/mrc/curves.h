/* SPDX-License-Identifier: GPL-3.0-or-later */
/* curves: from a trace to its miss-ratio curves, each by the method that fits.
 *
 *     first reading     counts the keys and their bytes (footprint.h); the sizes to look at and the share of the keys
 *                       follow from that. It is left out if the user said both.
 *     second reading    every curve's method is fed the same batches
 *
 * A miniature of a policy over a sample of the keys has an error that comes from the sample. A miniature of lru
 * over the same keys has about the same error, and for lru the exact curve is known, too. So both curves of lru are
 * made besides, and their difference is subtracted from the policy's curve (mrc_control). */
#ifndef SIM_MRC_CURVES_H
#define SIM_MRC_CURVES_H

#include "sim/input/trace.h"
#include "sim/mrc/mrc.h"

#include <stddef.h>
#include <stdint.h>

enum {
    MRC_SIZES = 1000,
    MRC_SAMPLED_KEYS = 20000, /* keys to look at, if no share is given */
};

enum mrc_adjust {
    MRC_ADJUST_NO,
    MRC_ADJUST_READS, /* corrects a sample for having more or fewer reads than its share */
    MRC_ADJUST_LRU,   /* and miniatures by the error of lru's miniature, too */
};

struct mrc_request {
    struct trace_request trace;
    format_choose_fn *choose_format;
    const struct named_policy *policies;
    size_t policy_count;
    const struct server *cache;      /* flat */
    const struct policy *lru;        /* lru, to correct miniatures by; NULL: they are not corrected */
    const struct mrc_method *method; /* NULL: exact for lru, shards where a sample of the keys was asked for, else
                                        miniature */
    uint64_t sizes[MRC_SIZES];       /* of the cache, in any order, in bytes or objects */
    size_t size_count;               /* 0: as many as there are points, chosen by evsim */
    uint32_t points, salts;
    double rate;        /* share of the keys that is looked at; 0: chosen */
    uint64_t most_keys; /* shards: at most so many; 0: no limit */
    enum mrc_adjust adjust;
    uint64_t seed;
    int workers;                       /* threads, 1 or more */
    struct simulation_options options; /* of the caches; unit_sizes among them */
};

/* Makes the curves and fills all of `mrc` but version, command and settings. 0; or -1 on a trace that cannot be read,
 * or not as often as is needed, or has no reads; on a policy that the method is not for. */
int mrc_make(const struct mrc_request *request, struct mrc *mrc, struct error *error);

#endif

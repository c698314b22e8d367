/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc: miss-ratio curves, the share of reads that miss as a function of the cache's size.
 *
 *     exact        lru by stack distances, in one pass, for every size at once        stack.h, distance.c
 *     shards       likewise over a sample of the keys, distances scaled up            distance.c
 *     miniature    any policy: small flat caches over a sample of the keys            miniature.c
 *
 * The curve of a server over its maxmemory is made elsewhere (advice/server_curves.h), and told likewise.
 *
 * Caches are flat and look-aside: a missed read is followed by an insertion. A curve is made several times with
 * different salts, which choose different keys; how far those differ is its uncertainty. */
#ifndef SIM_MRC_MRC_H
#define SIM_MRC_MRC_H

#include "sim/error.h"
#include "sim/fields.h"
#include "sim/input/intake.h"
#include "sim/model.h"
#include "sim/request.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MRC_POINT_FIELDS(X)                                                                                            \
    X(VALUE, uint64_t, size)         /* of the cache: bytes, or objects with unit sizes */                             \
    X(VALUE, double, miss_ratio)     /* mean over the salts; NaN without reads */                                      \
    X(VALUE, double, low)            /* its 95 % confidence interval: */                                               \
    X(VALUE, double, high)           /* equal to it for an exact curve, NaN for one salt or seed */                    \
    X(VALUE, double, oom_rejections) /* of a server: mean over the seeds */

struct mrc_point {
    MRC_POINT_FIELDS(FIELD_DECLARE)
};

#define MRC_CURVE_FIELDS(X)                                                                                            \
    X(TEXT, policy)                    /* as the user wrote it */                                                      \
    X(TEXT, method)                    /* "simulated": of a server, which was */                                       \
    X(TEXT, server)                    /* "flat": a cache */                                                           \
    X(ARRAY, mrc_point, points, count) /* by increasing size */

struct mrc_curve {
    MRC_CURVE_FIELDS(FIELD_DECLARE)
};

/* What a curve is made of. */
struct mrc_plan {
    const struct policy *policy;
    const double *parameters;
    const char *label;
    const char *path; /* of the shared object that the policy comes from; NULL: none */
    const struct mrc_method *method;
    const struct server *cache; /* miniature: what every cache is, the flat one */
    const uint64_t *sizes;      /* increasing */
    size_t size_count;
    double rate;        /* share of the keys that is looked at, 0 < rate <= 1 */
    uint64_t most_keys; /* shards: the rate falls so that no more are looked at; 0: it stays */
    unsigned salts;
    uint32_t keys;       /* of the trace; 0: not known */
    double object_bytes; /* mean weight of an object; 0: not known */
    bool adjust;         /* divide by the reads that a sample should have had, not by those it had */
    bool unit_sizes;
    const struct simulation_options *options;
    uint64_t seed;
};

struct mrc_method {
    const char *name, *summary;
    bool only_lru;
    size_t state_size;
    int (*init)(void *state, const struct mrc_plan *plan, struct error *error);
    /* What one of plan->salts makes of the rows. Salts share nothing that this writes: each may be fed by a thread of its
     * own. 0, or -1: see model.h. */
    int (*feed)(void *state, unsigned salt, const struct batch *batch, struct error *error);
    /* Fills miss_ratios[size * salts + salt]. The whole trace, sampled or not, had so many reads. 0, or -1. */
    int (*finish)(void *state, uint64_t reads, double *miss_ratios, struct error *error);
    void (*release)(void *state); /* safe after a failed init */
};

extern const struct mrc_method mrc_exact, mrc_shards, mrc_miniature;

/* Everything that was found: what the reports print. */
#define MRC_FIELDS(X)                                                                                                  \
    X(TEXT, version)                                                                                                   \
    X(TEXT, command)                                                                                                   \
    X(ARRAY, setting, settings, setting_count) /* every option, defaults included */                                   \
    X(TEXT, trace)                                                                                                     \
    X(TEXT, format)                                                                                                    \
    X(STRUCT, intake, intake)        /* of the last reading */                                                         \
    X(VALUE, int64_t, start_unix_us) /* when the trace was taken to begin; 0: it says so itself */                     \
    X(VALUE, uint64_t, requests)                                                                                       \
    X(VALUE, uint64_t, reads)                                                                                          \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, footprint) /* of all keys: bytes, or objects */                                                 \
    X(VALUE, bool, weighs_keys)   /* objects weigh their keys, too */                                                  \
    X(VALUE, bool, unit_sizes)                                                                                         \
    X(VALUE, double, rate)                                                                                             \
    X(VALUE, uint64_t, most_keys) /* 0: no limit */                                                                    \
    X(VALUE, uint32_t, salts)     /* of servers: seeds */                                                              \
    X(TEXT_OR_NULL, on_miss)      /* of servers: "fill (why)"; NULL: of flat caches, which always are */               \
    X(VALUE, bool, of_servers)    /* sizes are maxmemory, every point is a simulation (advice/server_curves.h) */      \
    X(TEXT_OR_NULL, admission)    /* of servers: the rule in front of every policy, as the user named it */            \
    X(TEXT_OR_NULL, scenario)     /* of servers: its lines as one */                                                   \
    X(ARRAY, warning, warnings, warning_count)                                                                         \
    X(VALUE, bool, footprint_is_least)    /* it is a lower bound, */                                                   \
    X(VALUE, bool, miss_ratios_are_least) /* and so are they (warnings.h) */                                           \
    X(ARRAY, mrc_curve, curves, curve_count)

struct mrc {
    MRC_FIELDS(FIELD_DECLARE)
};

extern const struct layout mrc_point_layout, mrc_curve_layout, mrc_layout;

void mrc_release(struct mrc *mrc);

/* Whether curves that were read from a file are of the same, increasing sizes. -1 (ERROR_INPUT) when they are not. */
int mrc_check(const struct mrc *mrc, struct error *error);

/* What a row is to a cache. */
struct mrc_access {
    bool reads, writes, deletes, retimes;
    bool drops_ttl; /* a write that leaves no ttl behind */
};
struct mrc_access mrc_access_of(const struct batch *batch, uint32_t row);

/* The share of the trace's keys that this salt draws: the rate, about; exactly, where their number is known. Sizes
 * and distances are scaled by it, so that a cache for all keys is one for all that were drawn. */
double mrc_drawn_share(const struct mrc_plan *plan, uint64_t salt);
/* The salts of a plan are numbered from 0. */
static inline uint64_t mrc_salt(const struct mrc_plan *plan, unsigned number)
{
    return plan->seed * 1000 + number;
}

/* What the salts' miss ratios come to: their mean, and its interval. */
void mrc_points(const struct mrc_plan *plan, const double *miss_ratios, struct mrc_point *points);
/* Takes off by how much miniature lru errs with the same keys, by size and salt; `exact` is lru's truth by size.
 * Policies err alike where a sample lacks the hottest keys or has one too many, so that little of it is left: lru
 * is a control variate. */
void mrc_control(const struct mrc_plan *plan, double *miss_ratios, const double *lru, const double *exact);

/* A key's place in the unit interval, for this salt: keys below the rate are looked at. */
static inline double mrc_draw(uint32_t id, uint64_t salt)
{
    uint64_t x = (id + 1) * UINT64_C(0x9e3779b97f4a7c15) + salt * UINT64_C(0xd1b54a32d192ed03);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9); /* splitmix64's finalizer */
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

#endif

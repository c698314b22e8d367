/* SPDX-License-Identifier: GPL-3.0-or-later */
/* portrait: what evsim inspect found, as data: of a trace, and of the keys that a server without a limit holds after it.
 *
 * Times are microseconds since the trace's first request, sizes bytes. A real that cannot be told is NaN. */
#ifndef SIM_INSPECT_PORTRAIT_H
#define SIM_INSPECT_PORTRAIT_H

#include "sim/advice/diagnosis.h"
#include "sim/error.h"
#include "sim/fields.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of many numbers: the smallest that at least such a share of them does not exceed; see distribution.h for how exact. All 0
 * and the mean NaN: there were none. */
#define SPREAD_FIELDS(X)                                                                                               \
    X(VALUE, uint64_t, count)                                                                                          \
    X(VALUE, double, mean)                                                                                             \
    X(VALUE, uint64_t, min)                                                                                            \
    X(VALUE, uint64_t, median)                                                                                         \
    X(VALUE, uint64_t, p90)                                                                                            \
    X(VALUE, uint64_t, p99)                                                                                            \
    X(VALUE, uint64_t, p999)                                                                                           \
    X(VALUE, uint64_t, max)

struct spread {
    SPREAD_FIELDS(FIELD_DECLARE)
};

#define OP_SHARE_FIELDS(X)                                                                                             \
    X(TEXT, name) /* "get" */                                                                                          \
    X(VALUE, uint64_t, count)                                                                                          \
    X(VALUE, double, share) /* of all commands, 0..1 */

struct op_share {
    OP_SHARE_FIELDS(FIELD_DECLARE)
};

/* Commands by what they do: each is one of these. */
#define MIX_FIELDS(X)                                                                                                  \
    X(VALUE, uint64_t, reads)   /* look a key up, and need no memory */                                                \
    X(VALUE, uint64_t, writes)  /* may need memory (denyoom) */                                                        \
    X(VALUE, uint64_t, deletes) /* delete keys */                                                                      \
    X(VALUE, uint64_t, others)                                                                                         \
    X(VALUE, double, read_share) /* of all commands, 0..1; likewise the next two */                                    \
    X(VALUE, double, write_share)                                                                                      \
    X(VALUE, double, delete_share)                                                                                     \
    X(ARRAY, op_share, commands, command_count) /* the most frequent first */

struct mix {
    MIX_FIELDS(FIELD_DECLARE)
};

/* Commands in each interval of one length; intervals without any count, the last one, which is not over, does not, unless it
 * is the only one. */
#define RATE_FIELDS(X)                                                                                                 \
    X(VALUE, int64_t, interval_us)                                                                                     \
    X(VALUE, uint64_t, intervals)                                                                                      \
    X(VALUE, double, mean)     /* commands in an interval; NaN for a trace without time */                             \
    X(VALUE, uint64_t, min)    /* likewise */                                                                          \
    X(VALUE, uint64_t, median) /* likewise, as of a spread */                                                          \
    X(VALUE, uint64_t, p99)                                                                                            \
    X(VALUE, uint64_t, max)                                                                                            \
    X(VALUE, int64_t, max_us) /* where the first interval with the most begins */

struct rate {
    RATE_FIELDS(FIELD_DECLARE)
};

/* Commands from from_us on, up to the next point. */
#define RATE_POINT_FIELDS(X)                                                                                           \
    X(VALUE, int64_t, from_us)                                                                                         \
    X(VALUE, uint64_t, requests)

struct rate_point {
    RATE_POINT_FIELDS(FIELD_DECLARE)
};

/* Keys that are named within a window of time, and what they and their values weigh, as far as sizes are known. Windows as
 * of a rate. */
#define WORKING_SET_FIELDS(X)                                                                                          \
    X(VALUE, int64_t, window_us)                                                                                       \
    X(VALUE, uint64_t, windows)                                                                                        \
    X(VALUE, bool, is_cut) /* the trace is shorter than a window: this is all of it */                                 \
    X(VALUE, double, keys_mean)                                                                                        \
    X(VALUE, uint64_t, keys_median)                                                                                    \
    X(VALUE, uint64_t, keys_p99)                                                                                       \
    X(VALUE, uint64_t, keys_max)                                                                                       \
    X(VALUE, double, bytes_mean)                                                                                       \
    X(VALUE, uint64_t, bytes_median)                                                                                   \
    X(VALUE, uint64_t, bytes_p99)                                                                                      \
    X(VALUE, uint64_t, bytes_max)

struct working_set {
    WORKING_SET_FIELDS(FIELD_DECLARE)
};

/* Such windows from from_us on: the mean of so many. */
#define WORKING_SET_POINT_FIELDS(X)                                                                                    \
    X(VALUE, int64_t, window_us)                                                                                       \
    X(VALUE, int64_t, from_us)                                                                                         \
    X(VALUE, uint64_t, windows)                                                                                        \
    X(VALUE, double, keys)                                                                                             \
    X(VALUE, double, bytes)

struct working_set_point {
    WORKING_SET_POINT_FIELDS(FIELD_DECLARE)
};

/* Ranks at which the line is off by more than POPULARITY_OFF, all on one side. */
#define MISFIT_FIELDS(X)                                                                                               \
    X(VALUE, uint64_t, from_rank)                                                                                      \
    X(VALUE, uint64_t, to_rank)                                                                                        \
    X(VALUE, double, ratio) /* requests there, over those of the line, where it is worst */                            \
    X(VALUE, uint64_t, at_rank)

struct misfit {
    MISFIT_FIELDS(FIELD_DECLARE)
};

/* A key of this rank, and of the line. */
#define POPULARITY_POINT_FIELDS(X)                                                                                     \
    X(VALUE, uint64_t, rank)                                                                                           \
    X(VALUE, uint64_t, requests)                                                                                       \
    X(VALUE, double, fitted) /* NaN: there is no line */

struct popularity_point {
    POPULARITY_POINT_FIELDS(FIELD_DECLARE)
};

/* How requests spread over keys: see popularity.h for the method. */
#define POPULARITY_FIELDS(X)                                                                                           \
    X(VALUE, uint64_t, requests) /* rows with a key: a command of several keys has several */                          \
    X(VALUE, uint64_t, keys)     /* that a request names */                                                            \
    X(VALUE, uint64_t, one_hit_keys)                                                                                   \
    X(VALUE, double, one_hit_share) /* of the keys */                                                                  \
    X(VALUE, double, top_1_share)   /* of the requests: those to the most popular hundredth of the keys, rounded up */ \
    X(VALUE, double, top_10_share)  /* ... tenth */                                                                    \
    X(VALUE, uint64_t, top_requests) /* of the most popular key */                                                     \
    X(VALUE, double, dispersion)     /* variance of the keys' requests, over their mean: 1 by chance alone */          \
    X(TEXT, method)                                                                                                    \
    X(VALUE, double, zipf)       /* alpha; NaN: no line could be fitted, */                                            \
    X(TEXT, why_not)             /* and why; else empty */                                                             \
    X(VALUE, double, zipf_error) /* standard error */                                                                  \
    X(VALUE, double, zipf_low)   /* 95 % confidence interval */                                                        \
    X(VALUE, double, zipf_high)                                                                                        \
    X(VALUE, uint64_t, from_requests) /* the fit is of keys with at least so many requests: */                         \
    X(VALUE, uint64_t, fitted_keys)   /* ranks up to this */                                                           \
    X(VALUE, double, fitted_share)    /* of the requests */                                                            \
    X(VALUE, double, ks_distance)     /* Kolmogorov and Smirnov's, of the fitted keys */                               \
    X(VALUE, double, p_value)         /* of that distance, if Zipf's law held (goodness.h); NaN: there is no line */   \
    X(VALUE, uint64_t, p_samples)     /* samples of the law that it was compared with */                               \
    X(VALUE, double, r_squared)       /* of the line in the log-log plot, at the points of its ranks */                \
    X(VALUE, bool, fits)              /* no misfit beyond the first few keys within the fitted ranks */                \
    X(ARRAY, misfit, misfits, misfit_count)                                                                            \
    X(ARRAY, popularity_point, points, point_count)

struct popularity {
    POPULARITY_FIELDS(FIELD_DECLARE)
};

/* Whether a missed key is written soon afterwards (refill.h). */
#define FILLS_FIELDS(X)                                                                                                \
    X(VALUE, uint64_t, first_reads) /* keys whose first command is a read */                                           \
    X(VALUE, uint64_t, refilled)    /* of those, the next is a write within REFILL_US */                               \
    X(VALUE, double, share)         /* NaN: there are none */                                                          \
    X(TEXT, held)                   /* "yes", "partly", "no", "no reads", "no writes" */

struct fills {
    FILLS_FIELDS(FIELD_DECLARE)
};

/* Requests that came within [from_us, next column) for a key that was named so long before: at least reuse_us, less than
 * twice as much (below 1 us: 0). */
#define REUSE_CELL_FIELDS(X)                                                                                           \
    X(VALUE, int64_t, from_us)                                                                                         \
    X(VALUE, int64_t, reuse_us)                                                                                        \
    X(VALUE, uint64_t, requests)

struct reuse_cell {
    REUSE_CELL_FIELDS(FIELD_DECLARE)
};

/* Such a share of the values is no larger. */
#define SIZE_POINT_FIELDS(X)                                                                                           \
    X(VALUE, uint64_t, bytes)                                                                                          \
    X(VALUE, double, share)

struct size_point {
    SIZE_POINT_FIELDS(FIELD_DECLARE)
};

/* A key that a server holds. */
#define HELD_KEY_FIELDS(X)                                                                                             \
    X(TEXT, name) /* a byte 0 in it is a '?' */                                                                        \
    X(VALUE, uint32_t, db)                                                                                             \
    X(TEXT, type) /* what TYPE and OBJECT ENCODING say */                                                              \
    X(TEXT, encoding)                                                                                                  \
    X(VALUE, uint64_t, bytes)    /* MEMORY USAGE key SAMPLES 0 */                                                      \
    X(VALUE, uint64_t, length)   /* STRLEN, or how many elements it has */                                             \
    X(VALUE, int64_t, ttl_us)    /* left; -1: it has none; 0: it has passed */                                         \
    X(VALUE, uint64_t, requests) /* that named it */

struct held_key {
    HELD_KEY_FIELDS(FIELD_DECLARE)
};

/* Keys of a type. */
#define HELD_TYPE_FIELDS(X)                                                                                            \
    X(TEXT, type)                                                                                                      \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, bytes)    /* MEMORY USAGE of all */                                                             \
    X(VALUE, uint64_t, length)   /* STRLEN, or elements, of all */                                                     \
    X(VALUE, double, mean_bytes) /* of a key */                                                                        \
    X(VALUE, double, mean_length)                                                                                      \
    X(STRUCT, held_key, largest) /* the one with the most bytes, as redis-cli --memkeys has it; */                     \
    X(STRUCT, held_key, longest) /* with the largest length, as --bigkeys has it */

struct held_type {
    HELD_TYPE_FIELDS(FIELD_DECLARE)
};

#define HELD_ENCODING_FIELDS(X)                                                                                        \
    X(TEXT, type)                                                                                                      \
    X(TEXT, encoding)                                                                                                  \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, bytes)

struct held_encoding {
    HELD_ENCODING_FIELDS(FIELD_DECLARE)
};

/* Keys of a prefix and a type. */
#define HELD_PART_FIELDS(X)                                                                                            \
    X(TEXT, prefix)                                                                                                    \
    X(TEXT, type)                                                                                                      \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, bytes)

struct held_part {
    HELD_PART_FIELDS(FIELD_DECLARE)
};

/* Keys of a prefix. */
#define HELD_PREFIX_FIELDS(X)                                                                                          \
    X(TEXT, prefix)                                                                                                    \
    X(TEXT, type) /* of all its keys, or "mixed" */                                                                    \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, bytes)                                                                                          \
    X(VALUE, double, share) /* of the bytes of all keys */                                                             \
    X(VALUE, uint64_t, keys_without_ttl)                                                                               \
    X(VALUE, uint64_t, bytes_without_ttl)

struct held_prefix {
    HELD_PREFIX_FIELDS(FIELD_DECLARE)
};

enum { PORTRAIT_LARGEST = 10 };

/* What a server without a limit holds at the trace's end. */
#define HOLDINGS_FIELDS(X)                                                                                             \
    X(TEXT, server)                                                                                                    \
    X(VALUE, uint64_t, used_memory)                                                                                    \
    X(VALUE, uint64_t, dataset)  /* of that: names, entries and values of the keys; */                                 \
    X(VALUE, uint64_t, tables)   /* tables of keys and ttls, with an entry for each ttl; */                            \
    X(VALUE, uint64_t, startup)  /* the empty server, */                                                               \
    X(VALUE, uint64_t, others)   /* and the rest: clients, scripts, statistics ... */                                  \
    X(VALUE, uint64_t, overhead) /* all but the dataset */                                                             \
    X(VALUE, uint64_t, used_memory_peak)                                                                               \
    X(VALUE, uint64_t, used_memory_rss) /* 0, likewise the next, and the ratio NaN: nobody asked, by --rss */          \
    X(VALUE, uint64_t, allocator_active)                                                                               \
    X(VALUE, double, mem_fragmentation_ratio)                                                                          \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, bytes) /* MEMORY USAGE of all keys */                                                           \
    X(VALUE, uint64_t, keys_without_ttl)                                                                               \
    X(VALUE, uint64_t, bytes_without_ttl)                                                                              \
    X(VALUE, uint64_t, expired_keys) /* whose ttl has passed, and that are still there */                              \
    X(VALUE, uint64_t, expired_bytes)                                                                                  \
    X(STRUCT, spread, key_bytes)           /* MEMORY USAGE of each */                                                  \
    X(ARRAY, held_type, types, type_count) /* likewise, the largest first */                                           \
    X(ARRAY, held_encoding, encodings, encoding_count)                                                                 \
    X(ARRAY, held_prefix, prefixes, prefix_count)                                                                      \
    X(ARRAY, held_part, parts, part_count)     /* by prefix and type */                                                \
    X(ARRAY, held_key, largest, largest_count) /* PORTRAIT_LARGEST at most */                                          \
    X(STRUCT, growth, growth)                  /* of used_memory, in the second half of the trace (advice/growth.h) */

struct holdings {
    HOLDINGS_FIELDS(FIELD_DECLARE)
};

#define HOT_KEY_FIELDS(X)                                                                                              \
    X(TEXT, name)                                                                                                      \
    X(VALUE, uint32_t, db)                                                                                             \
    X(VALUE, uint64_t, requests)

struct hot_key {
    HOT_KEY_FIELDS(FIELD_DECLARE)
};

#define PORTRAIT_FIELDS(X)                                                                                             \
    X(VALUE, uint64_t, requests) /* commands */                                                                        \
    X(VALUE, uint64_t, keys)     /* distinct ones, those of a dump included */                                         \
    X(TEXT, version)             /* of evsim */                                                                        \
    X(TEXT, verdict)                                                                                                   \
    X(VALUE, int64_t, duration_us)                                                                                     \
    X(VALUE, bool, is_untimed) /* no row has a time: what is said of times is made up */                               \
    X(STRUCT, mix, mix)                                                                                                \
    X(STRUCT, rate, rate)                                                                                              \
    X(STRUCT, spread, key_sizes)           /* of each key */                                                           \
    X(STRUCT, spread, value_sizes)         /* of each read or write of a whole value, where it is known */             \
    X(VALUE, uint64_t, unsized)            /* reads and writes of values whose size nobody knows */                    \
    X(STRUCT, spread, value_sizes_by_key)  /* of each key, as last known; without those that are not known */          \
    X(STRUCT, spread, write_ttls_us)       /* of writes that give a ttl: how long it is when it is given, */           \
    X(VALUE, uint64_t, writes_without_ttl) /* and writes of whole values that give none */                             \
    X(STRUCT, spread, read_ttls_us)        /* of reads whose row says the ttl of the value */                          \
    X(ARRAY, holdings, servers, server_count)                                                                          \
    X(ARRAY, hot_key, hottest, hottest_count) /* PORTRAIT_LARGEST at most */                                           \
    X(STRUCT, popularity, popularity)                                                                                  \
    X(VALUE, uint64_t, first_requests)                     /* rows whose key was not named before */                   \
    X(STRUCT, spread, reuse_us)                            /* of all others: the time since it was */                  \
    X(ARRAY, working_set, working_sets, working_set_count) /* 1 min, 1 h, 1 d */                                       \
    X(ARRAY, working_set_point, working_set_points, working_set_point_count) /* by window, then by time */             \
    X(STRUCT, fills, fills)                                                                                            \
    X(ARRAY, warning, warnings, warning_count)                                                                         \
    X(ARRAY, rate_point, rate_points, rate_point_count)                                                                \
    X(VALUE, int64_t, rate_points_us)  /* the time of one */                                                           \
    X(VALUE, int64_t, reuse_column_us) /* likewise of a column of the heat map */                                      \
    X(ARRAY, reuse_cell, reuse_cells, reuse_cell_count)                                                                \
    X(ARRAY, size_point, size_points, size_point_count) /* of value_sizes */                                           \
    X(STRUCT, run, run)                                 /* the servers without a limit, and what the trace is */

struct portrait {
    PORTRAIT_FIELDS(FIELD_DECLARE)
};

extern const struct layout spread_layout, op_share_layout, mix_layout, rate_layout, rate_point_layout,
    working_set_layout, working_set_point_layout, misfit_layout, popularity_point_layout, popularity_layout,
    fills_layout, reuse_cell_layout, size_point_layout, held_key_layout, held_type_layout, held_encoding_layout,
    held_part_layout, held_prefix_layout, holdings_layout, hot_key_layout, portrait_layout;

void portrait_release(struct portrait *portrait);

/* Whether a portrait that was read from a file makes sense to the reports. -1 (ERROR_INPUT) with what does not. */
int portrait_check(const struct portrait *portrait, struct error *error);

#endif

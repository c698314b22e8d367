/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diagnosis: what evsim doctor found, as plain data: whether the server refuses writes or evicts, when and why that began,
 * what would end it, and what that was seen by. doctor.h makes it, the reports print it. */
#ifndef SIM_ADVICE_DIAGNOSIS_H
#define SIM_ADVICE_DIAGNOSIS_H

#include "sim/fields.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Over the seeds. */
#define SEEN_FIELDS(X)                                                                                                 \
    X(VALUE, double, mean)                                                                                             \
    X(VALUE, double, half_width) /* of the mean's 95 % confidence interval; NaN with one seed */                       \
    X(VALUE, double, least)                                                                                            \
    X(VALUE, double, most)

struct seen {
    SEEN_FIELDS(FIELD_DECLARE)
};

/* What a configuration did. */
#define TRIED_FIELDS(X)                                                                                                \
    X(TEXT, name)                                                                                                      \
    X(TEXT, command) /* that applies it to a running server; what the application sends */                             \
    X(TEXT, config)  /* the line of redis.conf; "" where there is none */                                              \
    X(TEXT, policy)                                                                                                    \
    X(VALUE, uint64_t, maxmemory)                                                                                      \
    X(VALUE, uint64_t, seeds)                                                                                          \
    X(VALUE, uint64_t, parts)           /* changes that are made together */                                           \
    X(VALUE, bool, adds_memory)         /* it takes more than there is now */                                          \
    X(VALUE, bool, changes_application) /* it is not a setting of the server */                                        \
    X(VALUE, bool, bounds_keys)         /* it bounds collections, or splits them */                                    \
    X(VALUE, bool, ends_it)             /* no write was refused, with any seed */                                      \
    X(VALUE, bool, is_told)             /* the text has it: of those with an effect, the best, and all bounds */       \
    X(VALUE, bool, has_no_effect)       /* every number is as it is now, or as with one of its parts */                \
    X(STRUCT, seen, oom_rejections)                                                                                    \
    X(STRUCT, seen, hit_ratio) /* NaN: nothing was read */                                                             \
    X(STRUCT, seen, evicted_keys)                                                                                      \
    X(STRUCT, seen, misses_evicted)                                                                                    \
    X(STRUCT, seen, evicted_for_good) /* keys that were evicted, and not written again by the end */                   \
    X(STRUCT, seen, misses_expired)                                                                                    \
    X(STRUCT, seen, expired_for_good) /* likewise of those that expired */                                             \
    X(STRUCT, seen, expired_keys)                                                                                      \
    X(STRUCT, seen, trimmed_elements) /* that a bound has taken away: LTRIM, ZREMRANGEBYRANK, XTRIM */                 \
    X(STRUCT, seen, used_memory_peak)

struct tried {
    TRIED_FIELDS(FIELD_DECLARE)
};

/* A number that a sentence says, or a name or a command that has numbers in it; in the sentence's order (phrase.h). */
#define FACT_FIELDS(X)                                                                                                 \
    X(TEXT, name)                                                                                                      \
    X(VALUE, double, value) /* NaN: it is a text */                                                                    \
    X(TEXT, unit) /* count, bytes, maxmemory (bytes, said exactly), seconds, share (said in per cent); text */         \
    X(TEXT, text) /* as it is said */

struct fact {
    FACT_FIELDS(FIELD_DECLARE)
};

#define CAUSE_FIELDS(X)                                                                                                \
    X(TEXT, name)                                                                                                      \
    X(VALUE, double, weight) /* by which causes are ranked */                                                          \
    X(TEXT, says)            /* the cause in a sentence */                                                             \
    X(ARRAY, fact, says_facts, says_fact_count)                                                                        \
    X(TEXT, evidence)                                                                                                  \
    X(ARRAY, fact, facts, fact_count) /* in the evidence */                                                            \
    X(TEXT, first)                    /* what to do first */                                                           \
    X(ARRAY, fact, first_facts, first_fact_count)

struct cause {
    CAUSE_FIELDS(FIELD_DECLARE)
};

/* Of used_memory without a limit, over the second half of the trace, per hour, by Theil and Sen; low and high: its 95 %
 * confidence interval. NaN: the trace is too short to say. */
#define GROWTH_FIELDS(X)                                                                                               \
    X(VALUE, double, bytes_per_hour)                                                                                   \
    X(VALUE, double, low)                                                                                              \
    X(VALUE, double, high)                                                                                             \
    X(VALUE, double, keys_per_hour)                                                                                    \
    X(VALUE, uint64_t, windows) /* whose medians it is made of */

struct growth {
    GROWTH_FIELDS(FIELD_DECLARE)
};

/* Of a group of keys with this ttl, without a limit of memory (ttl_curves.h). */
#define TTL_POINT_FIELDS(X)                                                                                            \
    X(VALUE, int64_t, ttl_s)                                                                                           \
    X(VALUE, double, hit_ratio) /* NaN: nothing is read */                                                             \
    X(VALUE, double, mean_bytes)

struct ttl_point {
    TTL_POINT_FIELDS(FIELD_DECLARE)
};

/* What a ttl would do to a group of keys: those of a prefix. */
#define TTL_ADVICE_FIELDS(X)                                                                                           \
    X(TEXT, prefix)                                                                                                    \
    X(TEXT, pattern) /* of their names; "": there is none */                                                           \
    X(VALUE, double, keys)                                                                                             \
    X(VALUE, double, reads)                                                                                            \
    X(VALUE, double, hit_ratio)                                                                                        \
    X(VALUE, double, mean_bytes)                                                                                       \
    X(VALUE, double, share_with_ttl) /* of the mean bytes, of keys that have a ttl of their own */                     \
    X(VALUE, double, reuse_p50_s)    /* hits by the time since the key was last named; NaN: none */                    \
    X(VALUE, double, reuse_p99_s)                                                                                      \
    X(VALUE, int64_t, long_s) /* the first ttl of the curve that is no shorter than reuse_p99_s; 0: none */            \
    X(VALUE, int64_t, knee_s) /* the ttl at the curve's knee; 0: it has none */                                        \
    X(VALUE, double, knee_hit_ratio)                                                                                   \
    X(VALUE, double, knee_mean_bytes)                                                                                  \
    X(ARRAY, ttl_point, points, point_count)

struct ttl_advice {
    TTL_ADVICE_FIELDS(FIELD_DECLARE)
};

/* One of the largest keys at the first refusal, else at the first eviction, else at the end. */
#define LARGE_KEY_FIELDS(X)                                                                                            \
    X(TEXT, name) /* as printable text */                                                                              \
    X(VALUE, uint32_t, db)                                                                                             \
    X(TEXT, type)                                                                                                      \
    X(VALUE, uint64_t, bytes)    /* MEMORY USAGE */                                                                    \
    X(VALUE, double, share)      /* of that of all keys */                                                             \
    X(VALUE, uint64_t, elements) /* 0 of a string */                                                                   \
    X(TEXT, way) /* how it can be made smaller: LTRIM, ZREMRANGEBYRANK, XTRIM, split; "": the trace does not tell */   \
    X(TEXT, why) /* then: why not */

struct large_key {
    LARGE_KEY_FIELDS(FIELD_DECLARE)
};

/* When a maxmemory is full, at this growth, in hours after the trace's end: 0: it is full within the trace; infinite: never. */
#define OUTLOOK_FIELDS(X)                                                                                              \
    X(VALUE, double, factor)                                                                                           \
    X(VALUE, uint64_t, maxmemory)                                                                                      \
    X(VALUE, bool, full_in_trace)                                                                                      \
    X(VALUE, double, hours)                                                                                            \
    X(VALUE, double, soonest)                                                                                          \
    X(VALUE, double, latest)

struct outlook {
    OUTLOOK_FIELDS(FIELD_DECLARE)
};

#define DIAGNOSIS_FIELDS(X)                                                                                            \
    X(TEXT, version)                                                                                                   \
    X(STRUCT, run,                                                                                                     \
      run) /* the trace and how it was replayed; its one result is of the server as it is, with the first seed */      \
    X(ARRAY, warning, warnings, warning_count)                                                                         \
    X(TEXT_OR_NULL, cluster) /* "3 shards"; NULL: it is one server */                                                  \
    X(TEXT_OR_NULL, shard)   /* of the cluster, the one that is worst off: all else is of it */                        \
    X(TEXT, server)                                                                                                    \
    X(TEXT, policy)                                                                                                    \
    X(VALUE, uint64_t, maxmemory)                                                                                      \
    X(VALUE, uint64_t, seeds) /* with which remedies are tried */                                                      \
    X(TEXT, state)            /* healthy, near-limit, evicts, exceeds-maxmemory, loses-data, refuses-writes */         \
    X(TEXT, verdict)                                                                                                   \
    X(ARRAY, fact, verdict_facts, verdict_fact_count)                                                                  \
    X(TEXT, first)                                                                                                     \
    X(ARRAY, fact, first_facts, first_fact_count)                                                                      \
    X(TEXT, role) /* cache or store */                                                                                 \
    X(TEXT, role_reason)                                                                                               \
    X(ARRAY, fact, role_facts, role_fact_count)                                                                        \
    X(VALUE, uint64_t, first_reads) /* keys whose first command was a read, */                                         \
    X(VALUE, uint64_t, refilled)    /* and of these keys those that were written next, within 10 s */                  \
    /* Of the server as it is, with the first seed: what the verdict says. */                                          \
    X(VALUE, uint64_t, writes)                                                                                         \
    X(VALUE, uint64_t, refused_writes)                                                                                 \
    X(VALUE, uint64_t, evicted)                                                                                        \
    X(VALUE, uint64_t, missed_evicted)                                                                                 \
    X(VALUE, double, missed_evicted_share) /* of the reads; 0: there were none */                                      \
    X(VALUE, uint64_t, used_memory_peak)                                                                               \
    X(VALUE, double, used_memory_peak_share) /* of maxmemory */                                                        \
    X(VALUE, double, confidence)             /* of all intervals: 0.95 */                                              \
    X(STRUCT, tried, now)                                                                                              \
    X(VALUE, double, unlimited_hit_ratio)                                                                              \
    X(VALUE, uint64_t, unlimited_peak) /* used_memory without a limit */                                               \
    X(VALUE, uint64_t, unlimited_end)                                                                                  \
    X(STRUCT, sample, first_refusal) /* used_memory 0: there was none */                                               \
    X(STRUCT, sample, first_eviction)                                                                                  \
    X(VALUE, uint64_t, excess)   /* the most by which a command left used_memory beyond maxmemory, in bytes, ... */    \
    X(VALUE, int64_t, excess_us) /* ... and when that was */                                                           \
    X(VALUE, uint64_t, enough) /* the least maxmemory that refuses nothing, to 1 %; 0: not looked for, or not found */ \
    X(VALUE, bool, is_untimed) /* no request has a time: growth is not known, and ttls are not tried */                \
    X(STRUCT, growth, growth)                                                                                          \
    X(ARRAY, large_key, largest, largest_count) /* keys, the largest first; none if they do not matter */              \
    X(ARRAY, outlook, outlooks, outlook_count)                                                                         \
    X(ARRAY, ttl_advice, ttls, ttl_count)   /* prefixes, those first that hold the most without a ttl */               \
    X(ARRAY, cause, causes, cause_count)    /* the first is the likeliest */                                           \
    X(VALUE, uint64_t, without_effect)      /* remedies that change nothing */                                         \
    X(ARRAY, tried, remedies, remedy_count) /* the best first */

struct diagnosis {
    DIAGNOSIS_FIELDS(FIELD_DECLARE)
};

extern const struct layout seen_layout, tried_layout, fact_layout, cause_layout, growth_layout, ttl_point_layout,
    ttl_advice_layout, large_key_layout, outlook_layout, diagnosis_layout;

void diagnosis_release(struct diagnosis *diagnosis);
/* Whether what was read from a file makes sense. -1 (ERROR_INPUT) with what does not. */
int diagnosis_check(const struct diagnosis *diagnosis, struct error *error);

/* The remedy of this name; NULL: it was not tried. */
const struct tried *diagnosis_remedy(const struct diagnosis *diagnosis, const char *name);

/* The parts of used_memory that are no keys, no tables, and not the empty server: buffers, backlog, scripts, logs ...; what
 * waits for replicas beyond the backlog does not count against maxmemory, and is not in it. */
uint64_t sample_outside_keys(const struct sample *sample);
/* The largest of them, as Redis calls it: "client output buffers". */
const char *sample_largest_outside(const struct sample *sample, uint64_t *bytes);

#endif

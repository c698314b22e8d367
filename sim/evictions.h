/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evictions: how good they were, and how fast. A model tells of every victim, and of every read that misses one.
 *
 * Counts per minute are differences of the model's counters, taken at the first request of a later minute. A minute
 * without requests counts as it is: with nothing. */
#ifndef SIM_EVICTIONS_H
#define SIM_EVICTIONS_H

#include "sim/absence.h"

#include <stdint.h>

enum { EVICTIONS_BUCKETS = 48 };

struct minute {
    uint64_t misses, evicted_keys;
};

/* Minute by minute, those without anything too, for who adds up several cells. */
struct minute_log {
    struct minute *list; /* owned: free() */
    uint32_t count, capacity;
};

struct evictions {
    uint64_t again[EVICTIONS_BUCKETS];    /* by the logarithm of how long the victim was away, in ABSENCE_UNITs */
    uint64_t ttl_left[EVICTIONS_BUCKETS]; /* victims by the logarithm of the ttl that they had left, in ms */
    int64_t begin_us;                     /* what was before does not count, */
    uint32_t first_since;                 /* nor does a victim that was away by then: before this, in ABSENCE_UNITs */
    int64_t minute_ends_us;               /* the minute at hand; minutes are whole since begin_us */
    struct minute before;                 /* the counters when it began */
    struct minute *minutes;               /* those in which something happened; owned */
    uint32_t count, capacity;
    struct minute_log *log; /* is told of every minute; NULL: nobody asks */
};

void evictions_init(struct evictions *evictions, struct minute_log *log);
void evictions_release(struct evictions *evictions);
/* All begins anew at now_us, with the counters as they are. */
void evictions_begin(struct evictions *evictions, int64_t now_us, const struct counters *counters);

/* The minute at hand is over. */
void evictions_end_minute(struct evictions *evictions, int64_t now_us, const struct counters *counters);
static inline void evictions_pass(struct evictions *evictions, int64_t now_us, const struct counters *counters)
{
    if (__builtin_expect(now_us >= evictions->minute_ends_us, 0))
        evictions_end_minute(evictions, now_us, counters);
}

/* 1 + the logarithm to base 2, rounded down; 0 of 0. */
static inline unsigned evictions_bucket(uint64_t value)
{
    unsigned bucket = value ? 64 - (unsigned)__builtin_clzll(value) : 0;

    return bucket < EVICTIONS_BUCKETS ? bucket : EVICTIONS_BUCKETS - 1;
}

/* A victim that had a ttl: ms until it would have expired, negative if that was over. */
static inline void evictions_note_ttl(struct evictions *evictions, int64_t left_ms)
{
    evictions->ttl_left[evictions_bucket(left_ms < 0 ? 0 : (uint64_t)left_ms)]++;
}

/* A read misses a key that was evicted: the first one counts. */
static inline void evictions_note_missed(struct evictions *evictions, struct absence *absence, int64_t now_us)
{
    const struct absence was =
        *absence; /* read whole before a part of it is written: the other way round the processor waits */

    if (was.asked)
        return;
    absence->asked = 1;
    if (was.since >= evictions->first_since)
        evictions->again[evictions_bucket(absence_lasted(was, now_us))]++;
}

/* The minutes of `from` are added to those of `to`, one by one. */
void minute_log_add(struct minute_log *to, const struct minute_log *from);
/* What 99 % of the minutes of a time of lasted_us did not exceed, in each of the two. The list is sorted on the way. */
struct minute minutes_p99(struct minute *list, uint32_t count, int64_t lasted_us);

/* The run ended at end_us. What is found belongs to the caller. */
struct eviction_quality evictions_finish(struct evictions *evictions, int64_t end_us, const struct counters *counters);

#endif

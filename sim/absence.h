/* SPDX-License-Identifier: GPL-3.0-or-later */
/* absence: why a key is not there, so that every miss has one cause.
 *
 * A model keeps an absence of four bytes where an absent key has no value. A zeroed one is that of a key that was
 * never written. The absence changes when the key goes, and when a write that would have made it is refused. */
#ifndef SIM_ABSENCE_H
#define SIM_ABSENCE_H

#include "sim/result.h"

#include <stddef.h>
#include <stdint.h>

struct absence {
    uint32_t cause : 3;  /* enum miss_cause */
    uint32_t asked : 1;  /* a read has missed it since */
    uint32_t since : 28; /* when, in ABSENCE_UNITs since the trace's first request; the last value: then or later */
};

/* 1/15 of a second, so that times of 203 days can be told apart. */
enum { ABSENCE_SHIFT = 16, ABSENCE_UNIT_US = 1 << ABSENCE_SHIFT, ABSENCE_LATEST = (1 << 28) - 1 };

static inline struct absence absence_from(enum miss_cause cause, int64_t now_us)
{
    int64_t since = now_us >> ABSENCE_SHIFT;

    return (struct absence){.cause = (unsigned)cause & 7,
                            .since = (uint32_t)(since < ABSENCE_LATEST ? since : ABSENCE_LATEST) & ABSENCE_LATEST};
}

/* How long the key has been away, in ABSENCE_UNITs. */
static inline uint32_t absence_lasted(struct absence absence, int64_t now_us)
{
    return absence_from(MISS_COLD, now_us).since - absence.since;
}

/* In a struct that counts misses by cause. */
#define CAUSES_ARE_ADJACENT(type)                                                                                      \
    _Static_assert(offsetof(type, misses_not_admitted) - offsetof(type, misses_cold) ==                                \
                       (MISS_CAUSES - 1) * sizeof(uint64_t),                                                           \
                   "the causes are adjacent")
CAUSES_ARE_ADJACENT(struct counters);
CAUSES_ARE_ADJACENT(struct group);

/* A read has found nothing: counts it under its cause, not in `misses`, in such a struct whose misses_cold is at the offset. */
static inline void absence_count(struct absence absence, void *counts, size_t misses_cold)
{
    ++*(uint64_t *)((char *)counts + misses_cold + absence.cause * sizeof(uint64_t));
}

#endif

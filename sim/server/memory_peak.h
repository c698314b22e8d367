/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory_peak: where used_memory_peak is found.
 *
 * Until Redis 8.4 call looks at used_memory when a command has run, its arguments included, and beforeSleep when the loop
 * is about to wait. What exists for less than that, a query buffer and the longer one that it is copied into, or what the
 * gate evicts keys for, is not seen.
 *
 * Since Redis 8.6 call does not look. Instead the allocator does, at every block, but only when its counter is more than
 * 100 KB above where it looked last (update_zmalloc_stat_alloc). That mark never goes down. So a server at its limit has
 * it somewhere in the last 100 KB below, by chance, and sees a buffer of some moments or not: of two runs one may print 60 KB
 * more than the other. */
#ifndef SIM_SERVER_MEMORY_PEAK_H
#define SIM_SERVER_MEMORY_PEAK_H

#include <stdbool.h>
#include <stdint.h>

struct memory_peak {
    uint64_t *highest; /* used_memory_peak */
    bool by_allocator; /* since Redis 8.6 */
    uint64_t looked_at;
};

/* The server looks, and used_memory is so much. */
static inline void memory_peak_note(const struct memory_peak *peak, uint64_t used)
{
    if (*peak->highest < used)
        *peak->highest = used;
}

/* A block has been allocated, by which used_memory is so much, perhaps for a moment. */
static inline void memory_peak_allocated(struct memory_peak *peak, uint64_t used)
{
    enum { CHECK_EVERY = 100 << 10 }; /* PEAK_CHECK_THRESHOLD */

    if (!peak->by_allocator || used <= peak->looked_at + CHECK_EVERY)
        return;
    peak->looked_at = used;
    memory_peak_note(peak, used);
}

/* A command has run; used_memory with its arguments is so much. */
static inline void memory_peak_called(struct memory_peak *peak, uint64_t used)
{
    if (peak->by_allocator)
        memory_peak_allocated(peak, used);
    else
        memory_peak_note(peak, used);
}

#endif

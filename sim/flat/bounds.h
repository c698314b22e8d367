/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bounds: how often a cache of plain sizes can hit at all, whatever its policy.
 *
 * Objects of different sizes make the best decisions hard to find: belady is no bound there. PFOO-L relaxes the problem
 * until it is easy. A hit needs its object to stay from one request to the next:
 *
 *     size ^                a --------- a          from row to row, times its size: the room that hit takes
 *          |     b ---- b
 *          |                    c -- c             capacity times all rows: the room there is
 *          +------------------------------> row
 *
 * At any instant a cache holds no more than its capacity; PFOO-L lets it hold too much now if it holds less at
 * another time, and takes the hits that need least room first: no cache hits more often. For bytes, those with the
 * fewest rows first: each byte of theirs needs least.
 *
 * Without a limit a lookup misses where its key was not stored before, or was deleted since: compulsory misses.
 * Without a limit a key also misses when its ttl has passed. A key that a cache still has keeps its ttl where one that
 * is loaded anew gets another, so that the later of the two counts: a cache that forgot may hit once more. Sizes
 * are those of the flat cache.
 *
 * Source: Berger, Beckmann, Harchol-Balter, Practical bounds on optimal caching with variable object sizes, SIGMETRICS
 * 2018. */
#ifndef SIM_FLAT_BOUNDS_H
#define SIM_FLAT_BOUNDS_H

#include "sim/options.h"
#include "sim/request.h"
#include "sim/result.h"

#include <stdint.h>

struct bounds;

struct bounds *bounds_new(void);
void bounds_free(struct bounds *bounds); /* NULL is fine */

/* The next rows of the trace, in order. Options are those of the run. 8 bytes are kept of every lookup that
 * might hit. */
void bounds_see(struct bounds *bounds, const struct simulation_options *options, const struct batch *batch);

/* At this maxmemory; 0: without a limit. */
struct bound bounds_at(const struct bounds *bounds, uint64_t maxmemory);

#endif

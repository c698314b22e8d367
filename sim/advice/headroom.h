/* SPDX-License-Identifier: GPL-3.0-or-later */
/* headroom: memory that a server needs besides maxmemory, each part by itself, with what it assumes.
 *
 *     fork           pages that are copied while a child saves: those that writes touch meanwhile
 *     backlog        of the replication stream, once there is a replica
 *     replicas       what waits for a replica beyond the backlog while it loads its snapshot: what is written meanwhile
 *     table          the next hash table of the keys, twice as large, beside the present one
 *     fragmentation  used_memory_rss above used_memory (--rss)
 *
 * All are upper bounds under their assumptions, but for fragmentation, which is what was simulated. A page counts as
 * touched by a write once for each of: the entry, the bucket, the object, and the pages of its value and one more; the
 * evictions, expiries and fills of the time touch three pages and a mean value's. How many those are is known at the points
 * of a curve only: within an interval of it a short save meets them at up to twice their mean rate. Reads touch none: a
 * server leaves the clock of a key alone while a child saves. No more pages are copied than there are. */
#ifndef SIM_ADVICE_HEADROOM_H
#define SIM_ADVICE_HEADROOM_H

#include "sim/advice/sizing.h"
#include "sim/model.h"
#include "sim/request.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct headroom_request {
    uint64_t save_bytes_per_s; /* how fast a child writes; it lives for maxmemory / this */
    int64_t save_every_us;     /* when saves begin; 0: at the worst moment */
    uint64_t replicas;
};

/* What the trace writes, over time. */
struct write_load {
    int64_t width_us; /* of a bucket */
    struct write_bucket {
        uint64_t pages, bytes; /* touched, and sent to replicas */
    } * buckets;               /* owned */
    size_t count, room;
    uint64_t writes, value_bytes;
};

void write_load_open(struct write_load *load);
void write_load_release(struct write_load *load);
/* The rows of a batch, or one of them. */
void write_load_see(struct write_load *load, const struct batch *batch);
void write_load_see_row(struct write_load *load, const struct batch *batch, uint32_t row);
/* The most in any time of that length; with `every_us` in those that begin at its multiples. */
struct write_bucket write_load_worst(const struct write_load *load, int64_t length_us, int64_t every_us);

/* What a cell did, as far as headroom asks. */
struct headroom_facts {
    uint64_t used_memory_peak, table_bytes, above_used; /* above_used: rss; 0: nobody asked */
    uint64_t removals; /* evictions, expiries and filled misses while a child saves, at most */
};
int64_t headroom_save_us(const struct headroom_request *request, uint64_t maxmemory);
struct headroom_facts headroom_facts(const struct headroom_request *request, const struct result *result, bool fills);

/* Appends the parts to the line of the server, and sums up; a line without an answer, or of a server that is a model of
 * sizes alone, has none. */
void headroom_tell(const struct headroom_request *request, const struct write_load *load,
                   const struct headroom_facts *facts, const struct server *server,
                   const struct simulation_options *options, struct sized_line *line);

/* The parts go again. */
void headroom_release(struct sized_line *line);

#endif

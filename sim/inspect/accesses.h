/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accesses: one look at every row of a trace, in its order, and what follows from all of them.
 *
 * Costs 24 bytes of host memory for each key, and what the distributions take. */
#ifndef SIM_INSPECT_ACCESSES_H
#define SIM_INSPECT_ACCESSES_H

#include "sim/inspect/distribution.h"
#include "sim/inspect/portrait.h"
#include "sim/inspect/rate.h"
#include "sim/inspect/reuse_map.h"
#include "sim/inspect/windows.h"
#include "sim/refill.h"
#include "sim/request.h"

#include <stdint.h>

enum { ACCESS_WINDOWS = 3 };

/* What is kept of a key. */
struct key_use {
    int64_t last_us;
    uint64_t requests : 62; /* 0: none has named it */
    uint64_t state : 2;     /* of enum refill_state */
    uint32_t value_next;    /* 1 + the last known size of its value; 0: not known */
    uint32_t key_len;
};

struct accesses {
    const int64_t *start_unix_us; /* of the trace's first request; known when the first row comes */
    struct key_use *uses;         /* owned, by id */
    uint32_t capacity, key_count;
    uint64_t commands, reads, writes, deletes;
    uint64_t ops[OP_COUNT];
    uint64_t unsized, writes_without_ttl, first_requests;
    int64_t last_us;
    struct refills refills;
    struct distribution value_sizes, write_ttls, read_ttls, reuse;
    struct rate_counts rate;
    struct windows windows[ACCESS_WINDOWS];
    struct reuse_map reuse_map;
};

void accesses_init(struct accesses *accesses, const int64_t *start_unix_us);
void accesses_release(struct accesses *accesses);

/* The next batch of the trace. */
void accesses_see(struct accesses *accesses, const struct batch *batch);

/* The ids of the keys that are named most, at most `most`, the first first; of equals the one that came first. Returns how many. */
size_t accesses_hottest(const struct accesses *accesses, uint32_t *ids, size_t most);

/* The trace has ended: fills what the portrait says of it, but for its requests, keys and duration, the verdict, the hottest keys, the
 * servers and the run. */
void accesses_tell(const struct accesses *accesses, struct portrait *portrait);

#endif

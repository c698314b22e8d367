/* SPDX-License-Identifier: GPL-3.0-or-later */
/* census: what a cell notes for a diagnosis: how it stood when it first refused a write, when it first evicted a key, and
 * at the end; its largest keys, keys that nobody asks for, and whether the application loads what it misses.
 *
 * A cell that is to note it is given one by its options. What is of a server's model only stays zero elsewhere. */
#ifndef SIM_CENSUS_H
#define SIM_CENSUS_H

#include "sim/result.h"

#include <stddef.h>
#include <stdint.h>

enum { CENSUS_LARGEST = 10 };

/* Keys, and what they weigh: MEMORY USAGE, their names included. */
struct census_count {
    uint64_t keys, bytes;
};

struct census_key {
    uint32_t id;
    uint64_t bytes;
};

/* How a cell stood at a moment. */
struct census_look {
    struct sample sample; /* used_memory 0: there was no such moment. The arguments under way are in it */
    struct census_count all, with_ttl;
    struct census_count expired; /* their ttl has passed, and nothing has found that out */
    /* Without a ttl, first named in the first half of the time since the trace's start; and those of them that no command
     * has named in the second half. */
    struct census_count old, unused;
    struct census_key largest[CENSUS_LARGEST]; /* the largest first */
    size_t largest_count;
};

struct census {
    struct census_look refusal, eviction, end;
    /* Keys whose first command was a read, so that it missed: how many, and of how many the next was a write within
     * CENSUS_REFILL_US. */
    uint64_t first_reads, refilled;
    /* Its own. */
    struct census_use {
        int64_t first_us, last_us;
        uint8_t state; /* 0: not met; 1: its first command was a read, and no second has come; 2: neither */
    } * uses;          /* by id; owned */
    uint32_t capacity;
};

enum { CENSUS_REFILL_US = 10000000 };

void census_release(struct census *census);

#endif

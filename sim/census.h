/* SPDX-License-Identifier: GPL-3.0-or-later */
/* census: what a cell notes for a diagnosis: how it stood when it first refused a write, when it first evicted a key, and
 * at the end; its largest keys, keys that nobody asks for, whether the application loads what it misses; and how far
 * used_memory went beyond maxmemory, and by what.
 *
 * A cell that is to note it is given one by its options. What is of a server's model only stays zero elsewhere. */
#ifndef SIM_CENSUS_H
#define SIM_CENSUS_H

#include "sim/refill.h"
#include "sim/result.h"
#include "sim/ttl_curves.h"

#include <stdbool.h>
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
    /* Of the largest ones, once all have been looked at: */
    char *name; /* "key 7" where names are not kept; owned. A byte 0 in it is a '?' */
    uint32_t db;
    const char *type;    /* what TYPE says */
    uint64_t elements;   /* of a hash, list, set, sorted set or stream */
    uint16_t taken_op;   /* 1 + a command that has taken elements away to work on them: a queue; 0: none */
    uint8_t pushed_at;   /* of a list: enum census_end */
    uint16_t unsplit_op; /* 1 + a command that has named it, and that no split key can answer (split.h); 0: none */
};

/* Where elements have been pushed to a list: so far nowhere, at one end, at both, or otherwise. */
enum census_end { PUSHED_NOWHERE = 0, PUSHED_LEFT = 1, PUSHED_RIGHT = 2 };

/* How a cell stood at a moment. */
struct census_look {
    struct sample sample; /* used_memory 0: there was no such moment. The arguments under way are in it */
    struct census_count all, with_ttl;
    struct census_count expired; /* their ttl has passed, and nothing has found that out */
    /* Without a ttl, first named in the first half of the time since the trace's start; and those of them that no command
     * has named in the second half. */
    struct census_count old, unused;
    struct census_count grown;  /* weigh more than behind the command that made them; bytes: by how much, ... */
    uint64_t grown_collections; /* ... and how much of that in hashes, lists, sets, sorted sets and streams */
    uint64_t shrunk_bytes;      /* and by how much others weigh less */
    struct census_key largest[CENSUS_LARGEST]; /* the largest first */
    size_t largest_count;
};

/* How used_memory came to exceed maxmemory. It exceeds it until a command ends that finds it within. */
enum census_way {
    BY_COMMAND, /* one that passed the gate: alone, or before it the evictions ran out of time */
    BY_EXEC,    /* commands that were queued are not asked for again: EXEC carries all of them out */
    BY_SCRIPT,  /* as a script's calls, once it has written */
    CENSUS_WAYS
};

struct census_excess {
    uint64_t times;    /* used_memory came to exceed maxmemory that way */
    uint64_t bytes;    /* the most by which it exceeded it at the end of such a command, ... */
    int64_t time_us;   /* ... and when that was */
    uint64_t refusals; /* while it still exceeded it, by CENSUS_EXCESS of maxmemory at first */
};

struct census {
    struct census_excess excess[CENSUS_WAYS];
    struct census_look refusal, eviction, end;
    struct refills refills;
    struct ttl_curves
        *ttls; /* what a ttl would do to each group of keys (options.h); NULL: nobody asks; the caller's */
    /* Its own. */
    bool exceeds;               /* used_memory is beyond maxmemory, ... */
    bool exceeds_by_far;        /* ... and was so by CENSUS_EXCESS of it when it came there ... */
    enum census_way exceeds_by; /* ... in this way */
    struct census_use {
        int64_t first_us, last_us;
        uint64_t created_bytes; /* what the key weighed behind the command that made it; 0: it is not there */
        uint8_t state;          /* of enum refill_state */
        uint8_t pushed_at;      /* of enum census_end, or both */
        uint16_t unsplit_op;    /* as above */
        uint16_t taken_op;
    } * uses; /* by id; owned */
    uint32_t capacity;
};

static const double CENSUS_EXCESS = 0.05;

/* Whether the largest key of this place is large beside the first. */
static inline bool census_key_is_large(const struct census_look *look, size_t place)
{
    return 10 * look->largest[place].bytes >= look->largest[0].bytes;
}

void census_look_release(struct census_look *look);
void census_release(struct census *census);

#endif

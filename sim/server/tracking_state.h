/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tracking_state: what the server knows of clients that track keys. tracking.h says what it is. */
#ifndef SIM_SERVER_TRACKING_STATE_H
#define SIM_SERVER_TRACKING_STATE_H

#include "sim/server/tables/rax.h"

#include <stdbool.h>
#include <stdint.h>

/* A key that is in the table. */
struct tracked_key {
    uint32_t id;       /* under which it was read */
    uint32_t *clients; /* owned: who has read it */
    uint32_t count, capacity;
    struct rax ids; /* the same, as the server keeps it */
};

/* A prefix of which every change is told to its clients (struct bcastState). */
struct tracked_prefix {
    uint32_t name;     /* member; NO_MEMBER: the empty prefix */
    uint32_t *clients; /* owned */
    uint32_t count, capacity;
    struct rax keys, pointers; /* of the keys that have changed in this turn, of the clients */
    uint64_t bytes, own_bytes; /* of those keys in a message; of the ones that the client at work has changed */
    uint32_t changed, own_changed;
};

/* A client's part. Zeroed to begin with. */
struct tracker {
    unsigned flags;         /* enum tracking_flag; 0: it does not track */
    bool has_caching;       /* CLIENT CACHING was the command before */
    bool speaks_resp3;      /* HELLO 3 */
    uint32_t redirect_plus; /* 1 + the client that is told instead; 0: itself */
    struct rax prefixes;
    uint32_t prefix_count;
};

/* Zeroed to begin with. */
struct tracking {
    uint32_t clients; /* how many track */
    bool exists;      /* the tables have been made */
    struct rax table; /* name -> place among the keys */
    struct rax prefix_table;
    struct tracked_key *keys; /* owned */
    uint32_t key_count, key_capacity;
    struct tracked_prefix *prefixes; /* owned */
    uint32_t prefix_count, prefix_capacity;
    bool has_changes;   /* of a prefix, that are not yet told */
    uint32_t timeouts;  /* turns in which the table stayed too large (timeout_counter) */
    uint64_t own_bytes; /* of what the client at work is told of its own changes */
    uint32_t *changes;  /* owned: keys that have changed, see tracking_changes.h */
    uint32_t change_count, change_capacity;
    struct tracker *trackers; /* owned; by the client's number */
    uint32_t tracker_capacity;
};

#endif

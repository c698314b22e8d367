/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection_list: who is connected, by number, and in which order cron looks at them. connections.h says what it is for.
 *
 *     places       number -> place            list   place -> connection
 *     server ring  last connected -> ... -> first connected, or the other way: cron visits a part of it each time, from
 *                  where it stopped
 *     silence      last spoke -> ... -> silent for longest
 *     buckets      with maxmemory-clients: who takes how much, by powers of two; in each who came last -> ... -> who first */
#ifndef SIM_SERVER_CONNECTION_LIST_H
#define SIM_SERVER_CONNECTION_LIST_H

#include "sim/server/client.h"

#include <stdbool.h>
#include <stdint.h>

static const uint32_t NO_CLIENT = UINT32_MAX - 1;

/* Neighbours in a ring, by their places. */
struct ring_links {
    uint32_t before, after;
};

struct connection {
    struct client client; /* of the one that speaks redis->client is newer */
    uint32_t number;
    struct ring_links server, silence, size;
    uint64_t bytes;  /* what it was last seen to take, with maxmemory-clients */
    unsigned bucket; /* BUCKET_NONE: it is in none */
};

enum { CLIENT_BUCKETS = 19 /* CLIENT_MEM_USAGE_BUCKETS */, BUCKET_NONE = CLIENT_BUCKETS };

/* Zeroed to begin with: one client, number 0. */
struct connections {
    struct connection *list; /* by place, owned; 0 is nobody's, and NULL while there has been only number 0 */
    uint32_t list_count, list_capacity;
    uint32_t *places; /* by the client's number, owned; 0: it is not connected */
    uint32_t place_capacity;
    uint32_t free;    /* places that were left, linked by silence.after; 0: none */
    uint32_t count;   /* connected clients; unless is_known there is one */
    uint32_t current; /* number of the one whose client redis->client is; NO_CLIENT: it has gone */
    uint32_t visited; /* the place of the last of the server's list */
    uint64_t
        pooled_vector; /* places of the vector that whoever speaks next takes; while somebody speaks it is theirs */
    uint32_t events_doubled; /* how often the event loop's tables have */
    uint32_t spoke;          /* the place of who spoke last; before it is the one that has been silent for longest */
    uint32_t departed;       /* so many of the departures (input/departures.h) are behind it */
    bool is_known;           /* the list has been begun */
    struct thread_buffer thread_buffer;
    uint64_t limit;                   /* maxmemory-clients; 0: none */
    uint64_t clients_bytes;           /* what they were last seen to take */
    uint32_t largest[CLIENT_BUCKETS]; /* places of who came last into each bucket; 0: nobody is there */
};

/* Where the client is; 0: it is not connected. */
static inline uint32_t connection_place(const struct connections *all, uint32_t number)
{
    return number < all->place_capacity ? all->places[number] : 0;
}

/* A client connects; its buffers are still to be set. Returns its place. */
uint32_t connection_add(struct connections *all, uint32_t number);
/* It has spoken. */
void connection_spoke(struct connections *all, uint32_t place);
/* Who has been silent for longest. */
uint32_t connection_silent(const struct connections *all);
/* It takes so much that it belongs there. */
void connection_classify(struct connections *all, uint32_t place, unsigned bucket);
/* Of the largest bucket with anybody who came in first; 0: there is nobody. */
uint32_t connection_largest(const struct connections *all);
/* It is closed. */
void connection_remove(struct connections *all, uint32_t place);
void connections_release(struct connections *connections);

#endif

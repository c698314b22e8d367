/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shard_part: the part of a trace that one shard gets, under ids and client numbers of its own. Only dealing.c works with
 * it. */
#ifndef SIM_ENGINE_SHARD_PART_H
#define SIM_ENGINE_SHARD_PART_H

#include "sim/input/keys.h"
#include "sim/request.h"
#include "sim/slots.h"

#include <stdbool.h>
#include <stdint.h>

struct scenario;

struct shard_batches {
    struct batch **list; /* owned, as are the batches */
    uint32_t count, capacity;
};

struct shard_part {
    uint32_t key_count;
    uint32_t *trace_ids; /* by id; owned */
    uint32_t trace_ids_capacity;
    struct key_slots *slots; /* what is known of keys, by id; owned, as are the next four. NULL: nobody asks */
    struct key_names *names;
    struct key_groups *groups;
    struct key_patterns *patterns;
    struct key_patterns *rules; /* likewise, of ttl rules */
    struct scenario *scenario;  /* owned, with its events and rows alone; NULL: none */
    uint32_t client_count;
    uint32_t *clients; /* by number in the trace: 1 + number here; 0: it has not spoken here; owned. See below */
    uint32_t clients_capacity;
    bool first_is_first; /* number 0 of the trace is 0 here */
    uint64_t last_read;  /* the pipeline that its last command came in */
    struct shard_batches rounds[2];
};

/* Zeroed. `keys` are those of the trace. */
void shard_part_init(struct shard_part *part, const struct keys *keys);
void shard_part_release(struct shard_part *part);

/* A key of the trace is the part's, too: its id here. */
uint32_t shard_part_add_key(struct shard_part *part, const struct keys *keys, uint32_t trace_id);
/* Room for so many clients: as long as there are no more, `clients` stays where it is, for cells look there for a client that has left
 * while the next round is dealt. One that comes back then, and speaks here for the first time, had no connection: either answer is
 * right. */
void shard_part_expect_clients(struct shard_part *part, uint32_t clients);
/* The number that the client has here. */
uint32_t shard_part_client(struct shard_part *part, uint32_t client);

void shard_part_begin_round(struct shard_part *part, int turn);
/* A batch of the round with room for so many rows. */
struct batch *shard_part_room(struct shard_part *part, int turn, uint32_t rows);
/* `unspelled`: members, as batches have them. */
void shard_part_end_round(struct shard_part *part, const struct keys *keys, struct id_range unspelled, int turn);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect: what a client could ask of the modeled server, answered without a turn: nothing is looked up, touched, expired
 * or sent, and nothing changes.
 *
 * `state` is that of a cell whose model is redis_model, between two calls of its replay. */
#ifndef SIM_SERVER_INSPECT_H
#define SIM_SERVER_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

/* A key as it lies in the keyspace: one whose ttl has passed is there until something finds it. */
struct inspection {
    const char *type;      /* what TYPE says: "string"; "none" when the key is absent */
    const char *encoding;  /* what OBJECT ENCODING says: "embstr"; "" when it is absent */
    uint64_t memory_usage; /* what MEMORY USAGE key SAMPLES 0 says, bytes; 0 when it is absent */
};

/* Of the key with this id, which the model may not have met yet. */
struct inspection inspect_key(const void *state, uint32_t id);

/* What INFO's used_memory would be for the client that sends the commands, bytes; less the latency histograms of the
 * commands that were called, as under `latency-tracking no`. */
uint64_t inspect_used_memory(const void *state);

/* The part of it that is the client's reply buffer, which has shrunk and grown by the lengths of replies. */
uint64_t inspect_reply_buffer(const void *state);

/* Keys, the expired ones that were not found yet included. */
uint64_t inspect_keys(const void *state);

/* Whether a table of keys or of ttls has two halves now: how fast it goes on depends on the server's hash seed. */
bool inspect_is_rehashing(const void *state);

/* Where a table's buckets may overflow, which depends on the hash seed as well: the bytes of one bucket, and how many
 * there are in the tables of keys and of ttls. 0 where tables are chained: their bytes depend on nothing random. */
uint64_t inspect_bucket_bytes(const void *state);
uint64_t inspect_buckets(const void *state);

/* Likewise of dicts without values, of sets and, since Redis 8.2, of keys: the bytes of a node, and how many members may have one. */
uint64_t inspect_node_bytes(const void *state);
uint64_t inspect_bare_members(const void *state);

/* Likewise of the dicts of functions: what their slots weigh, half of which may be an old table's. 0: they have not grown. */
uint64_t inspect_library_slots(const void *state);

/* Whether EVALSHA or FCALL, which was the last command, is answered with an error: there is no such script. */
bool inspect_finds_no_script(const void *state);

#endif

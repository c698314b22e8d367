/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dealing: the trace as the shards of a Redis Cluster get it, each its own part, as a cluster's client would send it.
 *
 *     batch of the trace ──▶ slot of each key ──▶ shard of each slot ──▶ a batch for each shard
 *                            (once per key)       (slot table)           (its own dense ids, its own client numbers)
 *
 * What a shard gets is what it would get if the trace were cut by slot and replayed alone: ids and clients count from 0 in
 * order of first appearance there, so that per-key arrays of all shards together are as large as those of one server. (Members of
 * values keep the numbers that they have in the trace.)
 *
 * Commands that are not of one slot:
 *
 *     MGET, MSET, DEL, UNLINK, EXISTS, TOUCH, WATCH   a command for each slot, in order of first appearance
 *     others of several keys (RENAME, SINTERSTORE)    left out, and counted: CROSSSLOT
 *     without a key (FLUSHALL, CLIENT, PUBLISH)       to every shard
 *     MULTI                                           to each shard that a command behind it goes to, just before that;
 *                                                     EXEC and DISCARD to the same
 *     EVAL, EVALSHA, FCALL                            where the key of its first call is; calls of keys that another shard
 *                                                     has are left out, and counted
 *     what the server refuses, what evsim skips       where its client's last command went, for its key is not known
 *
 * Patterns of SORT's BY and GET find no key there, as in a cluster, which denies them.
 *
 * A server in cluster mode that has all slots is such a cluster, too, with one shard: there, only several slots matter.
 *
 * Source: getNodeByQuery (cluster.c) of Redis 7.0.15; how redis-py's and Lettuce's clients of clusters send MGET, MSET, DEL. */
#ifndef SIM_ENGINE_DEALING_H
#define SIM_ENGINE_DEALING_H

#include "sim/input/reader.h"
#include "sim/result.h"
#include "sim/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dealing;
struct scenario;

/* The table outlives it. reader_find_slots() was called, and nothing read. What it counts leaves out what is sent before
 * warmup_us. To be freed. */
struct dealing *dealing_new(struct reader *reader, const struct slot_table *table, int64_t warmup_us);
void dealing_free(struct dealing *dealing); /* NULL is fine */

const struct slot_table *dealing_table(const struct dealing *dealing);

/* The scenario as each shard sees it: commands on keys that it has, and all else. The reader knows its keys, and nothing was
 * dealt. The scenario outlives the dealing. */
void dealing_expect(struct dealing *dealing, const struct scenario *scenario);
const struct scenario *dealing_scenario(const struct dealing *dealing, uint32_t shard);

/* What is known of a shard's keys, by the ids that they have there. Valid as long as the dealing. */
const struct key_slots *dealing_slots(const struct dealing *dealing, uint32_t shard);
const struct key_groups *dealing_groups(const struct dealing *dealing, uint32_t shard); /* NULL: keys have no groups */
const struct key_patterns *dealing_rules(const struct dealing *dealing,
                                         uint32_t shard); /* NULL: there are no ttl rules */

/* The trace has so many clients; nothing was dealt. From then on it is known in which shard each has which number, as options have it
 * (client_numbers). Valid as long as the dealing. */
void dealing_expect_clients(struct dealing *dealing, uint32_t clients);
const uint32_t *dealing_clients(const struct dealing *dealing, uint32_t shard);

/* Batches come in rounds. There are two sets of them, for one is dealt while cells replay the other: `turn` is 0 or 1. */
void dealing_begin_round(struct dealing *dealing, int turn);
void dealing_take(struct dealing *dealing, int turn, const struct batch *batch);
/* is_last: the trace is over, and what waits for its next command is dealt. Returns whether something was. */
bool dealing_end_round(struct dealing *dealing, int turn, bool is_last);

/* A shard's batches of the round. */
const struct batch *const *dealing_batches(const struct dealing *dealing, int turn, uint32_t shard, uint32_t *count);

/* Of the trace so far, without the warm-up. A MULTI counts when it is sent: with the first command behind it. */
const struct cluster_traffic *dealing_traffic(const struct dealing *dealing);
/* How many rows of commands named the key after the warm-up, by the trace's id. */
uint64_t dealing_requests_of(const struct dealing *dealing, uint32_t id);
/* The trace's id of a shard's key. */
uint32_t dealing_trace_id(const struct dealing *dealing, uint32_t shard, uint32_t id);

#endif

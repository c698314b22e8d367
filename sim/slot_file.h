/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slot_file: which shard has which slots, as a user has it at hand.
 *
 *     0-5460 east                 slots, and the shard that has them: any word, lines of one word are one shard
 *     16383 west
 *     # a comment
 *
 * or what a cluster says, as redis-cli prints it on a terminal or into a file, with --json, or as it comes (RESP):
 *
 *     CLUSTER NODES      of masters the slots count, replicas are left out
 *     CLUSTER SLOTS      the first node of a range is the master
 *     CLUSTER SHARDS     the master that is online; without one, any master, or the first node
 *
 * There a shard is called by its address, 127.0.0.1:7000. Each slot belongs to exactly one shard.
 *
 * Source: clusterGenNodeDescription, clusterReplyMultiBulkSlots, clusterReplyShards (cluster.c), cliFormatReplyTTY and
 * cliFormatReplyRaw (redis-cli.c) of Redis 7.0.15. */
#ifndef SIM_SLOT_FILE_H
#define SIM_SLOT_FILE_H

#include "sim/error.h"
#include "sim/slots.h"

/* NULL with an error. To be freed. */
struct slot_table *slot_table_read(const char *path, uint64_t memory_limit, struct error *error);

#endif

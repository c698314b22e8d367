/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_shards: traces for clusters, and replays of them: what laws about shards have in common. */
#ifndef TESTS_SUPPORT_SHARDS_H
#define TESTS_SUPPORT_SHARDS_H

#include "sim/engine/replay.h"
#include "sim/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHARD_TRACE_COMMANDS = 25000 };

/* Commands of one key; now and then one without. Hashes stay listpacks: in which buckets of a table members are depends on their
 * numbers, which are the trace's. The first and the last reach all parts. `table` NULL: all of the trace, else the shard's part.
 * A file, for remove_temporary(). */
char *plain_shard_trace(const struct slot_table *table, uint32_t shard, uint64_t seed);
/* What has several keys, or none, or is behind MULTI, or calls. */
char *mixed_shard_trace(void);

struct shard_setup {
    const struct slot_table *table; /* NULL: no shards */
    bool cluster_mode, divides, clients_stay;
    uint32_t only;
    int workers; /* 0: 2 */
    int64_t warmup_us;
    const struct group_rule *by;
};

/* The plan of such a replay of `count` cells; what it points to is the caller's. */
struct replay_plan shard_plan(const char *trace, const struct cell_config *cells, size_t count,
                              const struct shard_setup *setup);
/* Replays it; fails the test if it cannot. */
void replay_shards(const char *trace, const struct cell_config *cells, size_t count, struct shard_setup setup,
                   struct run *run);

struct cell_config shard_cell(const char *server, const struct policy *policy, uint64_t maxmemory);
/* Cells of every policy that does not know the future, and of every server, whose limits bind in a third of the plain trace;
 * to be freed. */
struct cell_config *shard_cells(size_t *count);

/* Fails unless the shards are the whole: what they count, their slots, the commands that were sent, the parts of memory. */
void expect_shard_sums(const struct result *result, uint64_t commands, bool has_parts);

#endif

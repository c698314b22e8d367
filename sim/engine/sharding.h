/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sharding: cells that are clusters. For the sweep each shard of each is a cell of its own; afterwards their results are one
 * again, with what was found shard by shard beside the sum.
 *
 *     cells a, b  x  tables of 3 and 2 shards  ──▶  a1 a2 a3 b1 b2 b3  a1 a2 b1 b2  ──▶  sweep  ──▶  a b a b
 *
 * A shard is a node in cluster mode, with a maxmemory of its own. Its seed follows from the cell's and its place; the first
 * shard has the cell's, so that one shard alone is the server itself. */
#ifndef SIM_ENGINE_SHARDING_H
#define SIM_ENGINE_SHARDING_H

#include "sim/input/reader.h"
#include "sim/model.h"
#include "sim/result.h"
#include "sim/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sharding_plan {
    const struct slot_table *const *tables; /* one cluster for each */
    size_t table_count;
    uint32_t only; /* 1 + the place of a shard: it alone is replayed, as a server with its part; 0: all are */
    /* Called for each cluster with the results of its shards, before they are one: `place` is the cell's; NULL: nobody asks. */
    void (*look)(void *owner, size_t place, const struct result *parts, uint32_t shards);
    void *look_owner;
    bool
        divides_maxmemory; /* maxmemory is the cluster's: each shard gets an even part, rounded down. Else each shard's */
};

/* What each shard gets of a maxmemory: even where it is divided. */
uint64_t sharding_maxmemory(const struct sharding_plan *plan, const struct slot_table *table, uint64_t maxmemory);

struct sharding;

/* `cells` have their complete options, and outlive it, as do the plan and the reader. The reader knows the scenario, finds
 * slots and keeps names. To be freed. */
struct sharding *sharding_new(const struct sharding_plan *plan, struct reader *reader, const struct cell_config *cells,
                              size_t count);
void sharding_free(struct sharding *sharding);

/* The shards as cells, table by table, cell by cell. */
const struct cell_config *sharding_cells(const struct sharding *sharding, size_t *count);

/* Makes `count` x tables results of those of the shards, which are left empty, and likewise adds up seconds (NULL: not
 * asked). The replay ended at end_us. */
void sharding_collect(struct sharding *sharding, int64_t end_us, struct result *parts, const double *part_seconds,
                      struct result *results, double *seconds);

#endif

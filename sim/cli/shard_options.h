/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shard_options: the options that make clusters of cells, and the slot tables that follow from them. */
#ifndef SIM_CLI_SHARD_OPTIONS_H
#define SIM_CLI_SHARD_OPTIONS_H

#include "sim/cli/option.h"
#include "sim/engine/sharding.h"

#include <stddef.h>
#include <stdint.h>

enum { SHARD_LIST_MAX = 64 };

/* Whose maxmemory is meant. */
enum maxmemory_of { MAXMEMORY_OF_SHARD, MAXMEMORY_OF_CLUSTER };

struct shard_request {
    const char *numbers_text, *slots_path; /* a list; a table in a file */
    uint32_t numbers[SHARD_LIST_MAX];
    size_t number_count;
    enum maxmemory_of maxmemory_of;
    struct slot_table *tables[SHARD_LIST_MAX + 1]; /* what follows from the two; owned */
    size_t table_count;
};

enum { SHARD_OPTIONS = 2, SHARD_MEMORY_OPTIONS = 1 };
extern const struct option shard_options[SHARD_OPTIONS];
extern const struct option shard_memory_options[SHARD_MEMORY_OPTIONS]; /* of all shards at once, not of one server */

/* Makes the tables. `option` was given, too, and is about one server; NULL: there is none. 0; or -1 on a bad file, or where
 * the option, or a policy, does not go with clusters. */
int shard_request_settle(struct shard_request *request, const char *option, const struct named_policy *policies,
                         size_t policy_count, uint64_t memory_limit, struct error *error);
void shard_request_release(struct shard_request *request);

/* The clusters that were asked for; they point into the request. Of no table: none. */
struct sharding_plan shard_request_plan(const struct shard_request *request);

#endif

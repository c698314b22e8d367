/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/shard_options.h"

#include "sim/slot_file.h"
#include "sim/units.h"

static int add_number(void *target, const char *text, struct error *error)
{
    struct shard_request *request = target;
    uint64_t number;

    if (!scan_uint64(text, &number) || !number || number > SHARDS_MOST)
        return error_set(error, ERROR_USAGE, "bad number of shards '%s': a whole number from 1 to %d", text,
                         SHARDS_MOST);
    for (size_t i = 0; i < request->number_count; i++)
        if (request->numbers[i] == number)
            return 0;
    if (request->number_count == SHARD_LIST_MAX)
        return error_set(error, ERROR_USAGE, "more than %d items", SHARD_LIST_MAX);
    request->numbers[request->number_count++] = (uint32_t)number;
    return 0;
}

static const char *const maxmemory_of_words[] = {"shard", "cluster", NULL};

#define AT(member) OPTION_IN(struct shard_request, member)

const struct option shard_options[SHARD_OPTIONS] = {
    {.name = "shards",
     .kind = OPTION_LIST,
     .argument = "N[,N...]",
     .add = add_number,
     .brief = "as a Redis Cluster of N masters",
     .help =
         "cut the trace as a Redis Cluster of N masters does: CRC16 of each key, or of its {hash tag}, 16384 slots in "
         "even ranges; every shard is a node in cluster mode, and the worst one is told beside the sum",
     AT(numbers_text)},
    {.name = "slots",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .values = VALUES_FILES,
     .help = "the same with a slot table of your own: lines as '0-5460 NAME', or what redis-cli prints of CLUSTER "
             "NODES, SLOTS or SHARDS",
     AT(slots_path)},
};

const struct option shard_memory_options[SHARD_MEMORY_OPTIONS] = {
    {.name = "maxmemory-of",
     .kind = OPTION_CHOICE,
     .words = maxmemory_of_words,
     .initial = "shard",
     .help = "shard: each shard has maxmemory for itself, as a real node has; cluster: it is divided evenly among them",
     AT(maxmemory_of)},
};

/* What cannot be told of a cluster. */
static int check(const struct shard_request *request, const char *option, const struct named_policy *policies,
                 size_t policy_count, struct error *error)
{
    if (!request->table_count && request->maxmemory_of == MAXMEMORY_OF_CLUSTER)
        return error_set(error, ERROR_USAGE, "--maxmemory-of cluster goes with --shards or --slots");
    if (request->table_count && option)
        return error_set(error, ERROR_USAGE, "%s is of one server: not with %s", option,
                         request->number_count ? "--shards" : "--slots");
    for (size_t i = 0; i < policy_count && request->table_count; i++)
        if (policies[i].policy->offline)
            return error_set(error, ERROR_USAGE,
                             "%s knows the future of the whole trace, not of a shard: not with --shards or --slots",
                             policies[i].policy->name);
    return 0;
}

int shard_request_settle(struct shard_request *request, const char *option, const struct named_policy *policies,
                         size_t policy_count, uint64_t memory_limit, struct error *error)
{
    for (size_t i = 0; i < request->number_count; i++)
        request->tables[request->table_count++] = slot_table_deal(request->numbers[i]);
    if (request->slots_path) {
        request->tables[request->table_count] = slot_table_read(request->slots_path, memory_limit, error);
        if (!request->tables[request->table_count])
            return -1;
        request->table_count++;
    }
    return check(request, option, policies, policy_count, error);
}

void shard_request_release(struct shard_request *request)
{
    for (size_t i = 0; i < request->table_count; i++)
        slot_table_free(request->tables[i]);
    request->table_count = 0;
}

struct sharding_plan shard_request_plan(const struct shard_request *request)
{
    return (struct sharding_plan){
        .tables = (const struct slot_table *const *)request->tables,
        .table_count = request->table_count,
        .divides_maxmemory = request->maxmemory_of == MAXMEMORY_OF_CLUSTER,
    };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/memory.h"

#include "sim/contract.h"
#include "sim/server/bless.h"
#include "sim/server/command_logs.h"
#include "sim/server/connections.h"
#include "sim/server/histograms.h"
#include "sim/server/pubsub_weight.h"
#include "sim/server/tracking_table.h"
#include "sim/server/values/object.h"
#include "sim/server/watch.h"

/* Of the arrays of a table: those that are in use, and those that are being emptied, which go when that is done. */
static void add_table(const struct table *table, uint64_t *in_use, uint64_t *emptied)
{
    const struct hashtable *hashtable = &table->hashtable;
    uint64_t old = 0;

    if (table->slots) {
        *in_use += cluster_slots_bytes(table->slots);
        return;
    }
    if (table_is_rehashing(table))
        old = table_has_buckets(table) ? 64 * (hashtable_size(hashtable, 0) + hashtable->children[0])
                                       : 8 * table->dict.size[0];
    *emptied += old;
    *in_use += table_bytes(table) - old + (table->exists ? table->object_bytes : 0);
}

static void add_databases(const struct redis *redis, struct sample *sample)
{
    for (int db = 0; db < redis->database_ready; db++) {
        const struct database *database = &redis->databases[db];

        add_table(&database->keys, &sample->memory_tables, &sample->memory_rehashing);
        add_table(&database->expires, &sample->memory_expires, &sample->memory_rehashing);
        add_table(&database->volatile_hashes, &sample->memory_expires, &sample->memory_rehashing);
        add_table(&database->blessed, &sample->memory_blessed, &sample->memory_rehashing);
        sample->memory_blessed += bless_index_bytes(redis, database);
        sample->memory_expires +=
            table_count(&database->expires) * entry_ttl_bytes(redis) + database->field_expires.bytes;
    }
}

static void add_client(const struct redis *redis, const struct client *client, struct sample *sample)
{
    bool is_shared = redis->profile->query_buffer == QUERY_SHARED && client->query_is_shared;

    sample->memory_query_buffers += is_shared ? 0 : client->query_bytes;
    sample->memory_output_buffers += client->reply_capacity;
    sample->memory_clients += client->name_bytes + client->info_bytes[0] + client->info_bytes[1] +
                              client->address_bytes + client->own_address_bytes + client->wait_bytes;
    if (redis->profile->keeps_vector && client->vector_count)
        sample->memory_arguments += allocator_class(redis->allocator, 8 * client->vector_count);
}

/* An idle connection less its two buffers. */
static uint64_t struct_bytes(const struct redis *redis)
{
    const struct server_profile *profile = redis->profile;

    return profile->idle_client_bytes - CLIENT_REPLY_LEAST -
           (profile->query_buffer == QUERY_PRIVATE ? client_query_least(redis->allocator) : 0);
}

/* Connections of the trace. */
static void add_clients(const struct redis *redis, struct sample *sample)
{
    const struct connections *all = &redis->connections;

    if (!all->is_known) {
        add_client(redis, &redis->client, sample);
        sample->memory_clients += struct_bytes(redis);
        return;
    }
    if (redis->profile->query_buffer == QUERY_REUSABLE)
        sample->memory_query_buffers += all->thread_buffer.bytes;
    for (uint32_t number = 0; number < all->place_capacity; number++)
        if (all->places[number])
            add_client(redis, number == all->current ? &redis->client : &all->list[all->places[number]].client, sample);
    if (all->current == NO_CLIENT && all->pooled_vector)
        sample->memory_arguments += allocator_class(redis->allocator, 8 * all->pooled_vector);
    sample->memory_clients += all->count * struct_bytes(redis);
}

/* Connections of a scenario. */
static void add_other_clients(const struct redis *redis, struct sample *sample)
{
    uint64_t count = redis->other_clients, query = client_query_shrinks(redis->profile, redis->allocator);
    bool has_buffer = redis->profile->query_buffer == QUERY_PRIVATE;
    uint64_t idle_query = has_buffer ? client_query_least(redis->allocator) : 0;

    sample->memory_clients += count * struct_bytes(redis) + connections_event_bytes(redis);
    sample->memory_output_buffers += count * CLIENT_REPLY_LEAST + redis->awake_clients[0] * client_reply_shrinks();
    *(has_buffer ? &sample->memory_query_buffers : &sample->memory_arguments) += redis->awake_clients[1] * query;
    sample->memory_query_buffers += count * idle_query;
}

static void add_transactions(const struct redis *redis, struct sample *sample)
{
    uint64_t state = redis->profile->transaction_state_bytes;

    for (uint32_t client = 0; client < redis->transactions.capacity; client++) {
        const struct transaction *transaction = &redis->transactions.list[client];

        sample->memory_arguments += transaction_bytes(transaction);
        sample->memory_clients += transaction->has_state && state ? allocator_class(redis->allocator, state) : 0;
    }
    sample->memory_arguments += redis->script.arguments + redis->script_arguments.bytes;
    sample->memory_clients += watch_bytes(redis) + redis->blocked.bytes;
}

static void add_dataset(const struct redis *redis, struct sample *sample)
{
    const uint64_t *values = redis->dataset.values;

    sample->memory_strings = values[TYPE_STRING] + values[TYPE_HLL];
    sample->memory_hashes = values[TYPE_HASH];
    sample->memory_lists = values[TYPE_LIST];
    sample->memory_sets = values[TYPE_SET];
    sample->memory_zsets = values[TYPE_ZSET];
    sample->memory_streams = values[TYPE_STREAM];
    sample->memory_keys = redis->dataset.keys;
}

void memory_look(const struct redis *redis, struct sample *sample)
{
    uint64_t sum = 0;

    add_dataset(redis, sample);
    add_databases(redis, sample);
    add_clients(redis, sample);
    add_other_clients(redis, sample);
    add_transactions(redis, sample);
    sample->memory_pubsub = pubsub_bytes(redis) + tracking_bytes(redis);
    replication_look(&redis->replication, &sample->memory_backlog, &sample->memory_replicas);
    sample->memory_scripts = script_cache_bytes(&redis->scripts) + redis->libraries.bytes + redis->held_by_lua;
    sample->memory_logs = command_logs_bytes(redis);
    sample->memory_histograms = histograms_bytes(redis) + error_statistics_bytes(&redis->errors);
    sample->memory_output_buffers += redis->held;
    sample->memory_other = redis->has_compressed ? redis->profile->compression_bytes : 0;
#define ADD(kind, type, name) sum += sample->name;
    MEMORY_FIELDS(ADD)
#undef ADD
    CONTRACT(sum <= sample->used_memory, "the parts of memory are no more than all of it");
    sample->memory_startup = sample->used_memory - sum;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/client_eviction.h"

#include "sim/server/connections.h"
#include "sim/server/transaction.h"

enum {
    LIMIT_AT_LEAST = 128 * 1024, /* so that one client can still speak */
    WRITTEN_AT_ONCE = 64 * 1024, /* NET_MAX_WRITES_PER_EVENT */
    BUCKET_MIN_LOG = 15,
    BUCKET_MAX_LOG = 33,
};

/* getClientEvictionLimit. */
static uint64_t limit_of(const struct redis *redis)
{
    int64_t set = redis->config.maxmemory_clients;
    uint64_t bytes;

    if (!set || (set < 0 && !redis->maxmemory))
        return 0;
    bytes = set > 0 ? (uint64_t)set : (uint64_t)((double)redis->maxmemory * -(double)set / 100);
    return bytes < LIMIT_AT_LEAST ? LIMIT_AT_LEAST : bytes;
}

static unsigned bucket_of(uint64_t bytes)
{
    unsigned log = 0;

    while (log < BUCKET_MAX_LOG && bytes >> log)
        log++;
    return log < BUCKET_MIN_LOG ? 0 : log - BUCKET_MIN_LOG;
}

/* getClientMemoryUsage: its buffers, its struct, what it has queued behind MULTI. */
static uint64_t memory_of(const struct redis *redis, const struct client *client, uint32_t number)
{
    uint64_t bytes = client->reply_capacity + redis->profile->client_struct_bytes;

    /* The thread has its buffer back when all in it has been executed. */
    if (!client->query_is_shared || (client->is_followed && !redis->profile->spares_lent_buffer))
        bytes += client->query_bytes;
    bytes += client->output_bytes;
    if (number < redis->transactions.capacity)
        bytes += transaction_bytes(&redis->transactions.list[number]);
    return bytes;
}

void client_eviction_note(struct redis *redis, uint32_t place)
{
    struct connections *all = &redis->connections;
    struct connection *connection = &all->list[place];
    uint64_t bytes = memory_of(redis, connections_client(redis, connection->number), connection->number);

    all->clients_bytes += bytes - connection->bytes;
    connection->bytes = bytes;
    connection_classify(all, place,
                        connections_client(redis, connection->number)->is_spared ? BUCKET_NONE : bucket_of(bytes));
}

void client_eviction_settle(struct redis *redis)
{
    struct connections *all = &redis->connections;
    uint64_t before = all->limit;

    all->limit = limit_of(redis);
    if (all->limit && !before)
        connections_each(redis, client_eviction_note);
}

void client_eviction_run(struct redis *redis)
{
    struct connections *all = &redis->connections;

    while (all->clients_bytes > all->limit) {
        uint32_t place = connection_largest(all);

        if (!place)
            return; /* those that are left may not go */
        connections_evict(redis, place);
        redis->counters.evicted_clients++;
    }
}

void client_eviction_end_turn(struct redis *redis)
{
    struct connections *all = &redis->connections;
    bool is_noted = !redis->client.is_spared || !redis->profile->spared_are_noted_by_cron;

    if (!redis->client.is_followed)
        redis->client.output_bytes = 0; /* it has been written */
    if (all->current != NO_CLIENT && is_noted)
        client_eviction_note(redis, connection_place(all, all->current));
    if (!redis->client.is_followed) /* the event loop sleeps behind the last command of a read */
        client_eviction_run(redis);
}

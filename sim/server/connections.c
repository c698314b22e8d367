/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/connections.h"

#include "sim/server/commands/commands.h"
#include "sim/server/pubsub.h"
#include "sim/server/tracking_table.h"

enum { VISITS_AT_LEAST = 5 }; /* CLIENTS_CRON_MIN_ITERATIONS */

/* ---- the clients ---- */

/* The client in its present state. The current client's is in redis->client. */
static struct client *client_at(struct redis *redis, uint32_t place)
{
    struct connection *connection = &redis->connections.list[place];

    return connection->number == redis->connections.current ? &redis->client : &connection->client;
}

static void begin_list(struct connections *all)
{
    if (!all->is_known)
        connection_add(all, all->current);
    all->is_known = true;
}

struct client *connections_client(struct redis *redis, uint32_t number)
{
    uint32_t place = connection_place(&redis->connections, number);

    if (number == redis->connections.current)
        return &redis->client;
    return place ? &redis->connections.list[place].client : NULL;
}

/* ---- connecting and closing ---- */

/* Whoever speaks next takes it from the pool. */
static void leave_vector(struct redis *redis)
{
    if (!redis->profile->vectors_are_pooled)
        return;
    redis->connections.pooled_vector = redis->client.vector_count;
    redis->client.vector_count = 0;
}

static void close_connection(struct redis *redis, uint32_t place)
{
    struct connections *all = &redis->connections;
    struct client *client = client_at(redis, place);

    struct call call = {.redis = redis, .client = all->list[place].number};

    tracking_leave(redis, call.client);
    pubsub_leave(redis, call.client);
    call_discard(&call);
    client_leave_buffer(client, &all->thread_buffer);
    if (client == &redis->client)
        leave_vector(redis);
    client_disconnect(client);
    redis->used -= redis->profile->idle_client_bytes;
    if (client == &redis->client)
        all->current = NO_CLIENT;
    connection_remove(all, place);
}

void connections_kill(struct redis *redis, uint32_t number)
{
    close_connection(redis, connection_place(&redis->connections, number));
}

void connections_close_current(struct redis *redis)
{
    begin_list(&redis->connections);
    close_connection(redis, connection_place(&redis->connections, redis->connections.current));
}

bool connections_awaits(const struct redis *redis, uint32_t number)
{
    for (uint32_t i = 0; i < redis->blocked.count; i++)
        if (redis->blocked.list[i].client == number)
            return true;
    for (int kind = 0; kind < TOPIC_KINDS; kind++)
        if (pubsub_count(redis, number, (enum topic_kind)kind))
            return true;
    return false;
}

/* Whether the client has sent nothing for longer than that, and is not one that waits to be told something. */
static bool is_silent(struct redis *redis, uint32_t place, int64_t silent_s)
{
    uint32_t number = redis->connections.list[place].number;

    return redis->cached_unix_s - client_at(redis, place)->last_interaction_s > silent_s &&
           !connections_awaits(redis, number);
}

/* aeCreateFileEvent: an aeFileEvent and an aeFiredEvent for each descriptor. */
uint64_t connections_event_bytes(const struct redis *redis)
{
    enum { EVENT_BYTES = 32, FIRED_BYTES = 8 };
    uint64_t first = redis->profile->event_table_places, places = first << redis->connections.events_doubled;

    return allocator_class(redis->allocator, places * EVENT_BYTES) +
           allocator_class(redis->allocator, places * FIRED_BYTES) -
           allocator_class(redis->allocator, first * EVENT_BYTES) -
           allocator_class(redis->allocator, first * FIRED_BYTES);
}

void connections_make_events(struct redis *redis)
{
    enum { BEFORE_CLIENTS = 13 }; /* descriptors, two sockets that listen among them */
    struct connections *all = &redis->connections;
    uint64_t used = (uint64_t)(all->is_known ? all->count : 1) + redis->other_clients + BEFORE_CLIENTS;
    uint64_t before = connections_event_bytes(redis);

    if (!redis->profile->event_table_places)
        return;
    while (used > (uint64_t)redis->profile->event_table_places << all->events_doubled)
        all->events_doubled++;
    redis->used += connections_event_bytes(redis) - before;
}

/* The place of the client that sends: its own or a new one. */
static uint32_t find_place(struct redis *redis, uint32_t number)
{
    struct connections *all = &redis->connections;
    uint32_t place = connection_place(all, number);

    if (place) {
        connection_spoke(all, place);
        return place;
    }
    while (all->count >= redis->config.maxclients)
        close_connection(redis, connection_silent(all));
    place = connection_add(all, number);
    redis->used += redis->profile->idle_client_bytes + client_connect(&all->list[place].client, &redis->client);
    connections_make_events(redis);
    return place;
}

/* Its turn is over. */
static void leave_current(struct redis *redis)
{
    struct connections *all = &redis->connections;
    uint32_t place = connection_place(all, all->current);

    client_written(&redis->client);
    client_leave_buffer(&redis->client, &all->thread_buffer);
    leave_vector(redis);
    all->list[place].client = redis->client;
    all->current = NO_CLIENT;
}

void connections_switch(struct redis *redis, uint32_t client)
{
    struct connections *all = &redis->connections;
    uint32_t place;

    begin_list(all);
    if (all->current != NO_CLIENT)
        leave_current(redis);
    place = find_place(redis, client);
    redis->client = all->list[place].client;
    client_take_buffer(&redis->client, &all->thread_buffer);
    if (redis->profile->vectors_are_pooled)
        redis->client.vector_count = all->pooled_vector;
    all->current = client;
    redis_settle_untouched(redis);
}

/* freeClientsInAsyncFreeQueue. What it has queued and watched is forgotten. The application connects again. */
void connections_drop_current(struct redis *redis)
{
    struct call call = {.redis = redis, .client = redis->connections.current};
    struct client *client = &redis->client;

    redis->counters.client_output_buffer_limit_disconnections++;
    client_write(client);
    client->is_lost = client->is_followed;
    client->is_behind = client->is_followed = false;
    call_discard(&call);
    client_reconnect(client, redis->cached_unix_s);
    client->leaves_untouched = false;
    redis_settle_untouched(redis);
}

void connections_evict(struct redis *redis, uint32_t place)
{
    struct client *client = client_at(redis, place);

    client_write(client);
    client->is_lost = client == &redis->client && client->is_followed;
    client->is_behind = client->is_followed = false;
    close_connection(redis, place);
}

void connections_each(struct redis *redis, connection_fn *function)
{
    struct connections *all = &redis->connections;
    uint32_t place;

    begin_list(all);
    place = all->visited;
    for (uint32_t left = all->count; left; left--) {
        function(redis, place);
        place = all->list[place].server.before;
    }
}

/* ---- in the course of time ---- */

void connections_silent(struct redis *redis, int64_t silent_s, uint64_t *clients, uint64_t *bytes)
{
    const struct connections *all = &redis->connections;
    uint32_t place = all->visited;

    *clients = *bytes = 0;
    for (uint32_t left = redis->config.timeout ? 0 : all->count; left; left--, place = all->list[place].server.before)
        if (is_silent(redis, place, silent_s)) {
            ++*clients;
            *bytes += redis->profile->idle_client_bytes + client_bytes(client_at(redis, place));
        }
}

/* clientsCronHandleTimeout: true when the client is closed, which has been silent for too long, and neither waits nor is
 * subscribed. */
static bool has_timed_out(struct redis *redis, uint32_t place)
{
    if (!redis->config.timeout || !is_silent(redis, place, redis->config.timeout))
        return false;
    close_connection(redis, place);
    return true;
}

static void visit(struct redis *redis, uint32_t place, connection_fn *note)
{
    struct client *client = client_at(redis, place);

    if (has_timed_out(redis, place))
        return;
    client_cron(client, redis->unix_ms, redis->cached_unix_s);
    if (client != &redis->client)
        client_leave_buffer(client, &redis->connections.thread_buffer);
    if (note)
        note(redis, place);
}

/* Who is next, and is last from then on: of the server's list the last, which becomes its first; since 7.2 the first, which
 * becomes its last. */
static uint32_t take_next(struct redis *redis)
{
    struct connections *all = &redis->connections;
    uint32_t place = all->visited;

    if (!redis->profile->cron_visits_oldest_first) {
        all->visited = all->list[place].server.before;
        return place;
    }
    all->visited = all->list[place].server.after;
    return all->visited;
}

void connections_cron(struct redis *redis, connection_fn *note)
{
    struct connections *all = &redis->connections;
    uint32_t visits;

    begin_list(all);
    visits = all->count / redis->config.hz;
    if (visits < VISITS_AT_LEAST)
        visits = all->count < VISITS_AT_LEAST ? all->count : VISITS_AT_LEAST;
    for (; visits && all->count; visits--)
        visit(redis, take_next(redis), note);
}

int64_t connections_timeout_s(const struct redis *redis)
{
    const struct connections *all = &redis->connections;
    const struct client *client = &redis->client;

    if (!redis->config.timeout || (all->is_known && !all->count))
        return INT64_MAX;
    if (all->is_known && all->list[connection_silent(all)].number != all->current)
        client = &all->list[connection_silent(all)].client;
    return client->last_interaction_s + redis->config.timeout;
}

void connections_describe(const struct redis *redis, struct state_list *list)
{
    const struct connections *all = &redis->connections;
    uint32_t place = all->visited;

    /* One that was closed changes no more, and the times since it spoke grow: there would never be two states alike. */
    if (!all->is_known || all->current != NO_CLIENT)
        client_describe(&redis->client, redis->unix_ms, redis->cached_unix_s, list);
    state_list_add(list, place);
    for (uint32_t left = all->count; left; left--) {
        if (all->list[place].number != all->current)
            client_describe(&all->list[place].client, redis->unix_ms, redis->cached_unix_s, list);
        place = all->list[place].server.before;
    }
}

void connections_move_on(struct redis *redis, int64_t by_us)
{
    struct connections *all = &redis->connections;
    uint32_t place = all->visited;

    client_move_on(&redis->client, by_us);
    for (uint32_t left = all->count; left; left--) {
        if (all->list[place].number != all->current)
            client_move_on(&all->list[place].client, by_us);
        place = all->list[place].server.before;
    }
}

void connections_note_addresses(struct redis *redis, bool of_all)
{
    struct connections *all = &redis->connections;

    client_note_address(&redis->client, redis->allocator, true);
    for (uint32_t number = 0; of_all && number < all->place_capacity; number++)
        if (all->places[number] && number != all->current)
            client_note_address(&all->list[all->places[number]].client, redis->allocator, true);
}

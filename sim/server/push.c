/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/push.h"

#include "sim/alloc.h"
#include "sim/server/connections.h"

/* The client of that number is among those to which something waits to be written. */
static void note_receiver(struct redis *redis, const struct client *client, uint32_t number)
{
    struct pushes *pushes = &redis->pushes;

    if (client->is_pushed)
        return;
    pushes->receivers = xgrow(pushes->receivers, &pushes->capacity, pushes->count + 1, sizeof *pushes->receivers);
    pushes->receivers[pushes->count++] = number;
}

void push_to(struct redis *redis, uint32_t number, uint64_t bytes)
{
    struct client *client = connections_client(redis, number);

    if (!client)
        return;
    note_receiver(redis, client, number);
    client_push(client, bytes);
}

void push_reply(struct redis *redis, uint32_t number, uint64_t bytes, enum reply_way way)
{
    struct client *client = connections_client(redis, number);

    if (!client || client->reply_mode)
        return;
    note_receiver(redis, client, number);
    client_push_reply(client, bytes, way);
}

void push_write(struct redis *redis)
{
    struct pushes *pushes = &redis->pushes;

    for (uint32_t i = 0; i < pushes->count; i++) {
        struct client *client = connections_client(redis, pushes->receivers[i]);

        if (!client || !client->is_pushed)
            continue; /* it has gone meanwhile */
        client_write(client);
        client->last_interaction_s = redis->cached_unix_s;
        if (client->closes) { /* it connects, and subscribes, again */
            redis->counters.client_output_buffer_limit_disconnections++;
            client_reconnect(client, redis->cached_unix_s);
            if (client != &redis->client)
                client_leave_buffer(client, &redis->connections.thread_buffer);
        }
    }
    pushes->count = 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/client_reply.h"

enum {
    REPLY_BLOCK_HEADER = 16, /* sizeof(clientReplyBlock) */
    LIST_NODE = 24,
    PEAK_RESET_MS = 5000, /* reply_buffer_peak_reset_time */
};

/* Whether short requests need no look at the buffers. */
static void count_short_requests(struct client *client)
{
    client->uncounted_most = client->is_behind || client->is_followed || client->reply_mode ? 0 : CLIENT_UNCOUNTED_MOST;
}

void client_set_reply_mode(struct client *client, enum reply_mode mode)
{
    client->reply_mode = (uint8_t)mode;
    count_short_requests(client);
}

/* The reply is not sent, and perhaps the next one is. */
static uint64_t drop_reply(struct client *client)
{
    if (client->reply_mode != REPLY_OFF)
        client_set_reply_mode(client, client->reply_mode == REPLY_SKIP_NEXT ? REPLY_SKIP : REPLY_ON);
    return 0;
}

void client_pipeline(struct client *client, bool is_behind, bool is_followed)
{
    if (client->unwritten && !is_behind)
        client_write(client);
    client->is_behind = is_behind;
    client->is_followed = is_followed;
    count_short_requests(client);
}

void client_write(struct client *client)
{
    *client->memory -= client->unwritten;
    client->unwritten = client->block_left = client->output_bytes = 0;
    client->is_pushed = false;
    client->reply_pending = 0;
    client->reply_refers = false;
}

static void keep_unwritten(struct client *client, uint64_t bytes)
{
    client->unwritten += bytes;
    *client->memory += bytes;
}

/* A block of that size was added to the list: checkClientOutputBufferLimits, which _addReplyProtoToList asks. It is asked
 * nowhere else while replies are written at once. So a reply that is over the soft limit ends the connection if another
 * one was, longer ago than the seconds, and none between them had a block. */
static void note_block(struct client *client, uint64_t block_bytes)
{
    const struct output_limit *limit = client->limit;
    int64_t since_s = client->soft_since_s;

    client->output_bytes += block_bytes + LIST_NODE;
    if (!limit->soft || client->output_bytes < limit->soft)
        client->soft_since_s = 0;
    else if (!since_s)
        client->soft_since_s = *client->unix_s;
    client->closes |= (limit->hard && client->output_bytes >= limit->hard) ||
                      (since_s && client->soft_since_s && *client->unix_s - since_s > (int64_t)limit->seconds);
}

/* One of several replies that are written together. What has begun to go to blocks goes on there. Returns 0: all that it
 * takes is counted until it is written. */
__attribute__((noinline)) static uint64_t queue_reply(struct client *client, uint64_t bytes, enum reply_way way)
{
    uint64_t fits, size;

    if (!client->is_behind)
        client->reply_pending = 0;
    if (!client->unwritten)
        keep_unwritten(client, client->pending_node);
    fits = client->unwritten > client->pending_node ? 0 : client->reply_capacity - client->reply_pending;
    if (fits > bytes)
        fits = bytes;
    if (way == REPLY_REFERS && client->profile->refers_at_start && client->reply_pending && !client->reply_refers)
        way = REPLY_IN_BLOCKS;
    if (way == REPLY_IN_BLOCKS)
        fits = 0;
    client->reply_pending += fits;
    client->reply_refers |= way == REPLY_REFERS;
    if (client->reply_peak < client->reply_pending)
        client->reply_peak = client->reply_pending;
    bytes -= fits;
    if (bytes <= client->block_left) {
        client->block_left -= bytes;
        return 0;
    }
    bytes -= client->block_left;
    size = allocator_class(client->allocator,
                           REPLY_BLOCK_HEADER + (bytes < CLIENT_REPLY_MOST ? CLIENT_REPLY_MOST : bytes));
    client->block_left = size - REPLY_BLOCK_HEADER - bytes;
    keep_unwritten(client, size + allocator_class(client->allocator, LIST_NODE));
    note_block(client, size);
    return 0;
}

uint64_t client_reply_any(struct client *client, uint64_t bytes, enum reply_way way)
{
    uint64_t fits = bytes < client->reply_capacity ? bytes : client->reply_capacity;
    uint64_t rest;

    if (__builtin_expect(!client->uncounted_most, 0))
        return client->reply_mode ? drop_reply(client) : queue_reply(client, bytes, way);
    if (__builtin_expect(way == REPLY_IN_BLOCKS, 0))
        fits = 0;
    rest = bytes - fits;
    if (client->reply_peak < fits)
        client->reply_peak = fits;
    client->reply_pending = fits;
    client->reply_refers = way == REPLY_REFERS;
    if (!rest)
        return client->pending_node;
    if (rest < CLIENT_REPLY_MOST)
        rest = CLIENT_REPLY_MOST;
    rest = allocator_class(client->allocator, REPLY_BLOCK_HEADER + rest);
    client->output_bytes = 0;
    note_block(client, rest);
    return client->pending_node + allocator_class(client->allocator, LIST_NODE) + rest;
}

void client_push_reply(struct client *client, uint64_t bytes, enum reply_way way)
{
    bool is_behind = client->is_behind;

    client->is_behind = client->is_pushed;
    queue_reply(client, bytes, way);
    client->is_behind = is_behind;
    client->is_pushed = true;
}

void client_push(struct client *client, uint64_t bytes)
{
    client->limit += CLASS_PUBSUB - CLASS_NORMAL; /* who gets messages is of that class */
    client_push_reply(client, bytes, REPLY_COPIED);
    client->limit -= CLASS_PUBSUB - CLASS_NORMAL;
}

void client_reply_cron(struct client *client, int64_t unix_ms)
{
    uint64_t wanted = 0;

    if (client->reply_refers)
        return;
    if (client->reply_capacity / 2 >= CLIENT_REPLY_LEAST && client->reply_peak < client->reply_capacity / 2)
        wanted = client->reply_peak + 1 > CLIENT_REPLY_LEAST ? client->reply_peak + 1 : CLIENT_REPLY_LEAST;
    else if (client->reply_capacity * 2 < CLIENT_REPLY_MOST * 2 && client->reply_peak == client->reply_capacity)
        wanted = client->reply_capacity * 2 < CLIENT_REPLY_MOST ? client->reply_capacity * 2 : CLIENT_REPLY_MOST;
    if (unix_ms - client->reply_reset_ms >= PEAK_RESET_MS) {
        client->reply_peak = client->reply_pending;
        client->reply_reset_ms = unix_ms;
    }
    if (wanted) {
        uint64_t bytes = allocator_class(client->allocator, wanted);

        *client->memory += bytes - client->reply_capacity;
        client->reply_capacity = bytes;
    }
}

uint64_t client_reply_shrinks(void)
{
    return CLIENT_REPLY_MOST - CLIENT_REPLY_LEAST;
}

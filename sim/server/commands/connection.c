/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection: the commands on a connection and on the server itself. */
#include "sim/server/client_eviction.h"
#include "sim/server/commands/commands.h"
#include "sim/server/connections.h"
#include "sim/server/histograms.h"
#include "sim/server/keyspace.h"
#include "sim/server/pubsub.h"
#include "sim/server/tracking_table.h"

#include <string.h>

void run_select(struct call *call)
{
    if (call->number >= 0 && call->number < DB_MAX)
        keyspace_use_database(call->redis, (int)call->number);
    call_reply_ok(call);
}

void run_ping(struct call *call)
{
    if (call->number)
        call_reply_bulk(call, call->value_len);
    else
        call->reply += 7; /* +PONG */
}

void run_echo(struct call *call)
{
    call_reply_bulk(call, call->value_len);
}

/* The client sends nothing else: the server closes the connection behind the reply. */
void run_quit(struct call *call)
{
    call_reply_ok(call);
    connections_close_current(call->redis);
}

/* The connection is as new; what it has open is ended behind it, by the turn. */
void run_reset(struct call *call)
{
    pubsub_unsubscribe_all(call->redis, call->client);
    tracking_leave(call->redis, call->client); /* RESP2 again, besides */
    call->redis->client.leaves_untouched = false;
    redis_settle_untouched(call->redis);
    call->reply += strlen("+RESET\r\n");
}

/* The arguments' bytes. */
static uint64_t said_bytes(const struct call *call)
{
    return call->value_len == VALUE_UNKNOWN ? 0 : call->value_len;
}

/* ON is answered, the others are not. */
void run_client_reply(struct call *call)
{
    enum reply_mode mode = (enum reply_mode)call_elements(call)->number;

    if (mode == REPLY_ON)
        call_reply_ok(call);
    else if (mode == REPLY_SKIP_NEXT && call->redis->client.reply_mode == REPLY_OFF)
        return;
    client_set_reply_mode(&call->redis->client, mode);
}

/* Whether the filters of CLIENT KILL, all of them, take the client. */
static bool is_meant(const struct call *call, uint32_t client)
{
    const struct element *elements = call_elements(call);
    bool is_subscribed = pubsub_count(call->redis, client, TOPIC_CHANNEL) ||
                         pubsub_count(call->redis, client, TOPIC_PATTERN) ||
                         pubsub_count(call->redis, client, TOPIC_SHARD);

    for (uint32_t i = 0; i < call->elements; i++) {
        if (!(elements[i].flags & ELEMENT_CONTENT))
            continue;
        if (elements[i].value_len == KILL_ADDRESS ? (uint32_t)elements[i].number != client
                                                  : (bool)elements[i].number != is_subscribed)
            return false;
    }
    return true;
}

/* The client that sends it goes on, also where SKIPME no would have closed it. */
void run_client_kill(struct call *call)
{
    struct connections *all = &call->redis->connections;
    int64_t killed = 0;

    for (uint32_t number = 0; number < all->place_capacity; number++)
        if (all->places[number] && number != all->current && is_meant(call, number)) {
            connections_kill(call->redis, number);
            killed++;
        }
    if (call->elements > 2)
        call_reply_integer(call, killed);
    else
        call_reply_ok(call);
}

void run_client_setname(struct call *call)
{
    client_set_name(&call->redis->client, argument_bytes(call->redis, said_bytes(call)));
    call->redis->client.name_length = (uint32_t)said_bytes(call);
    call_reply_ok(call);
}

/* ON or OFF, which the row tells apart by their length. */
void run_client_no_evict(struct call *call)
{
    call->redis->client.is_spared = said_bytes(call) == strlen("on");
    if (call->redis->connections.limit)
        client_eviction_note(call->redis, connection_place(&call->redis->connections, call->client));
    call_reply_ok(call);
}

/* Likewise; before 7.2 there was no such command. */
void run_client_no_touch(struct call *call)
{
    struct redis *redis = call->redis;

    if (!redis->profile->has_no_touch) {
        call_reply_error(call);
        return;
    }
    redis->client.leaves_untouched = said_bytes(call) == strlen("on");
    redis_settle_untouched(redis);
    call_reply_ok(call);
}

/* LIB-NAME and a name, or LIB-VER and a version, which the row does not tell apart. */
void run_client_setinfo(struct call *call)
{
    uint64_t word = strlen("LIB-NAME"), bytes = said_bytes(call) > word ? said_bytes(call) - word : 0;

    client_set_info(&call->redis->client, argument_bytes(call->redis, bytes));
    call_reply_ok(call);
}

/* The text goes when the reply is queued, so it is there together with the reply's block: the allocator sees that. */
void run_info(struct call *call)
{
    struct redis *redis = call->redis;

    if (!redis->info_seen)
        redis->used += redis->profile->info_once_bytes;
    redis->info_seen = true;
    call->reply += redis->profile->info_reply_bytes;
    redis->arguments += redis->profile->info_text_bytes;
}

/* INFO's counters restart, and memory that was allocated for them is freed. The counters of the report are the run's
 * and go on. */
void run_resetstat(struct call *call)
{
    histograms_reset(call->redis);
    error_statistics_reset(&call->redis->errors);
    call_reply_ok(call);
}

/* See sim/command_plain.h. */
void run_plain(struct call *call)
{
    const struct command *command = &command_table[call->op];

    if (call->op == OP_CLIENT_INFO || call->op == OP_CLIENT_LIST)
        connections_note_addresses(call->redis, call->op == OP_CLIENT_LIST);
    if (!command->reply_each || !call->number) {
        call->reply += command->reply_bytes;
        return;
    }
    call_reply_array(call, (uint64_t)call->number);
    call->reply += command->reply_each * (uint64_t)call->number;
}

/* Neither the effect of the command nor the length of its reply is known. */
void run_skip(struct call *call)
{
    (void)call;
}

/* The command counts as the one that failed, also in the histograms. */
void run_failed(struct call *call)
{
    call->op = (uint16_t)call->second;
    call_reply_error(call);
}

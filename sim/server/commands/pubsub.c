/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pubsub: SUBSCRIBE and its kin, PUBLISH, SPUBLISH. What they keep is ../pubsub.h's.
 *
 * Source: pubsub.c. */
#include "sim/server/commands/commands.h"
#include "sim/server/pubsub.h"
#include "sim/server/push.h"
#include "sim/server/values/resp.h"

#include <string.h>

/* A reply about a subscription, or a message: an array of a word, and what follows it. */
static uint64_t begin_push(const char *word)
{
    return strlen("*3\r\n") + resp_bulk_bytes(strlen(word));
}

static uint64_t name_length(const struct call *call, uint32_t name)
{
    return member_of(call->redis->members, name)->length;
}

/* Channels and patterns count together. */
static uint32_t counted(const struct call *call, enum topic_kind kind)
{
    if (kind == TOPIC_SHARD)
        return pubsub_count(call->redis, call->client, TOPIC_SHARD);
    return pubsub_count(call->redis, call->client, TOPIC_CHANNEL) +
           pubsub_count(call->redis, call->client, TOPIC_PATTERN);
}

static void reply_of(struct call *call, enum topic_kind kind, const char *word, uint32_t name)
{
    call->reply += begin_push(word);
    if (name == NO_MEMBER)
        call_reply_nil(call);
    else
        call_reply_bulk(call, (uint32_t)name_length(call, name));
    call_reply_integer(call, counted(call, kind));
}

static void subscribe(struct call *call, enum topic_kind kind, const char *word)
{
    const struct element *elements = call_elements(call);

    for (uint32_t i = 0; i < call->elements; i++) {
        pubsub_subscribe(call->redis, call->client, kind, elements[i].member,
                         argument_bytes(call->redis, name_length(call, elements[i].member)));
        reply_of(call, kind, word, elements[i].member);
    }
}

/* Without names it ends all subscriptions of the kind; if there is none, the reply has no name. */
static void unsubscribe(struct call *call, enum topic_kind kind, const char *word)
{
    const struct element *elements = call_elements(call);

    for (uint32_t i = 0; i < call->elements; i++) {
        pubsub_unsubscribe(call->redis, call->client, kind, elements[i].member);
        reply_of(call, kind, word, elements[i].member);
    }
    if (call->elements)
        return;
    if (!pubsub_count(call->redis, call->client, kind))
        reply_of(call, kind, word, NO_MEMBER);
    for (uint32_t name; (name = pubsub_any_topic(call->redis, call->client, kind)) != NO_MEMBER;) {
        pubsub_unsubscribe(call->redis, call->client, kind, name);
        reply_of(call, kind, word, name);
    }
}

void run_subscribe(struct call *call)
{
    subscribe(call, TOPIC_CHANNEL, "subscribe");
}

void run_psubscribe(struct call *call)
{
    subscribe(call, TOPIC_PATTERN, "psubscribe");
}

void run_ssubscribe(struct call *call)
{
    subscribe(call, TOPIC_SHARD, "ssubscribe");
}

void run_unsubscribe(struct call *call)
{
    unsubscribe(call, TOPIC_CHANNEL, "unsubscribe");
}

void run_punsubscribe(struct call *call)
{
    unsubscribe(call, TOPIC_PATTERN, "punsubscribe");
}

void run_sunsubscribe(struct call *call)
{
    unsubscribe(call, TOPIC_SHARD, "sunsubscribe");
}

/* A message on its way: who publishes it, and what it is for those who receive it. */
struct message {
    struct call *call;
    const char *word;   /* how it begins */
    bool names_pattern; /* the pattern follows */
    uint64_t bytes;     /* the channel and the message, as bulk replies */
};

/* The publisher's own copy is a part of its reply. */
static void receive(void *owner, uint32_t client, uint32_t topic_name)
{
    struct message *message = owner;
    struct call *call = message->call;
    uint64_t bytes = begin_push(message->word) + message->bytes;

    if (message->names_pattern)
        bytes += resp_bulk_bytes(name_length(call, topic_name));
    if (client == call->client)
        call->reply += bytes;
    else
        push_to(call->redis, client, bytes);
}

static void publish(struct call *call, bool to_shard)
{
    const struct element *elements = call_elements(call);
    uint32_t channel = elements[0].member, receivers;
    struct message message = {.call = call,
                              .word = to_shard ? "smessage" : "message",
                              .bytes =
                                  resp_bulk_bytes(name_length(call, channel)) + resp_bulk_bytes(elements[1].value_len)};

    receivers = pubsub_each_subscriber(call->redis, to_shard ? TOPIC_SHARD : TOPIC_CHANNEL, channel, receive, &message);
    if (!to_shard) {
        message.word = "pmessage";
        message.names_pattern = true;
        receivers += pubsub_each_matching(call->redis, channel, receive, &message);
    }
    if (!call->redis->config.cluster_enabled)
        call_propagate(call);
    call_reply_integer(call, receivers);
}

void run_publish(struct call *call)
{
    publish(call, false);
}

void run_spublish(struct call *call)
{
    publish(call, true);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pubsub: who is subscribed to which channels and patterns, and the messages that are on their way.
 *
 *     topic          a channel, a pattern or a shard channel that somebody is subscribed to
 *     subscription   a client and a topic
 *
 * The server has a table of the topics of each kind, a topic has its clients, a client has its topics. What that weighs is
 * different in every server: a topic's clients are a list (Redis 7.0, 7.2), a dict without values (Redis 7.4, 8.0, Valkey 8)
 * or a hashtable (Valkey 9); a client's patterns are a list in 7.0, and so on: struct pubsub_rules.
 *
 * A message goes to the reply buffer of each of its receivers (push.h). Receivers are taken to read at once: a capture does not say how fast they
 * do. A subscription ends with its client. One that was made before a capture began is not known.
 *
 * Source: pubsub.c, and kvstore.c for what a table keeps while it rehashes. */
#ifndef SIM_SERVER_PUBSUB_H
#define SIM_SERVER_PUBSUB_H

#include "sim/server/state.h"

#include <stdbool.h>
#include <stdint.h>

/* The client's subscription to the topic of this name, an argument of so many bytes. False: it had it already. */
bool pubsub_subscribe(struct redis *redis, uint32_t client, enum topic_kind kind, uint32_t name, uint64_t name_bytes);
/* It ends. False: there was none. */
bool pubsub_unsubscribe(struct redis *redis, uint32_t client, enum topic_kind kind, uint32_t name);
/* The name of one of its topics of this kind; NO_MEMBER: it has none. */
uint32_t pubsub_any_topic(const struct redis *redis, uint32_t client, enum topic_kind kind);
/* All subscriptions of the client end. */
void pubsub_unsubscribe_all(struct redis *redis, uint32_t client);
/* Likewise, and what the server keeps of them: it has gone. */
void pubsub_leave(struct redis *redis, uint32_t client);
/* How many it has of this kind. */
uint32_t pubsub_count(const struct redis *redis, uint32_t client, enum topic_kind kind);
/* What the server keeps for a client that has to do with messages is made, if it has not been yet (initClientPubSubData). */
void pubsub_make_state(struct redis *redis, uint32_t client);

/* Who subscribed to the channel of this name last, of those that are still. False: nobody is. */
bool pubsub_last_subscriber(const struct redis *redis, uint32_t name, uint32_t *client);

/* Whom a message is sent to. */
typedef void pubsub_receive(void *owner, uint32_t client, uint32_t topic_name);
/* Every subscriber of the topic of this name. Returns how many. */
uint32_t pubsub_each_subscriber(struct redis *redis, enum topic_kind kind, uint32_t name, pubsub_receive *receive,
                                void *owner);
/* Every subscriber of a pattern that the channel matches. Returns how many. O(patterns). */
uint32_t pubsub_each_matching(struct redis *redis, uint32_t channel, pubsub_receive *receive, void *owner);

/* Frees the host's memory. */
void pubsub_release(struct pubsub *pubsub);

#endif

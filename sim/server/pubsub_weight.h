/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pubsub_weight: what the parts of subscriptions weigh, by the server's rules. */
#ifndef SIM_SERVER_PUBSUB_WEIGHT_H
#define SIM_SERVER_PUBSUB_WEIGHT_H

#include "sim/server/state.h"

enum { DICT_ENTRY = 24, ENTRY_WITHOUT_VALUE = 16, LIST_BYTES = 48, LIST_NODE = 24 };

static inline const struct pubsub_rules *pubsub_rules_of(const struct redis *redis)
{
    return &redis->profile->pubsub;
}

static inline uint64_t pubsub_class_of(const struct redis *redis, uint64_t bytes)
{
    return allocator_class(redis->allocator, bytes);
}

static inline bool pubsub_client_has_table(const struct redis *redis, enum topic_kind kind)
{
    return kind != TOPIC_PATTERN || pubsub_rules_of(redis)->patterns_in_table;
}

/* Of the object that a topic's clients are in. */
static inline uint64_t pubsub_clients_bytes(const struct redis *redis)
{
    enum { METADATA = 8 };
    const struct pubsub_rules *rules = pubsub_rules_of(redis);

    if (rules->all_in_buckets)
        return pubsub_class_of(redis, redis->profile->hashtable_bytes + METADATA);
    return pubsub_class_of(redis, rules->clients_bytes ? rules->clients_bytes : LIST_BYTES);
}

/* The topic's memory in the server's table and of its own, without its name and its clients' table. */
static inline uint64_t pubsub_topic_bytes(const struct redis *redis, enum topic_kind kind)
{
    const struct pubsub_rules *rules = pubsub_rules_of(redis);
    bool has_entry = kind == TOPIC_PATTERN || !rules->channels_in_buckets;

    return (has_entry ? pubsub_class_of(redis, DICT_ENTRY) : 0) + pubsub_clients_bytes(redis);
}

/* A subscription's, without a name of its own. */
static inline uint64_t pubsub_subscription_bytes(const struct redis *redis, enum topic_kind kind)
{
    const struct pubsub_rules *rules = pubsub_rules_of(redis);
    uint64_t in_client = pubsub_class_of(redis, pubsub_client_has_table(redis, kind) ? DICT_ENTRY : LIST_NODE);
    uint64_t in_topic = pubsub_class_of(redis, rules->clients_bytes ? ENTRY_WITHOUT_VALUE : LIST_NODE);

    if (rules->all_in_buckets)
        return 0;
    return in_client + (rules->clients_in_slots ? 0 : in_topic);
}

/* All subscriptions, with what the server keeps of clients that have had one. */
uint64_t pubsub_bytes(const struct redis *redis);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/pubsub_weight.h"

static uint64_t bytes_of_topics(const struct redis *redis, enum topic_kind kind)
{
    const struct topics *topics = &redis->pubsub.topics[kind];
    uint64_t bytes = table_bytes(&topics->table) + (topics->table.exists ? topics->table.object_bytes : 0);

    for (uint32_t place = 0; place < topics->list_count; place++) {
        const struct topic *topic = &topics->list[place];

        if (!topic->count)
            continue;
        bytes +=
            pubsub_topic_bytes(redis, kind) + topic->name_bytes + (topic->clients ? table_bytes(topic->clients) : 0);
        for (uint32_t i = 0; i < topic->count; i++)
            bytes += pubsub_subscription_bytes(redis, kind) +
                     (redis->pubsub.shares_name[topic->subscriptions[i]] ? 0 : topic->name_bytes);
    }
    return bytes;
}

uint64_t pubsub_bytes(const struct redis *redis)
{
    const struct pubsub *pubsub = &redis->pubsub;
    uint64_t bytes = 0;

    for (int kind = 0; pubsub->is_open && kind < TOPIC_KINDS; kind++)
        bytes += bytes_of_topics(redis, (enum topic_kind)kind);
    for (uint32_t client = 0; client < pubsub->client_capacity; client++) {
        const struct subscriber *subscriber = &pubsub->clients[client];

        bytes += subscriber->has_state ? pubsub_rules_of(redis)->client_state_bytes : 0;
        for (int kind = 0; kind < TOPIC_KINDS; kind++)
            bytes += subscriber->of[kind].has_table ? table_bytes(&subscriber->of[kind].table) : 0;
    }
    return bytes;
}

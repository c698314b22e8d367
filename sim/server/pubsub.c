/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/pubsub.h"

#include "sim/alloc.h"
#include "sim/glob.h"
#include "sim/server/pubsub_weight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { NOBODY = UINT32_MAX };

/* Lists are short as a rule: they grow from one on. */
static void append(uint32_t **list, uint32_t *count, uint32_t *capacity, uint32_t number)
{
    if (*count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 1;
        *list = xrealloc(*list, *capacity * sizeof **list);
    }
    (*list)[(*count)++] = number;
}

/* ---- tables ---- */

static bool may_grow(void *owner, uint64_t bytes, uint64_t used, uint64_t size)
{
    (void)owner, (void)bytes, (void)used, (void)size;
    return true;
}

static void init_table(struct redis *redis, struct table *table, bool in_buckets)
{
    table->kind = in_buckets ? TABLE_BUCKETS : TABLE_CHAINS;
    table->exists = true;
    table->memory = &redis->used;
    dict_init(&table->dict, redis->hash_seed);
    table->dict.rules = redis->profile->dict;
    table->dict.stride = sizeof(uint32_t);
    table->dict.may_grow = may_grow;
    table->dict.memory = &redis->used;
    hashtable_init(&table->hashtable, redis->hash_seed);
    table->hashtable.rules = redis->profile->hashtable;
    table->hashtable.memory = &redis->used;
}

/* The columns move when they grow: a table is told where they are before it is used. */
static struct table *use_table(struct redis *redis, struct table *table, uint32_t *links, const uint32_t *hashed)
{
    table->dict.links = (char *)links;
    table->dict.hashed = table->hashtable.hashed = hashed;
    table->dict.rests = table->hashtable.rests = redis->child;
    return table;
}

static struct table *table_of_topics(struct redis *redis, enum topic_kind kind)
{
    struct topics *topics = &redis->pubsub.topics[kind];

    return use_table(redis, &topics->table, topics->links, NULL);
}

static struct table *table_of_client(struct redis *redis, struct client_topics *client)
{
    return use_table(redis, &client->table, redis->pubsub.client_links, redis->pubsub.topic_of);
}

static struct table *table_of_topic(struct redis *redis, struct topic *topic)
{
    topic->clients->dict.has_node = pubsub_rules_of(redis)->clients_in_slots ? redis->pubsub.has_node : NULL;
    return use_table(redis, topic->clients, redis->pubsub.topic_links, redis->pubsub.client_of);
}

/* The server's tables of channels are made when they are needed, where they are part of a kvstore. */
static void open_tables(struct redis *redis)
{
    const struct server_profile *profile = redis->profile;

    for (int kind = 0; kind < TOPIC_KINDS; kind++) {
        struct table *table = &redis->pubsub.topics[kind].table;
        bool is_in_store = kind != TOPIC_PATTERN && profile->lists_rehashing;

        init_table(redis, table, kind != TOPIC_PATTERN && pubsub_rules_of(redis)->channels_in_buckets);
        if (!is_in_store)
            continue;
        table->exists = false;
        table->object_bytes = pubsub_class_of(redis, profile->expires_table_bytes);
        table->dict.rehash_bytes = table->hashtable.rehash_bytes = pubsub_class_of(redis, LIST_NODE);
    }
    redis->pubsub.is_open = true;
}

/* ---- topics ---- */

static uint32_t find_topic(const struct topics *topics, uint32_t name)
{
    return name < topics->places_capacity && topics->places[name] ? topics->places[name] - 1 : NOBODY;
}

static uint32_t take_place(struct topics *topics)
{
    if (topics->free_count)
        return topics->free[--topics->free_count];
    topics->list = xgrow(topics->list, &topics->list_capacity, topics->list_count + 1, sizeof *topics->list);
    topics->links = xgrow(topics->links, &topics->links_capacity, topics->list_count + 1, sizeof *topics->links);
    return topics->list_count++;
}

static uint32_t add_topic(struct redis *redis, enum topic_kind kind, uint32_t name, uint64_t name_bytes)
{
    struct topics *topics = &redis->pubsub.topics[kind];
    uint32_t place = take_place(topics);
    struct topic *topic = &topics->list[place];

    if (name >= topics->places_capacity)
        topics->places = xgrow(topics->places, &topics->places_capacity, name + 1, sizeof *topics->places);
    topics->places[name] = place + 1;
    topic->name = name;
    topic->name_bytes = name_bytes;
    redis->used += pubsub_topic_bytes(redis, kind) + name_bytes;
    table_add(table_of_topics(redis, kind), place);
    if (pubsub_rules_of(redis)->clients_bytes) {
        topic->clients = xcalloc(1, sizeof *topic->clients);
        init_table(redis, topic->clients, pubsub_rules_of(redis)->all_in_buckets);
        topic->clients->dict.node_bytes =
            pubsub_rules_of(redis)->clients_in_slots ? pubsub_class_of(redis, ENTRY_WITHOUT_VALUE) : 0;
    }
    return place;
}

/* The topic's last subscriber has gone. A shard's table goes with its last channel where it is part of a kvstore. */
static void remove_topic(struct redis *redis, enum topic_kind kind, uint32_t place)
{
    struct topics *topics = &redis->pubsub.topics[kind];
    struct topic *topic = &topics->list[place];

    if (topic->clients) {
        table_clear(table_of_topic(redis, topic), false);
        table_release(topic->clients);
        free(topic->clients);
        topic->clients = NULL;
    }
    redis->used -= pubsub_topic_bytes(redis, kind) + topic->name_bytes;
    topics->places[topic->name] = 0;
    table_remove(table_of_topics(redis, kind), place);
    if (kind == TOPIC_SHARD && topics->table.object_bytes && !table_count(&topics->table))
        table_clear(table_of_topics(redis, kind), true);
    append(&topics->free, &topics->free_count, &topics->free_capacity, place);
}

/* ---- subscriptions ---- */

/* All columns have the same capacity. */
static void grow_columns(struct pubsub *pubsub)
{
    uint32_t capacity = pubsub->capacity;
#define GROW(column)                                                                                                   \
    capacity = pubsub->capacity;                                                                                       \
    pubsub->column = xgrow(pubsub->column, &capacity, pubsub->count + 1, sizeof *pubsub->column)
    GROW(client_of);
    GROW(topic_of);
    GROW(in_client);
    GROW(in_topic);
    GROW(client_links);
    GROW(topic_links);
    GROW(has_node);
    GROW(shares_name);
#undef GROW
    pubsub->capacity = capacity;
}

static uint32_t take_number(struct pubsub *pubsub)
{
    if (pubsub->free_count)
        return pubsub->free[--pubsub->free_count];
    if (pubsub->count == pubsub->capacity)
        grow_columns(pubsub);
    return pubsub->count++;
}

static struct subscriber *subscriber_of(struct pubsub *pubsub, uint32_t client)
{
    if (client >= pubsub->client_capacity)
        pubsub->clients = xgrow(pubsub->clients, &pubsub->client_capacity, client + 1, sizeof *pubsub->clients);
    return &pubsub->clients[client];
}

void pubsub_make_state(struct redis *redis, uint32_t client)
{
    struct subscriber *subscriber = subscriber_of(&redis->pubsub, client);

    if (!subscriber->has_state)
        redis->used += pubsub_rules_of(redis)->client_state_bytes;
    subscriber->has_state = true;
}

/* The client's subscription to the topic: looked for where there are fewer. NOBODY: there is none. */
static uint32_t find_subscription(const struct pubsub *pubsub, const struct client_topics *client,
                                  const struct topic *topic, uint32_t client_number, uint32_t place)
{
    if (topic->count < client->count) {
        for (uint32_t i = 0; i < topic->count; i++)
            if (pubsub->client_of[topic->subscriptions[i]] == client_number)
                return topic->subscriptions[i];
    } else {
        for (uint32_t i = 0; i < client->count; i++)
            if (pubsub->topic_of[client->subscriptions[i]] == place)
                return client->subscriptions[i];
    }
    return NOBODY;
}

static struct client_topics *topics_of_client(struct redis *redis, uint32_t client, enum topic_kind kind)
{
    struct client_topics *topics = &subscriber_of(&redis->pubsub, client)->of[kind];

    if (!topics->has_table && pubsub_client_has_table(redis, kind))
        init_table(redis, &topics->table, pubsub_rules_of(redis)->all_in_buckets);
    topics->has_table = pubsub_client_has_table(redis, kind);
    return topics;
}

static void link_subscription(struct pubsub *pubsub, struct client_topics *client, struct topic *topic, uint32_t number)
{
    pubsub->in_client[number] = client->count;
    pubsub->in_topic[number] = topic->count;
    append(&client->subscriptions, &client->count, &client->capacity, number);
    append(&topic->subscriptions, &topic->count, &topic->capacity, number);
    pubsub->live++;
}

/* The last of each list takes its place. */
static void unlink_subscription(struct pubsub *pubsub, struct client_topics *client, struct topic *topic,
                                uint32_t number)
{
    uint32_t moved = client->subscriptions[--client->count];

    client->subscriptions[pubsub->in_client[number]] = moved;
    pubsub->in_client[moved] = pubsub->in_client[number];
    moved = topic->subscriptions[--topic->count];
    topic->subscriptions[pubsub->in_topic[number]] = moved;
    pubsub->in_topic[moved] = pubsub->in_topic[number];
    pubsub->live--;
}

/* The argument that names the topic stays, as the topic's name or the client's own. */
static void keep_argument(struct redis *redis, uint64_t bytes)
{
    redis->arguments -= bytes < redis->arguments ? bytes : redis->arguments;
}

bool pubsub_subscribe(struct redis *redis, uint32_t client_number, enum topic_kind kind, uint32_t name,
                      uint64_t name_bytes)
{
    struct pubsub *pubsub = &redis->pubsub;
    struct topics *topics = &pubsub->topics[kind];
    struct client_topics *client;
    bool is_new, shares = pubsub_rules_of(redis)->shares_names && kind != TOPIC_PATTERN;
    uint32_t place, number;
    struct topic *topic;

    if (!pubsub->is_open)
        open_tables(redis);
    pubsub_make_state(redis, client_number);
    client = topics_of_client(redis, client_number, kind);
    place = find_topic(topics, name);
    number = place == NOBODY ? NOBODY : find_subscription(pubsub, client, &topics->list[place], client_number, place);
    if (number != NOBODY) {
        if (client->has_table)
            table_add_or_find(table_of_client(redis, client), number);
        return false;
    }
    is_new = place == NOBODY;
    if (is_new)
        place = add_topic(redis, kind, name, name_bytes);
    else
        table_find(table_of_topics(redis, kind), place);
    number = take_number(pubsub);
    topic = &topics->list[place];
    pubsub->client_of[number] = client_number;
    pubsub->topic_of[number] = place;
    pubsub->shares_name[number] = is_new || shares;
    pubsub->has_node[number] = 0;
    link_subscription(pubsub, client, topic, number);
    if (client->has_table)
        table_add(table_of_client(redis, client), number);
    if (topic->clients)
        table_add(table_of_topic(redis, topic), number);
    redis->used += pubsub_subscription_bytes(redis, kind) + (is_new || shares ? 0 : name_bytes);
    if (is_new || !shares)
        keep_argument(redis, name_bytes);
    return true;
}

static void end_subscription(struct redis *redis, enum topic_kind kind, uint32_t number)
{
    struct pubsub *pubsub = &redis->pubsub;
    uint32_t place = pubsub->topic_of[number];
    struct topic *topic = &pubsub->topics[kind].list[place];
    struct client_topics *client = topics_of_client(redis, pubsub->client_of[number], kind);

    if (client->has_table)
        table_remove(table_of_client(redis, client), number);
    table_find(table_of_topics(redis, kind), place);
    if (topic->clients)
        table_remove(table_of_topic(redis, topic), number);
    unlink_subscription(pubsub, client, topic, number);
    redis->used -= pubsub_subscription_bytes(redis, kind) + (pubsub->shares_name[number] ? 0 : topic->name_bytes);
    if (!topic->count)
        remove_topic(redis, kind, place);
    append(&pubsub->free, &pubsub->free_count, &pubsub->free_capacity, number);
}

bool pubsub_unsubscribe(struct redis *redis, uint32_t client_number, enum topic_kind kind, uint32_t name)
{
    struct pubsub *pubsub = &redis->pubsub;
    uint32_t place = find_topic(&pubsub->topics[kind], name), number = NOBODY;

    if (place != NOBODY && client_number < pubsub->client_capacity)
        number = find_subscription(pubsub, &pubsub->clients[client_number].of[kind], &pubsub->topics[kind].list[place],
                                   client_number, place);
    if (number == NOBODY)
        return false;
    end_subscription(redis, kind, number);
    return true;
}

uint32_t pubsub_count(const struct redis *redis, uint32_t client, enum topic_kind kind)
{
    return client < redis->pubsub.client_capacity ? redis->pubsub.clients[client].of[kind].count : 0;
}

uint32_t pubsub_any_topic(const struct redis *redis, uint32_t client, enum topic_kind kind)
{
    const struct pubsub *pubsub = &redis->pubsub;
    const struct client_topics *topics;

    if (!pubsub_count(redis, client, kind))
        return NO_MEMBER;
    topics = &pubsub->clients[client].of[kind];
    return pubsub->topics[kind].list[pubsub->topic_of[topics->subscriptions[topics->count - 1]]].name;
}

void pubsub_unsubscribe_all(struct redis *redis, uint32_t client)
{
    for (int kind = 0; kind < TOPIC_KINDS; kind++)
        for (uint32_t left = pubsub_count(redis, client, (enum topic_kind)kind); left; left--)
            end_subscription(redis, (enum topic_kind)kind,
                             redis->pubsub.clients[client].of[kind].subscriptions[left - 1]);
}

void pubsub_leave(struct redis *redis, uint32_t client)
{
    struct subscriber *subscriber;

    if (client >= redis->pubsub.client_capacity)
        return;
    pubsub_unsubscribe_all(redis, client);
    subscriber = &redis->pubsub.clients[client];
    for (int kind = 0; kind < TOPIC_KINDS; kind++) {
        if (!subscriber->of[kind].has_table)
            continue;
        table_clear(table_of_client(redis, &subscriber->of[kind]), false);
        table_release(&subscriber->of[kind].table);
        memset(&subscriber->of[kind].table, 0, sizeof subscriber->of[kind].table);
        subscriber->of[kind].has_table = false;
    }
    if (subscriber->has_state)
        redis->used -= pubsub_rules_of(redis)->client_state_bytes;
    subscriber->has_state = false;
}

bool pubsub_last_subscriber(const struct redis *redis, uint32_t name, uint32_t *client)
{
    const struct topics *channels = &redis->pubsub.topics[TOPIC_CHANNEL];
    uint32_t place = find_topic(channels, name);
    const struct topic *topic;

    if (place == NOBODY)
        return false;
    topic = &channels->list[place];
    *client = redis->pubsub.client_of[topic->subscriptions[topic->count - 1]];
    return true;
}

/* ---- messages ---- */

uint32_t pubsub_each_subscriber(struct redis *redis, enum topic_kind kind, uint32_t name, pubsub_receive *receive,
                                void *owner)
{
    struct pubsub *pubsub = &redis->pubsub;
    uint32_t place = find_topic(&pubsub->topics[kind], name);
    const struct topic *topic;

    if (place == NOBODY)
        return 0;
    table_find(table_of_topics(redis, kind), place);
    topic = &pubsub->topics[kind].list[place];
    for (uint32_t i = 0; i < topic->count; i++)
        receive(owner, pubsub->client_of[topic->subscriptions[i]], name);
    return topic->count;
}

uint32_t pubsub_each_matching(struct redis *redis, uint32_t channel, pubsub_receive *receive, void *owner)
{
    struct pubsub *pubsub = &redis->pubsub;
    const struct topics *patterns = &pubsub->topics[TOPIC_PATTERN];
    const char *text = member_text(redis->members, channel);
    uint32_t receivers = 0;

    for (uint32_t place = 0; place < patterns->list_count && text; place++) {
        const struct topic *pattern = &patterns->list[place];

        if (!pattern->count ||
            !glob_matches(member_text(redis->members, pattern->name), member_of(redis->members, pattern->name)->length,
                          text, member_of(redis->members, channel)->length))
            continue;
        for (uint32_t i = 0; i < pattern->count; i++)
            receive(owner, pubsub->client_of[pattern->subscriptions[i]], pattern->name);
        receivers += pattern->count;
    }
    return receivers;
}

/* ---- the end ---- */

static void release_topics(struct topics *topics)
{
    for (uint32_t place = 0; place < topics->list_count; place++) {
        free(topics->list[place].subscriptions);
        if (topics->list[place].clients)
            table_release(topics->list[place].clients);
        free(topics->list[place].clients);
    }
    free(topics->list);
    free(topics->free);
    free(topics->links);
    free(topics->places);
    table_release(&topics->table);
}

void pubsub_release(struct pubsub *pubsub)
{
    for (int kind = 0; pubsub->is_open && kind < TOPIC_KINDS; kind++)
        release_topics(&pubsub->topics[kind]);
    for (uint32_t client = 0; client < pubsub->client_capacity; client++)
        for (int kind = 0; kind < TOPIC_KINDS; kind++) {
            free(pubsub->clients[client].of[kind].subscriptions);
            if (pubsub->clients[client].of[kind].has_table)
                table_release(&pubsub->clients[client].of[kind].table);
        }
    free(pubsub->clients);
    free(pubsub->client_of);
    free(pubsub->topic_of);
    free(pubsub->in_client);
    free(pubsub->in_topic);
    free(pubsub->client_links);
    free(pubsub->topic_links);
    free(pubsub->has_node);
    free(pubsub->shares_name);
    free(pubsub->free);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pubsub_state: what the server knows of subscriptions. pubsub.h says what they are. */
#ifndef SIM_SERVER_PUBSUB_STATE_H
#define SIM_SERVER_PUBSUB_STATE_H

#include "sim/server/tables/table.h"

#include <stdbool.h>
#include <stdint.h>

enum topic_kind { TOPIC_CHANNEL, TOPIC_PATTERN, TOPIC_SHARD, TOPIC_KINDS };

struct topic {
    uint32_t name;           /* member */
    uint64_t name_bytes;     /* of its object */
    uint32_t *subscriptions; /* owned; in no particular order */
    uint32_t count, capacity;
    struct table *clients; /* owned; NULL: they are a list */
};

/* Of one kind. */
struct topics {
    struct topic *list; /* owned; by place, some of which are free (no subscriptions) */
    uint32_t list_count, list_capacity;
    uint32_t *free; /* owned: free places */
    uint32_t free_count, free_capacity;
    uint32_t *links; /* owned: of the table's chains, by place */
    uint32_t links_capacity;
    uint32_t *places; /* owned; by member: its topic's place plus 1, or 0 */
    uint32_t places_capacity;
    struct table table;
};

/* A client's part. */
struct subscriber {
    struct client_topics {
        uint32_t *subscriptions; /* owned */
        uint32_t count, capacity;
        struct table table; /* unless the server has a list there */
        bool has_table;
    } of[TOPIC_KINDS];
    bool has_state; /* what the server keeps for it has been made */
};

/* Zeroed to begin with. Subscriptions are numbers, whose columns these are: */
struct pubsub {
    uint32_t *client_of, *topic_of;       /* owned, like the next: who, and to what */
    uint32_t *in_client, *in_topic;       /* its place in the client's list, and in the topic's */
    uint32_t *client_links, *topic_links; /* of chains of the client's table, and of the topic's */
    uint8_t *has_node;                    /* in the topic's table: see dict.h */
    bool *shares_name;                    /* its name is the topic's object */
    uint32_t capacity, count;
    uint32_t *free; /* owned: numbers that are free */
    uint32_t free_count, free_capacity;
    uint32_t live; /* subscriptions that there are */
    struct topics topics[TOPIC_KINDS];
    struct subscriber *clients; /* owned; by the client's number */
    uint32_t client_capacity;
    bool is_open; /* the tables have been prepared */
};

#endif

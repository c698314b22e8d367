/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pubsub_rules: how servers differ in what subscriptions weigh. Zero is what Redis 7.0.15 does. */
#ifndef SIM_SERVER_PUBSUB_RULES_H
#define SIM_SERVER_PUBSUB_RULES_H

#include <stdbool.h>
#include <stdint.h>

struct pubsub_rules {
    bool patterns_in_table;      /* a client's patterns are a table, not a list (7.2) */
    uint32_t clients_bytes;      /* sizeof of the table of a topic's clients; 0: they are a list (7.4) */
    bool shares_names;           /* all subscribers of a channel share its object; not those of a pattern (7.4) */
    bool clients_in_slots;       /* a client needs no entry in that table, if its slot is free (8.0) */
    bool channels_in_buckets;    /* the tables of channels are hashtables (Valkey 8.1), */
    bool all_in_buckets;         /* and those of clients, and of a topic's clients, too (Valkey 9) */
    uint32_t client_state_bytes; /* what a client's first subscription makes, with its tables' objects (Valkey 8.1) */
};

#endif

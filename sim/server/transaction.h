/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transaction: what a client has queued behind MULTI.
 *
 *     MULTI          the client's commands are queued from here on, each with its arguments
 *     SET k v        +QUEUED; or refused, and then the whole transaction will be
 *     EXEC           all of them, in one turn; or none (EXECABORT)
 *     DISCARD        they go
 *
 * A queued command is memory: its arguments and their vector stay, and an array has a place for each command
 * (struct multiCmd), which doubles. All of it counts against maxmemory, and goes at EXEC or DISCARD.
 *
 * Source: multi.c of Redis 7.0.15. */
#ifndef SIM_SERVER_TRANSACTION_H
#define SIM_SERVER_TRANSACTION_H

#include "sim/request.h"
#include "sim/server/tables/hashtable.h"
#include "sim/server/tables/slots.h"

#include <stdbool.h>
#include <stdint.h>

/* A command that waits for EXEC: its rows, which lie together in one of the transaction's batches. */
struct queued_command {
    uint32_t batch, first, rows;
    bool is_called;   /* what the script queued before it calls: nothing of it is memory */
    uint64_t bytes;   /* what its arguments weigh, with their vector */
    uint64_t vector;  /* places of the vector, of a server that keeps it between commands (profile.h) */
    uint64_t adopted; /* capacity of a long value, once the query buffer's; and its header */
    uint32_t adopted_header;
};

/* A key that a client watches: see watch.h. */
struct watched {
    uint32_t id;
    uint8_t db;
    bool was_past; /* its ttl had ended already */
};

/* Of all clients. Zeroed to begin with. */
struct watches {
    uint64_t count; /* of a client and a key each */
    struct watched_key {
        uint32_t clients; /* how many watch it */
        uint64_t name_bytes;
    } * keys; /* owned; by id */
    uint32_t capacity;
    uint64_t key_bytes; /* of all keys that are watched: their entries, lists and names */
    struct slots tables[DB_MAX];
    uint64_t in_db[DB_MAX]; /* keys */
};

/* Zeroed to begin with. */
struct transaction {
    struct watched *watched; /* owned */
    uint32_t watched_count, watched_capacity;
    struct watched_table {
        bool exists; /* its object has been made, which stays */
        struct hashtable keys;
    } * tables;          /* owned: DB_COUNT of them; NULL: not yet, or the server has none */
    bool is_touched;     /* one of them has changed: EXEC will execute nothing (CLIENT_DIRTY_CAS) */
    bool has_state;      /* what the server keeps for it has been made */
    bool is_open;        /* behind MULTI */
    bool is_refused;     /* a command was not taken: EXEC will answer EXECABORT (CLIENT_DIRTY_EXEC) */
    bool found_full;     /* ... and it was for want of memory */
    bool is_denied;      /* some of its commands are refused when memory is full (CMD_DENYOOM) */
    struct batch **rows; /* owned; each is as full as it will be, but the last */
    uint32_t batch_count, batch_capacity;
    struct queued_command *commands; /* owned */
    uint32_t count, capacity;
    uint32_t queued;      /* of those, what the client sent itself */
    uint64_t places;      /* of the server's array, 0: there is none yet */
    uint64_t array_bytes; /* what it weighs */
};

/* Of all clients, by their number. Zeroed to begin with. */
struct transactions {
    struct transaction *list; /* owned */
    uint32_t capacity;
    uint32_t open;     /* how many are */
    uint64_t calls_of; /* the client whose script was queued last, and its calls may follow, plus 1; 0: none's */
};

/* The client's; it is there, with one of no later client, until the next call. */
struct transaction *transaction_of(struct transactions *transactions, uint32_t client);
void transactions_release(struct transactions *transactions);

/* Another command, and its rows, which are copied. The array grows: returns by how many bytes, 0 as a rule. `place` is
 * sizeof(struct multiCmd). */
struct allocator;
uint64_t transaction_queue(struct transaction *transaction, const struct allocator *allocator, uint64_t place,
                           const struct batch *batch, uint32_t first, const struct queued_command *command);

/* What the queue weighs: the array, and the arguments of all commands. */
uint64_t transaction_bytes(const struct transaction *transaction);

/* It will not be executed: what it has queued goes. Returns what that weighed. */
uint64_t transaction_forget(struct transaction *transaction);

void transaction_begin(struct transactions *transactions, struct transaction *transaction);
/* It is over: the client's commands are executed at once again. The rows can still be read until it has another. */
void transaction_end(struct transactions *transactions, struct transaction *transaction);

#endif

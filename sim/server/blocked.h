/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blocked: the clients that wait for a list, or another value, to have an element: BLPOP and its kin.
 *
 * A trace has such a command once, when the server received it. If there is nothing to take the client waits: until some
 * command makes one of its keys, and then who has waited longest takes; or until its time is over; or until the trace has
 * another command of the same client, which must have been served, or have given up, before.
 *
 * Source: blocked.c of Redis 7.0.15. */
#ifndef SIM_SERVER_BLOCKED_H
#define SIM_SERVER_BLOCKED_H

#include "sim/request.h"

#include <stdbool.h>
#include <stdint.h>

struct redis;
struct call;

struct waiter {
    uint32_t client;
    enum op op;
    uint16_t flags; /* the row's, for its sides */
    uint8_t db;
    int64_t until_us; /* since the trace's first request; INT64_MAX: for ever */
    int64_t count;    /* elements it takes at most; 0: one */
    uint32_t *keys;   /* owned: ids, in the command's order */
    uint32_t key_count;
    void *wanted;                /* owned: what else `serve` needs to know; NULL */
    uint64_t bytes;              /* what it weighs; likewise in used_memory */
    uint32_t target, target_len; /* of a command that moves the element: the id, and the name's length */
    /* Gives it an element of the key, which is there, by a call of its own, which has the reply afterwards; false: there is
     * none for it. */
    bool (*serve)(struct call *call, const struct waiter *waiter, uint32_t id);
};

/* Zeroed to begin with. */
struct blocked {
    struct waiter *list; /* owned, in the order in which they came */
    uint32_t count, capacity;
    uint32_t *ready; /* owned: keys that have been made since */
    uint32_t ready_count, ready_capacity;
    uint64_t bytes;       /* in used_memory: of all waiters, and of the keys that they wait for (blocking_keys) */
    uint64_t keys, slots; /* of these, without repetition; of their table */
    bool is_denied;       /* nobody may wait: a transaction is being executed */
};

/* The waiter, and its keys, are the list's from here on. */
void blocked_add(struct blocked *blocked, struct waiter waiter);
void blocked_remove(struct blocked *blocked, uint32_t place);
/* Whether the command has named the key in this place before. */
bool blocked_repeats(const struct waiter *waiter, uint32_t key);
/* Whether another waits for it. */
bool blocked_has_another(const struct blocked *blocked, const struct waiter *waiter, uint32_t key);
/* A key that was absent is there. */
void blocked_note_ready(struct blocked *blocked, uint32_t id);
/* The next such key; false: there is none left. */
bool blocked_take_ready(struct blocked *blocked, uint32_t *id);
/* Who has waited longest for the key, from place `from` on; blocked->count: nobody. */
uint32_t blocked_find(const struct blocked *blocked, uint32_t id, uint32_t from);
/* One who waits no longer: the client's own, or whose time was over by then. */
uint32_t blocked_find_ended(const struct blocked *blocked, uint32_t client, int64_t now_us);
/* When the first one's time is over, since the trace's first request; INT64_MAX: nobody's ever is. */
int64_t blocked_first_end_us(const struct blocked *blocked);
void blocked_release(struct blocked *blocked);

#endif

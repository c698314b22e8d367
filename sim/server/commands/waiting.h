/* SPDX-License-Identifier: GPL-3.0-or-later */
/* waiting: what the commands share that may wait until there is something for them.
 *
 * Source: blockForKeys, handleClientsBlockedOnKeys (blocked.c) of Redis 7.0.15. */
#ifndef SIM_SERVER_COMMANDS_WAITING_H
#define SIM_SERVER_COMMANDS_WAITING_H

#include "sim/server/commands/call.h"

/* The client waits for the keys of `keys` rows from row `first` on, for so long at most (0: for ever). Of the waiter only what
 * the command knows is set. In a transaction or a script the command ends at once, with nil, as if the time were over; then
 * waiter.wanted is freed. */
void waiting_begin(struct call *call, struct waiter waiter, uint32_t first, uint32_t keys, int64_t ms);
/* Looks up the key for a waiting command, whose call is empty but for the server. NULL if it is absent or has another type. */
struct entry *waiting_lookup(struct call *call, const struct waiter *waiter, uint32_t id);
/* Replicas are sent the effect of the command that waited: a command of `count` arguments of these lengths. */
void waiting_propagate(struct redis *redis, const struct waiter *waiter, const uint64_t *lengths, uint64_t count);

/* Replicas are sent what was noted of a command (call_propagate_apart). */
void waiting_propagate_noted(struct redis *redis, const struct waiter *waiter);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tracking: clients that keep copies of what they read, and want to be told when it changes (CLIENT TRACKING).
 *
 *     table       a radix tree: name of a key -> a radix tree of the clients that have read it
 *     prefixes    with BCAST: a radix tree of prefixes, each with its clients; nothing is kept of reads
 *
 * Every key that a tracking client reads enters the table, whether it exists or not. When it changes, expires or is evicted,
 * the clients are told (push.h), and it leaves the table. The table is also cut to tracking-table-max-keys, a hundred random
 * keys at each command. A client that stops tracking leaves its entries behind.
 *
 * Clients have ids and addresses in memory, which a capture does not say: here they follow from the clients' numbers. The
 * client of REDIRECT is taken to be the one that subscribed to __redis__:invalidate last.
 *
 * Source: tracking.c of Redis 7.0.15; the same in later ones. */
#ifndef SIM_SERVER_TRACKING_H
#define SIM_SERVER_TRACKING_H

#include "sim/server/commands/call.h"
#include "sim/server/tracking_table.h"

/* The command of these rows was called: the keys that it has read are noted, if its client tracks; its own changes go behind
 * its reply. */
void tracking_note_call(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows);
static inline void tracking_note(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    if (__builtin_expect(call->redis->tracking.exists, 0))
        tracking_note_call(call, batch, first, rows);
}
/* Who has read what has changed is told (tracking_changes.h). */
void tracking_tell_changes(struct redis *redis);
/* The end of a turn: who has prefixes is told. */
void tracking_broadcast(struct redis *redis);

static inline void tracking_end_turn(struct redis *redis)
{
    if (__builtin_expect(redis->tracking.change_count != 0, 0))
        tracking_tell_changes(redis);
    if (__builtin_expect(redis->tracking.has_changes, 0) && !redis->client.is_followed)
        tracking_broadcast(redis);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* push: what the server sends to clients that have not asked for it just now: messages, and keys that a client tracks. It waits
 * in their reply buffers until the end of the turn, or of the read whose requests a client sent together.
 *
 * Source: _addReplyProtoToList, handleClientsWithPendingWrites (networking.c). */
#ifndef SIM_SERVER_PUSH_H
#define SIM_SERVER_PUSH_H

#include "sim/server/state.h"

/* So many bytes go to a client that is not the one whose command is running. Nothing happens if it is not connected. */
void push_to(struct redis *redis, uint32_t client, uint64_t bytes);
/* Likewise, the reply to a command that has waited. */
void push_reply(struct redis *redis, uint32_t client, uint64_t bytes, enum reply_way way);
/* All of that is written. */
void push_write(struct redis *redis);
/* The end of a turn. */
static inline void push_end_turn(struct redis *redis)
{
    if (__builtin_expect(redis->pushes.count != 0, 0) && !redis->client.is_followed)
        push_write(redis);
}

#endif

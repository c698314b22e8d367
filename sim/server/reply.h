/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply: the end of a command's turn. What it has answered goes through the reply buffer, and its arguments are freed.
 *
 * Source: call (server.c), rejectCommand (server.c), beforeSleep. */
#ifndef SIM_SERVER_REPLY_H
#define SIM_SERVER_REPLY_H

#include "sim/server/commands/call.h"
#include "sim/server/histograms.h"
#include "sim/server/serve.h"

/* The reply is queued, the arguments are freed. The peak is noted before that (by call) unless the command
 * was refused, and again before the reply's blocks go (by beforeSleep). Returns their bytes. */
static inline uint64_t reply_end(struct redis *redis, uint64_t reply, enum reply_way way, bool was_called)
{
    uint64_t blocks = client_reply(&redis->client, reply, way);

    if (was_called)
        memory_peak_called(&redis->peak, redis->used + blocks + redis->arguments);
    memory_peak_note(&redis->peak, redis->used + blocks);
    redis->arguments = 0;
    redis->client.last_interaction_s = redis->cached_unix_s;
    return blocks;
}

/* The command is refused: OOM. What the keys that it would have made are absent for is noted. */
void reply_refuse(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
/* An error reply of this kind. */
void reply_count_error(struct redis *redis, enum error_kind kind);
/* True: the server does not call this command (OP_REFUSED, or one that it does not have), and has said so. */
bool reply_turns_away(struct call *call);
/* Counts the command's error, if it has failed. */
void reply_note_error(struct call *call);
/* The call's arguments are still there. */
void reply_note_peak(struct redis *redis);
/* All of it, for a command that was executed; and who waits for what it has made is served. */
static inline void reply_finish(struct call *call)
{
    uint64_t held = call->redis->arguments;

    if (call->failed)
        reply_note_error(call);
    if (!call->waits)
        histograms_note(call->redis, (enum op)call->op);
    held += reply_end(call->redis, call->reply, call->reply_way, true);
    if (call->redis->blocked.ready_count)
        serve_ready(call->redis, held);
}

#endif

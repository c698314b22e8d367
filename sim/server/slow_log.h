/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slow_log: the commands that a server keeps because they were slow, or their request or reply large.
 *
 *     an entry     its arguments, 32 at most and 128 bytes of each at most, the client's name and its address
 *     a log        the last slowlog-max-len entries
 *
 * How long a command takes is not known here: with slowlog-log-slower-than 0 every command is slow, with any other value none
 * is. Valkey since 8.1 also keeps requests and replies of commandlog-request-larger-than and commandlog-reply-larger-than bytes, in logs
 * of their own. Addresses are taken to be of IPv4, in dotted decimals.
 *
 * Source: slowlogCreateEntry, slowlogPushEntryIfNeeded (slowlog.c); commandlog.c of Valkey 8.1. */
#ifndef SIM_SERVER_SLOW_LOG_H
#define SIM_SERVER_SLOW_LOG_H

#include "sim/server/commands/call.h"

#include <stddef.h>

/* Whether so many bytes reach the limit of a log; a negative limit means never. */
static inline bool slow_log_is_beyond(uint64_t bytes, int64_t limit)
{
    return bytes >= (uint64_t)limit;
}

/* The command of these rows was called, and has its reply. */
void slow_log_note_rows(const struct call *call, const struct batch *batch, uint32_t first, uint32_t rows);
static inline void slow_log_note(const struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    const struct redis *redis = call->redis;
    const struct redis_config *config = &redis->config;

    if (__builtin_expect(!config->slowlog_log_slower_than, 0) ||
        (redis->profile->has_command_log &&
         __builtin_expect(slow_log_is_beyond(redis->request_bytes, config->commandlog_request_larger_than) |
                              slow_log_is_beyond(call->reply + call->referred, config->commandlog_reply_larger_than),
                          0)))
        slow_log_note_rows(call, batch, first, rows);
}
/* A SET that the application sends because of that row. */
void slow_log_note_fill(const struct call *call);
/* A command that is not of the trace, in its words. */
void slow_log_note_words(struct redis *redis, const char *const *words, size_t count);

#endif

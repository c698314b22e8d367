/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slow_log: the commands that a server keeps because they were slow, or their request or reply large.
 *
 *     an entry     its arguments, 32 at most and 128 bytes of each at most, the client's name and its address
 *     a log        the last slowlog-max-len entries
 *
 * How long a command takes is not known here: with slowlog-log-slower-than 0 every command is slow, with any other value none
 * is. Valkey 9 also keeps requests and replies of commandlog-request-larger-than and commandlog-reply-larger-than bytes, in logs
 * of their own. Addresses are taken to be of IPv4, in dotted decimals.
 *
 * Source: slowlogCreateEntry, slowlogPushEntryIfNeeded (slowlog.c); commandlog.c of Valkey 9. */
#ifndef SIM_SERVER_SLOW_LOG_H
#define SIM_SERVER_SLOW_LOG_H

#include "sim/server/commands/call.h"

#include <stddef.h>

/* The command of these rows was called, and has its reply. */
void slow_log_note_rows(const struct call *call, const struct batch *batch, uint32_t first, uint32_t rows);
static inline void slow_log_note(const struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    const struct redis *redis = call->redis;

    if (__builtin_expect(!redis->config.slowlog_log_slower_than | redis->profile->has_command_log, 0))
        slow_log_note_rows(call, batch, first, rows);
}
/* A SET that the application sends because of that row. */
void slow_log_note_fill(const struct call *call);
/* A command that is not of the trace, in its words. */
void slow_log_note_words(struct redis *redis, const char *const *words, size_t count);

#endif

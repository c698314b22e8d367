/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection: the commands on a connection and on the server itself. */
#include "sim/server/commands/commands.h"
#include "sim/server/keyspace.h"

void run_select(struct call *call)
{
    if (call->number >= 0 && call->number < DB_MAX)
        keyspace_use_database(call->redis, (int)call->number);
    call_reply_ok(call);
}

void run_ping(struct call *call)
{
    call->reply += 7; /* +PONG */
}

void run_info(struct call *call)
{
    struct redis *redis = call->redis;

    if (!redis->info_seen)
        redis->used += redis->profile->info_once_bytes;
    redis->info_seen = true;
    call->reply += redis->profile->info_reply_bytes;
}

/* Neither the effect of the command nor the length of its reply is known. */
void run_skip(struct call *call)
{
    (void)call;
}

/* The command counts as the one that failed, also in the histograms. */
void run_failed(struct call *call)
{
    call->op = (uint16_t)call->second;
    call_reply_error(call);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/reply.h"

#include "sim/server/histograms.h"
#include "sim/server/serve.h"

static const char oom_reply[] = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

void reply_end(struct redis *redis, uint64_t reply, bool refers, bool was_called)
{
    uint64_t blocks = client_reply(&redis->client, reply, refers);
    uint64_t used = redis->used + blocks + (was_called ? redis->arguments : 0);

    redis->arguments = 0;
    redis->client.last_interaction_s = redis->cached_unix_s;
    if (redis->counters.used_memory_peak < used)
        redis->counters.used_memory_peak = used;
}

void reply_refuse(struct redis *redis)
{
    redis->counters.oom_rejections++;
    error_statistics_count(&redis->errors, ERROR_OF_OOM);
    reply_end(redis, sizeof oom_reply - 1, false, false);
}

void reply_count_error(struct redis *redis, enum error_kind kind)
{
    redis->counters.command_errors++;
    error_statistics_count(&redis->errors, kind);
}

bool reply_turns_away(struct call *call)
{
    if (call->op != OP_REFUSED)
        return false;
    call_reply_error(call);
    reply_note_error(call);
    reply_end(call->redis, call->reply, false, false);
    return true;
}

void reply_note_error(struct call *call)
{
    if (call->failed)
        reply_count_error(call->redis, call->error);
}

void reply_note_peak(struct redis *redis)
{
    if (redis->counters.used_memory_peak < redis->used + redis->arguments)
        redis->counters.used_memory_peak = redis->used + redis->arguments;
}

void reply_finish(struct call *call)
{
    reply_note_error(call);
    if (!call->waits)
        histograms_note(call->redis, (enum op)call->op);
    reply_end(call->redis, call->reply, call->reply_refers, true);
    if (call->redis->blocked.ready_count)
        serve_ready(call->redis);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/reply.h"

#include "sim/server/availability.h"
#include "sim/server/keyspace.h"
#include "sim/server/survey.h"

void reply_refuse(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    survey_refused(redis);
    keyspace_count_refused(redis);
    keyspace_note_refused(redis, batch, first, rows);
    error_statistics_count(&redis->errors, ERROR_OF_OOM);
    reply_end(redis, sizeof oom_reply - 1, REPLY_COPIED, false);
}

void reply_count_error(struct redis *redis, enum error_kind kind)
{
    redis->counters.command_errors++;
    error_statistics_count(&redis->errors, kind);
}

/* The command that the client sent, if its arguments were wrong, too. */
static enum op asked_for(const struct call *call)
{
    return (enum op)(command_table[call->op].refused ? call->second : call->op);
}

bool reply_turns_away(struct call *call)
{
    if (call->op != OP_REFUSED && !command_is_unknown(call->redis->profile, asked_for(call)))
        return false;
    call->redis->counters.writes -= command_table[call->op].denyoom;
    call_reply_error(call);
    reply_note_error(call);
    reply_end(call->redis, call->reply, REPLY_COPIED, false);
    return true;
}

void reply_note_error(struct call *call)
{
    if (call->failed)
        reply_count_error(call->redis, call->error);
}

void reply_note_peak(struct redis *redis)
{
    memory_peak_called(&redis->peak, redis->used + redis->arguments);
    memory_peak_note(&redis->peak, redis->used);
}

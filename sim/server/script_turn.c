/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/script_turn.h"

#include "sim/server/arguments.h"
#include "sim/server/availability.h"
#include "sim/server/execute.h"
#include "sim/server/gate.h"
#include "sim/server/histograms.h"
#include "sim/server/keyspace.h"
#include "sim/server/survey.h"
#include "sim/server/reply.h"
#include "sim/server/script_arguments.h"
#include "sim/server/slow_log.h"
#include "sim/server/tracking.h"
#include "sim/server/serve.h"

#include <string.h>

static const char script_oom_reply[] = "-OOM command not allowed when used memory > 'maxmemory'. "
                                       "script: 0123456789012345678901234567890123456789, on @user_script:1.\r\n";
static const char no_function_reply[] = "-ERR Function not found\r\n";
static const char noscript_reply[] = "-NOSCRIPT No matching script. Please use EVAL.\r\n";

/* As scriptVerifyOOM: a call may be refused only if the script has not written yet. */
static bool is_call_refused(const struct redis *redis, enum op op)
{
    const struct running_script *script = &redis->script;

    return script->found_full && !script->may_exceed && !script->has_written && command_is_denyoom(redis->profile, op);
}

/* The words of the command's name come first. */
static void note_name(uint32_t *lengths, enum op op)
{
    const struct command *command = &command_table[op];

    lengths[0] = command->container ? command->container : command->name_bytes;
    lengths[1] = command->container ? command->name_bytes - command->container - 1u : 0;
}

/* The command's arguments are made before it is looked at: `list` becomes what they weigh and how long they are. */
static void make_arguments(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows,
                           struct argument_list *list, uint32_t *lengths)
{
    arguments_begin(list, call->redis, (enum op)call->op);
    note_name(lengths, (enum op)call->op);
    list->lengths = lengths;
    list->is_noted = true;
    for (uint32_t row = first; row < first + rows; row++) {
        if (row > first)
            execute_read_row(call, batch, row);
        arguments_add_row(list, call, row - first);
    }
    if (rows > 1)
        execute_read_row(call, batch, first);
}

static void refuse(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    survey_refused(redis);
    keyspace_count_refused(redis);
    keyspace_note_refused(redis, batch, first, rows);
    error_statistics_count(&redis->errors, ERROR_OF_OOM);
    redis->script.is_stopped = true;
}

void script_turn_call(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct call call = {.redis = redis};
    struct argument_list list;
    uint32_t lengths[SCRIPT_ARGUMENTS];

    if (redis->script.is_stopped)
        return;
    execute_read_row(&call, batch, first);
    redis->script.calls++;
    make_arguments(&call, batch, first, rows, &list, lengths);
    if (command_is_unknown(redis->profile, (enum op)call.op)) {
        call_reply_error(&call);
        reply_note_error(&call);
        script_arguments_keep(redis, &call, lengths, list.count);
        return;
    }
    redis->counters.writes += command_table[call.op].denyoom;
    if (is_call_refused(redis, (enum op)call.op)) {
        redis->counters.writes += !command_table[call.op].denyoom;
        refuse(redis, batch, first, rows);
        script_arguments_keep(redis, &call, lengths, list.count);
        return;
    }
    redis->script.has_written |= command_writes((enum op)call.op);
    redis->arguments = list.memory;
    gate_tell(redis, (enum op)call.op, batch, first, rows);
    execute_rows(&call, batch, first, rows, 0);
    tracking_note(&call, batch, first, rows);
    slow_log_note(&call, batch, first, rows);
    redis->missed_count = 0; /* the script, not the application, handles its misses */
    reply_note_error(&call);
    histograms_note(redis, (enum op)call.op);
    reply_note_peak(redis);
    redis->arguments = 0;
    script_arguments_keep(redis, &call, lengths, list.count);
}

void script_turn_begin(struct call *call)
{
    struct redis *redis = call->redis;

    histograms_note(redis, (enum op)call->op);
    redis->script.arguments = redis->arguments;
    redis->script.reply = call->reply;
    redis->used += redis->arguments;
    redis->arguments = 0;
}

uint64_t script_turn_reply(struct redis *redis)
{
    const struct running_script *script = &redis->script;

    if (script->is_stopped)
        return sizeof script_oom_reply - 1 - (redis->profile->script_errors_lack_sha1 ? strlen(", ") + 40 : 0);
    if (!script->is_unknown || script->calls)
        return script->reply;
    reply_count_error(redis, script->is_function ? ERROR_OF_ERR : ERROR_OF_NOSCRIPT);
    return script->is_function ? sizeof no_function_reply - 1 : sizeof noscript_reply - 1;
}

void script_turn_end(struct redis *redis)
{
    uint64_t reply = script_turn_reply(redis), arguments = redis->script.arguments;

    redis->script.is_open = false;
    if (replication_is_on(&redis->replication))
        replication_end_several(&redis->replication);
    redis->used -= arguments;
    redis->arguments = arguments;
    redis->script.arguments = 0;
    arguments += reply_end(redis, reply, REPLY_COPIED, true);
    if (redis->blocked.ready_count)
        serve_ready(redis, arguments);
}

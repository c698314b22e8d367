/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slow_log: SLOWLOG and COMMANDLOG, but for what they show. */
#include "sim/server/commands/commands.h"
#include "sim/server/command_logs.h"

void run_slowlog_len(struct call *call)
{
    call_reply_integer(call, command_logs_length(call->redis, LOG_SLOW));
}

void run_slowlog_reset(struct call *call)
{
    command_logs_reset(call->redis, LOG_SLOW);
    call_reply_ok(call);
}

/* The log that the command names. */
static enum command_log named(const struct call *call)
{
    return (enum command_log)call_elements(call)->number;
}

void run_commandlog_len(struct call *call)
{
    call_reply_integer(call, command_logs_length(call->redis, named(call)));
}

void run_commandlog_reset(struct call *call)
{
    command_logs_reset(call->redis, named(call));
    call_reply_ok(call);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scripting: EVAL and the other commands that run a script, and the cache of scripts. The commands that a script calls
 * are the rows after EVAL's; script_turn.c executes them. */
#include "sim/server/commands/commands.h"
#include "sim/server/libraries.h"
#include "sim/server/values/sds.h"

#include <string.h>

/* The reply is not in the trace. It is assumed to be a number. */
static const char reply_of_script[] = ":1\r\n";

/* The script, or its name. NULL if it is not known. */
static const struct element *script_of(const struct call *call)
{
    const struct element *script = call->elements ? call_elements(call) : NULL;

    return script && script->flags & ELEMENT_SCRIPT ? script : NULL;
}

static void cache(struct call *call, const struct element *script, bool is_listed)
{
    struct redis *redis = call->redis;

    redis->used += (uint64_t)script_cache_add(&redis->scripts, redis->profile, redis->allocator, script,
                                              argument_bytes(redis, script->value_len), is_listed);
}

uint8_t call_script_flags(const struct call *call)
{
    const struct element *script = script_of(call);
    struct library_function function;

    if (!script)
        return 0;
    if (script->flags & ELEMENT_SCRIPT_TEXT)
        return (uint8_t)script->number;
    if (script->flags & ELEMENT_SCRIPT_SHA1)
        return script_known(&call->redis->scripts, script->member).flags;
    function = libraries_function(&call->redis->libraries, script->member);
    return function.is_loaded ? function.flags : SCRIPT_DECLARES;
}

/* FCALL. A function that a trace calls may have been loaded before it began: then its calls follow. */
static void find_function(struct call *call, const struct element *script)
{
    struct running_script *running = &call->redis->script;
    struct library_function function = libraries_function(&call->redis->libraries, script->member);

    libraries_looked(call->redis);
    running->is_function = true;
    running->is_unknown = !function.is_loaded || (call->op == OP_FCALL_RO && !(function.flags & SCRIPT_WRITES_NOTHING));
}

void run_eval(struct call *call)
{
    const struct element *script = script_of(call);
    struct running_script *running = &call->redis->script;
    uint8_t flags = call_script_flags(call);

    *running = (struct running_script){
        .is_open = true,
        .may_exceed = flags & SCRIPT_ALLOWS_OOM,
        .found_full = call->redis->found_full,
    };
    if (script && script->flags & ELEMENT_SCRIPT_TEXT)
        cache(call, script, true);
    else if (script && script->flags & ELEMENT_SCRIPT_SHA1)
        running->is_unknown = !script_known(&call->redis->scripts, script->member).is_cached;
    else if (script)
        find_function(call, script);
    call->reply += strlen(reply_of_script);
}

void run_script_load(struct call *call)
{
    const struct element *script = script_of(call);

    if (script)
        cache(call, script, false);
    call_reply_bulk(call, 40);
}

/* As many lookups as names. */
void run_script_exists(struct call *call)
{
    call->redis->used -= slots_looked(&call->redis->scripts.table, (uint64_t)call->number);
    call_reply_array(call, (uint64_t)call->number);
    call->reply += strlen(":0\r\n") * (uint64_t)call->number;
}

void run_script_flush(struct call *call)
{
    call->redis->used -= script_cache_flush(&call->redis->scripts);
    call_reply_ok(call);
}

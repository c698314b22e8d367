/* SPDX-License-Identifier: GPL-3.0-or-later */
/* function: FUNCTION LOAD, DELETE, FLUSH and RESTORE: the libraries of functions. FCALL is in scripting.c.
 *
 * Source: functionLoadCommand, functionDeleteCommand, functionFlushCommand, functionRestoreCommand (functions.c) of Redis 7.0.15. */
#include "sim/server/commands/commands.h"
#include "sim/server/libraries.h"

static bool is_library(const struct element *element)
{
    return element->flags & ELEMENT_SCRIPT && element->flags & ELEMENT_CONTENT;
}

/* The first library from place `at` on; call->elements: there is none. */
static uint32_t next_library(const struct call *call, uint32_t at)
{
    while (at < call->elements && !is_library(&call_elements(call)[at]))
        at++;
    return at;
}

static const struct member *name_of(const struct call *call, const struct element *element)
{
    return member_of(call->batch->members, element->member);
}

/* Its one library. */
void run_function_load(struct call *call)
{
    uint32_t at = next_library(call, 0);
    const struct element *library = call_elements(call) + at;

    if (!libraries_load(call->redis, library, call->elements - at, call_option(call, WORD_REPLACE) != NULL)) {
        call_reply_error(call);
        return;
    }
    call_propagate(call);
    call_reply_bulk(call, name_of(call, library)->length);
}

void run_function_delete(struct call *call)
{
    if (!libraries_delete(call->redis, call_elements(call)->member)) {
        call_reply_error(call);
        return;
    }
    call_propagate(call);
    call_reply_ok(call);
}

void run_function_flush(struct call *call)
{
    libraries_flush(call->redis);
    call_propagate(call);
    call_reply_ok(call);
}

/* Whether one of the libraries is there already. */
static bool any_is_there(const struct call *call)
{
    const struct element *elements = call_elements(call);

    for (uint32_t at = next_library(call, 0); at < call->elements; at = next_library(call, at + 1))
        if (libraries_has(&call->redis->libraries, elements[at].member))
            return true;
    return false;
}

void run_function_restore(struct call *call)
{
    const struct element *elements = call_elements(call);
    bool replaces = call_option(call, WORD_REPLACE) != NULL;

    if (call_option(call, WORD_FLUSH)) {
        libraries_flush(call->redis);
    } else if (!replaces && any_is_there(call)) {
        call_reply_error(call);
        return;
    }
    for (uint32_t at = next_library(call, 0), next; at < call->elements; at = next) {
        next = next_library(call, at + 1);
        if (!libraries_load(call->redis, &elements[at], next - at, replaces)) {
            call_reply_error(call);
            return;
        }
    }
    call_propagate(call);
    call_reply_ok(call);
}

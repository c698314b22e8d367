/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash_ttl: the commands on the ttls of a hash's fields, each in the server's order.
 *
 * Source: hexpireGenericCommand, httlGenericCommand, hpersistCommand (t_hash.c of Redis 7.4.1; of Valkey 9.1.2). */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/server/commands/ttl_setting.h"

#include <stdlib.h>
#include <string.h>

/* ---- HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT ---- */

static void reply_to_all(struct call *call, int64_t answer)
{
    uint32_t count = ttl_call_count(call);

    call_reply_array(call, count);
    while (count--)
        call_reply_integer(call, answer);
}

/* Those fields whose ttl was set, behind the words before them; in Valkey all of them. */
static void propagate_set(struct call *call, const struct ttl_setting *setting, const bool *was_set)
{
    const struct element *fields = ttl_call_fields(call);
    uint32_t field_count = ttl_call_count(call), words = call->elements - field_count, count = words;
    struct element *elements;

    if (!replication_is_on(&call->redis->replication))
        return;
    elements = xcalloc(call->elements, sizeof *elements);
    memcpy(elements, call_elements(call), words * sizeof *elements);
    if (!call->redis->profile->hexpire_sends_all)
        elements[words - 1].value_len = decimal_length(setting->set);
    for (uint32_t i = 0; i < field_count; i++)
        if (was_set[i])
            elements[count++] = fields[i];
    ttl_call_propagate(call, OP_HPEXPIREAT, elements, count, setting->when);
    free(elements);
}

static void expire_fields(struct call *call, struct entry *entry, int64_t when)
{
    struct ttl_setting setting = ttl_setting_begin(call, entry, when);
    const struct element *fields = ttl_call_fields(call);
    uint32_t count = ttl_call_count(call);
    bool *was_set = xcalloc(count, sizeof *was_set), sends_all = call->redis->profile->hexpire_sends_all;

    call_reply_array(call, count);
    for (uint32_t i = 0; i < count; i++) {
        enum ttl_result result = ttl_setting_apply(&setting, &fields[i]);

        was_set[i] = result == TTL_SET || sends_all;
        call_reply_integer(call, result);
    }
    if (!setting.set && !setting.deleted)
        call_touched(call);
    ttl_setting_end(&setting);
    if (!hash_of(entry)->count && (setting.deleted || !hash_may_be_empty(call->redis)))
        call_delete_emptied(call);
    if (setting.set)
        propagate_set(call, &setting, was_set);
    free(was_set);
}

void run_hexpire(struct call *call)
{
    bool time_first = call->redis->profile->hexpire_times_first;
    struct entry *entry;
    int64_t when = 0;

    if (time_first && !ttl_call_time(call, &when))
        return;
    entry = call_lookup_typed_write(call);
    if (call->failed || (!time_first && !ttl_call_time(call, &when)))
        return;
    if (!entry)
        reply_to_all(call, TTL_NO_FIELD);
    else
        expire_fields(call, entry, when);
}

/* ---- HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME ---- */

static int64_t ttl_answer(const struct call *call, const struct entry *entry, uint32_t slot)
{
    const struct command *command = &command_table[call->op];
    int64_t now = call->redis->unix_ms, ms;

    if (slot == NO_SLOT)
        return TTL_NO_FIELD;
    ms = hash_ttl_ms(entry, slot);
    if (ms == EB_NEVER)
        return TTL_NONE;
    if (ms < now)
        return TTL_NO_FIELD;
    ms -= command->absolute ? 0 : now;
    return command->millis ? ms : (ms + (call->redis->profile->httl_rounds ? 500 : 999)) / 1000;
}

void run_httl(struct call *call)
{
    const struct element *fields = ttl_call_fields(call);
    struct entry *entry;
    uint32_t count = ttl_call_count(call);

    entry = call_lookup_typed(call);
    if (call->failed)
        return;
    call_reply_array(call, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = entry ? hash_find(call->redis, entry, fields[i].member) : NO_SLOT;

        call_reply_integer(call, ttl_answer(call, entry, slot));
    }
}

/* ---- HPERSIST ---- */

void run_hpersist(struct call *call)
{
    const struct element *fields = ttl_call_fields(call);
    struct entry *entry;
    uint32_t count = ttl_call_count(call), persisted = 0;

    entry = call_lookup_typed_write(call);
    if (call->failed)
        return;
    if (!entry) {
        reply_to_all(call, TTL_NO_FIELD);
        return;
    }
    call_reply_array(call, count);
    for (uint32_t i = 0; i < count; i++) {
        enum ttl_result answer = ttl_call_persist(call, entry, fields[i].member);

        persisted += answer == TTL_SET;
        call_reply_integer(call, answer);
    }
    if (!persisted) {
        call_touched(call);
        return;
    }
    call_written(call);
    call_propagate(call);
}

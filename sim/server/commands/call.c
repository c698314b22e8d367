/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/call.h"

#include "sim/hooks.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/sds.h"

#include <string.h>

void call_reply_integer(struct call *call, int64_t number)
{
    call->reply += 3 + decimal_length(number); /* :n\r\n */
}

void call_reply_nil(struct call *call)
{
    call->reply += 5; /* $-1\r\n */
}

void call_reply_ok(struct call *call)
{
    call->reply += 5; /* +OK\r\n */
}

void call_reply_status(struct call *call, const char *word)
{
    call->reply += 1 + strlen(word) + 2; /* +word\r\n */
}

void call_reply_bulk(struct call *call, uint32_t length)
{
    call->reply += 1 + decimal_length(length) + 2 + (uint64_t)length + 2;
}

void call_reply_error(struct call *call)
{
    call->reply += 48; /* the length of a typical message */
    call->failed = true;
}

bool call_ttl_is_representable(const struct call *call)
{
    return call->flags & REQUEST_ABSOLUTE || call->ttl_ms <= INT64_MAX - call->redis->unix_ms;
}

int64_t call_expire_at(const struct call *call)
{
    if (call->flags & REQUEST_ABSOLUTE)
        return call->ttl_ms;
    return call->redis->unix_ms + call->ttl_ms;
}

void call_propagate(struct call *call)
{
    call->propagates = true;
    call->sent_op = call->op;
    call->sent_flags = call->flags;
    call->sent_ttl_ms = call->ttl_ms;
}

void call_propagate_as(struct call *call, enum op op, unsigned flags, int64_t unix_ms)
{
    call->propagates = true;
    call->sent_op = op;
    call->sent_flags = (uint16_t)flags;
    call->sent_ttl_ms = unix_ms;
}

void call_propagate_deletion(struct call *call, bool lazily)
{
    call_propagate_as(call, lazily ? OP_UNLINK : OP_DEL, 0, 0);
}

struct entry *call_lookup_write(struct call *call)
{
    return key_lookup(call->redis, call->id, LOOKUP_WRITE);
}

void call_touched_key(struct call *call, uint32_t id)
{
    if (!call->redis->child)
        policy_read(&call->redis->eviction, id);
}

void call_touched(struct call *call)
{
    call_touched_key(call, call->id);
}

void call_written(struct call *call)
{
    if (!call->redis->child)
        policy_written(&call->redis->eviction, call->id);
}

struct value call_allocated(struct call *call, struct value value)
{
    call->redis->arguments += value.bytes;
    return value;
}

void call_rewrite(const struct call *call, uint64_t count, uint64_t bytes)
{
    struct redis *redis = call->redis;

    redis->arguments = client_rewrite_vector(&redis->client, count) + argument_bytes(redis, call->key_len) + bytes;
}

void call_rewrite_as_pexpireat(const struct call *call)
{
    call_rewrite(call, 3, allocator_class(call->redis->allocator, ROBJ_BYTES));
}

void call_rewrite_as_name_and_key(const struct call *call)
{
    call_rewrite(call, 2, 0);
}

void call_delete_as_past(struct call *call)
{
    struct counters *counters = &call->redis->counters;

    key_delete(call->redis, call->id);
    call_propagate_deletion(call, call->redis->profile->frees_lazily);
    call_rewrite_as_name_and_key(call);
    ++*(call->redis->profile->past_ttl == PAST_TTL_EXPIRES ? &counters->expired_keys : &counters->deleted_keys);
}

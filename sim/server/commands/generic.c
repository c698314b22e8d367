/* SPDX-License-Identifier: GPL-3.0-or-later */
/* generic: the commands on keys whatever their values are, each in the server's order (see string.c).
 *
 * Source: db.c, expire.c of Redis 7.0.15; the rules of the profile name what others do. */
#include "sim/server/commands/commands.h"

#include "sim/server/keyspace.h"

/* DEL and UNLINK: an expired key counts as expired, not as deleted. */
void run_del(struct call *call)
{
    struct redis *redis = call->redis;

    if (key_find_to_delete(redis, call->id)) {
        key_delete(redis, call->id);
        call_propagate(call);
        redis->counters.deleted_keys++;
        call->count++;
    }
    if (!(call->flags & REQUEST_MORE))
        call_reply_integer(call, call->count);
}

void run_exists(struct call *call)
{
    call->count += key_lookup(call->redis, call->id, call->op == OP_TOUCH ? LOOKUP_READ : LOOKUP_NOTOUCH) != NULL;
    if (!(call->flags & REQUEST_MORE))
        call_reply_integer(call, call->count);
}

static bool expire_refused(const struct call *call, const struct entry *entry, int64_t when)
{
    bool has_ttl = entry->expire_ms != NO_EXPIRE;

    return (call->flags & REQUEST_NX && has_ttl) || (call->flags & REQUEST_XX && !has_ttl) ||
           (call->flags & REQUEST_GT && (!has_ttl || when <= entry->expire_ms)) ||
           (call->flags & REQUEST_LT && has_ttl && when >= entry->expire_ms);
}

void run_expire(struct call *call)
{
    struct redis *redis = call->redis;
    int64_t when = call_expire_at(call);
    struct entry *entry = call_lookup_write(call);

    if (!entry) {
        call_reply_integer(call, 0);
        return;
    }
    call_touched(call);
    if (expire_refused(call, entry, when)) {
        call_reply_integer(call, 0);
        return;
    }
    if (when <= redis->unix_ms) {
        call_delete_as_past(call);
    } else {
        key_set_expire(redis, call->id, when);
        call_propagate_as(call, OP_PEXPIREAT, call->flags | REQUEST_ABSOLUTE | REQUEST_MILLIS, when);
    }
    call_reply_integer(call, 1);
}

void run_persist(struct call *call)
{
    bool persists = call_lookup_write(call) != NULL;

    if (persists)
        call_touched(call);
    persists = persists && key_remove_expire(call->redis, call->id);
    if (persists)
        call_propagate(call);
    call_reply_integer(call, persists);
}

void run_ttl(struct call *call)
{
    struct redis *redis = call->redis;
    const struct entry *entry = key_lookup(redis, call->id, LOOKUP_NOTOUCH);
    int64_t left;

    if (!entry || entry->expire_ms == NO_EXPIRE) {
        call_reply_integer(call, entry ? -1 : -2);
        return;
    }
    left = entry->expire_ms - redis->unix_ms;
    call_reply_integer(call, call->op == OP_PTTL ? left : (left + 500) / 1000);
}

void run_type(struct call *call)
{
    bool found = key_lookup(call->redis, call->id, LOOKUP_NOTOUCH) != NULL;

    call->reply += found ? 9 : 7; /* +string, +none */
}

void run_flush(struct call *call)
{
    struct redis *redis = call->redis;
    int first = call->op == OP_FLUSHALL ? 0 : call->db;
    int last = call->op == OP_FLUSHALL ? redis->database_count - 1 : call->db;

    for (int db = first; db <= last; db++)
        redis->counters.deleted_keys += database_flush(redis, db);
    if (call->op == OP_FLUSHALL)
        redis->child_until_us = redis->now_us; /* a child is killed, and reaped by cron */
    call_propagate(call);
    call_reply_ok(call);
}

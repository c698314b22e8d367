/* SPDX-License-Identifier: GPL-3.0-or-later */
/* generic: the commands on keys of any type, each in the server's order (see string.c).
 *
 * Source: db.c, expire.c of Redis 7.0.15. The profile has the rules of other servers. */
#include "sim/server/commands/commands.h"

#include "sim/server/blessing.h"
#include "sim/server/inspect.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/tracking_changes.h"

#include <string.h>

/* DEL and UNLINK. An expired key counts as expired, not as deleted. */
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

/* TOUCH touches even for a client that has said CLIENT NO-TOUCH. */
void run_exists(struct call *call)
{
    struct redis *redis = call->redis;

    redis->untouched &= redis->child || call->op != OP_TOUCH;
    call->count += key_lookup(redis, call->id, call->op == OP_TOUCH ? LOOKUP_READ : LOOKUP_NOTOUCH) != NULL;
    redis_settle_untouched(redis);
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
    struct entry *entry;
    int64_t when;

    if (!call_ttl_is_representable(call)) {
        call_reply_error(call);
        return;
    }
    when = call_expire_at(call);
    entry = call_lookup_write(call);
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
    const struct command *command = &command_table[call->op];
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_NOTOUCH);
    int64_t answer;

    if (!entry || entry->expire_ms == NO_EXPIRE) {
        call_reply_integer(call, entry ? -1 : -2);
        return;
    }
    answer = entry->expire_ms - (command->absolute ? 0 : call->redis->unix_ms);
    call_reply_integer(call, command->millis ? answer : (answer + 500) / 1000);
}

void run_type(struct call *call)
{
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_NOTOUCH);

    call_reply_status(call, encodings[entry ? entry->encoding : ENCODING_ABSENT].type_name);
}

/* Whether a thread frees the keys and the database gets new tables; otherwise the old tables are emptied. With SYNC,
 * too, a thread may free them while the client waits, if clients may wait (blockAsyncFlush...). */
static bool flushes_asynchronously(const struct call *call)
{
    const struct redis *redis = call->redis;

    if (!(call->flags & (REQUEST_SYNC | REQUEST_ASYNC)) && redis->profile->frees_lazily)
        return true;
    return call->flags & REQUEST_ASYNC ||
           (redis->profile->flush_may_wait && !redis->blocked.is_denied && !redis->script.is_open);
}

void run_flush(struct call *call)
{
    struct redis *redis = call->redis;
    int first = call->op == OP_FLUSHALL ? 0 : call->db;
    int last = call->op == OP_FLUSHALL ? redis->database_count - 1 : call->db;

    for (int db = first; db <= last; db++)
        redis->counters.deleted_keys += database_flush(redis, db, flushes_asynchronously(call));
    tracking_touch(redis, NO_KEY);
    if (call->op == OP_FLUSHALL)
        redis->child_until_us = redis->now_us; /* the child is killed, and cron notices that it is gone */
    call_propagate(call);
    call_reply_ok(call);
}

/* ---- commands on two keys; they run at the second key's row ---- */

/* Deletes the second key if it exists, unless the command wants it absent. Returns false if the command must do
 * nothing. */
static bool make_way(struct call *call, bool replaces)
{
    if (!call_lookup_write(call))
        return true;
    call_touched(call);
    if (!replaces)
        return false;
    key_delete(call->redis, call->id);
    call->redis->counters.deleted_keys++;
    return true;
}

static void rename_source(struct call *call)
{
    key_rename(call->redis, call_source(call), call->id, call->db, call->key_len);
    call->redis->counters.deleted_keys++;
    call_propagate(call);
}

void run_rename(struct call *call)
{
    bool only_new = command_table[call->op].only_new;
    uint32_t from;

    if (call->flags & REQUEST_MORE)
        return;
    from = call_source(call);
    if (!key_lookup(call->redis, from, LOOKUP_WRITE)) {
        call_reply_error(call); /* no such key */
        return;
    }
    call_touched_key(call, from);
    if (from == call->id) {
        only_new ? call_reply_integer(call, 0) : call_reply_ok(call);
        return;
    }
    if (!make_way(call, !only_new)) {
        call_reply_integer(call, 0);
        return;
    }
    rename_source(call);
    only_new ? call_reply_integer(call, 1) : call_reply_ok(call);
}

void run_move(struct call *call)
{
    uint32_t from;

    if (call->flags & REQUEST_MORE)
        return;
    from = call_source(call);
    if (from == call->id) {
        call_reply_error(call); /* source and destination objects are the same */
        return;
    }
    if (!key_lookup(call->redis, from, LOOKUP_WRITE)) {
        call_reply_integer(call, 0);
        return;
    }
    call_touched_key(call, from);
    if (!make_way(call, false)) {
        call_reply_integer(call, 0);
        return;
    }
    rename_source(call);
    call_reply_integer(call, 1);
}

void run_copy(struct call *call)
{
    struct redis *redis = call->redis;
    const struct entry *source;
    struct value value;
    int64_t expire_ms, due_ms;
    uint8_t blessing;

    if (call->flags & REQUEST_MORE)
        return;
    if (call_source(call) == call->id) {
        call_reply_error(call); /* source and destination objects are the same */
        return;
    }
    source = key_lookup(redis, call_source(call), LOOKUP_READ);
    if (!source || !make_way(call, call->flags & REQUEST_REPLACE)) {
        call_reply_integer(call, 0);
        return;
    }
    value = call_allocated(call, value_of_copy(redis, source));
    expire_ms = source->expire_ms;
    due_ms = hash_expires_ms(source);
    blessing = blessing_of(redis, call_source(call));
    key_add(redis, call->id, call->db, call->key_len, &value);
    if (redis->decimals)
        redis->decimals[call->id] = redis->decimals[call_source(call)];
    if (expire_ms != NO_EXPIRE)
        key_set_expire(redis, call->id, expire_ms);
    key_bless_as(redis, call->id, blessing);
    hash_expires_note(redis, entry_of(redis, call->id), due_ms);
    call_propagate(call);
    call_reply_integer(call, 1);
}

/* ---- commands about a key or the database ---- */

void run_object_encoding(struct call *call)
{
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_NOTOUCH);

    if (entry)
        call_reply_bulk(call, (uint32_t)strlen(encodings[entry->encoding].name));
    else
        call_reply_nil(call);
}

/* REFCOUNT, FREQ and IDLETIME. The server refuses FREQ or IDLETIME if the policy does not keep it. */
void run_object_number(struct call *call)
{
    bool counts = redis_policy_of(call->redis->policy).lru_field == LRU_FIELD_COUNTER;

    if (!key_lookup(call->redis, call->id, LOOKUP_NOTOUCH))
        call_reply_nil(call);
    else if ((call->op == OP_OBJECT_FREQ && !counts) || (call->op == OP_OBJECT_IDLETIME && counts))
        call_reply_error(call);
    else
        call_reply_integer(call, 1);
}

/* The key is only looked up in the table. This counts no hit or miss, is no use of the key, and does not expire it. */
void run_memory_usage(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = entry_of(redis, call->id);

    table_find(&database_of(redis, entry)->keys, call->id);
    if (entry->encoding == ENCODING_ABSENT)
        call_reply_nil(call);
    else
        call_reply_integer(call, (int64_t)inspect_key(redis, call->id).memory_usage);
}

void run_dbsize(struct call *call)
{
    call_reply_integer(call, table_count(&call->redis->databases[call->db].keys));
}

/* As dbRandomKey, which deletes expired keys that it draws. */
void run_randomkey(struct call *call)
{
    struct redis *redis = call->redis;
    struct table *keys = &redis->databases[call->db].keys;

    while (table_count(keys)) {
        uint32_t id = table_fair_random_key(keys, redis->rng);

        if (!key_expire_if_due(redis, id)) {
            call_reply_bulk(call, key_length(redis, id));
            return;
        }
    }
    call_reply_nil(call);
}

/* The reader has exchanged the numbers already, so no key moves. Both databases exist afterwards. */
void run_swapdb(struct call *call)
{
    const int64_t numbers[] = {call->number, call->second};

    for (int i = 0; i < 2 && numbers[0] != numbers[1]; i++)
        if (numbers[i] >= 0 && numbers[i] < DB_MAX)
            keyspace_use_database(call->redis, (int)numbers[i]);
    call_propagate(call);
    call_reply_ok(call);
}

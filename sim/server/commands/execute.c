/* SPDX-License-Identifier: GPL-3.0-or-later */
/* execute: the commands, each in the order of lookups, insertions and deletions in which the server does
 * them: every one of those may move a bucket of a table that is being rehashed.
 *
 * Source: t_string.c, expire.c, db.c of Redis 7.0.15; the rules of the profile name what others do. */
#include "sim/server/commands/execute.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/sds.h"

#include <string.h>

/* ---- replies ---- */

static void reply_integer(struct call *call, int64_t number)
{
    call->reply += 3 + decimal_length(number); /* :n\r\n */
}

static void reply_nil(struct call *call)
{
    call->reply += 5; /* $-1\r\n */
}

static void reply_ok(struct call *call)
{
    call->reply += 5; /* +OK\r\n */
}

static void reply_bulk(struct call *call, uint32_t length)
{
    call->reply += 1 + decimal_length(length) + 2 + (uint64_t)length + 2;
}

/* The value of a key: copied, or by payloadHeader and bulkStrRef, which refer to it. */
static void reply_value(struct call *call, const struct entry *entry, uint32_t length)
{
    enum { REFERENCE_BYTES = 20 + 16 };
    uint32_t from = call->redis->profile->copy_avoided_from;

    if (from && length >= from && entry->encoding == ENCODING_RAW && !(call->flags & REQUEST_GET)) {
        call->reply += REFERENCE_BYTES;
        call->reply_refers = true;
    } else {
        reply_bulk(call, length);
    }
}

static void reply_error(struct call *call)
{
    call->reply += 48; /* the length of a typical message */
    call->failed = true;
}

/* ---- pieces ---- */

static int64_t expire_at(const struct call *call)
{
    if (call->flags & REQUEST_ABSOLUTE)
        return call->ttl_ms;
    return call->redis->unix_ms + call->ttl_ms;
}

/* Replicas are sent the command as it came, */
static void propagate(struct call *call)
{
    call->propagates = true;
    call->sent_op = call->op;
    call->sent_flags = call->flags;
    call->sent_ttl_ms = call->ttl_ms;
}

/* or another one on the key, with a time that means the same to them whenever they read it. */
static void propagate_as(struct call *call, enum op op, unsigned flags, int64_t unix_ms)
{
    call->propagates = true;
    call->sent_op = op;
    call->sent_flags = (uint16_t)flags;
    call->sent_ttl_ms = unix_ms;
}

static void propagate_deletion(struct call *call, bool lazily)
{
    propagate_as(call, lazily ? OP_UNLINK : OP_DEL, 0, 0);
}

/* A lookup for writing: the hit is announced once it is known whether the value changes. */
static struct entry *lookup_write(struct call *call)
{
    return key_lookup(call->redis, call->id, LOOKUP_WRITE);
}

static void touched(struct call *call)
{
    if (!call->redis->child)
        policy_call(&call->redis->eviction, call->redis->eviction.policy->read, call->id);
}

static void written(struct call *call)
{
    if (!call->redis->child)
        policy_call(&call->redis->eviction, call->redis->eviction.policy->written, call->id);
}

/* A lookup for reading that replies with the value: GET and the commands that begin like it. */
static struct entry *get(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = key_lookup(redis, call->id, LOOKUP_READ);

    if (entry) {
        uint32_t length = entry_value_length(entry);

        reply_value(call, entry, length);
        redis->counters.read_bytes += length;
        redis->counters.hit_bytes += length;
    } else {
        reply_nil(call);
        redis->counters.read_bytes += call->value_len == VALUE_UNKNOWN ? 0 : call->value_len;
    }
    return entry;
}

/* The value argument after tryObjectEncoding, which may have exchanged its blocks for an integer. */
static struct value encode_argument(struct call *call)
{
    struct redis *redis = call->redis;
    bool is_integer = call->flags & REQUEST_INTEGER;
    struct value value = value_of_argument(redis, call->value_len, is_integer, call->number, call->adopted);

    if (is_integer) {
        uint64_t text = argument_bytes(redis, call->value_len);

        redis->arguments -= text < redis->arguments ? text : redis->arguments;
        redis->arguments += value.bytes;
    }
    return value;
}

/* A value that is not an argument but made by the command. */
static struct value allocated(struct call *call, struct value value)
{
    call->redis->arguments += value.bytes;
    return value;
}

/* setKey after its lookup: the old ttl goes unless asked to stay. */
static void set_key(struct call *call, bool found, bool keep_ttl, const struct value *value)
{
    if (found) {
        written(call);
        key_overwrite(call->redis, call->id, value);
    } else {
        key_add(call->redis, call->id, call->db, call->key_len, value);
    }
    if (!keep_ttl)
        key_remove_expire(call->redis, call->id);
}

/* For its replicas the server rewrites the command as one of `count` arguments, of which the vector, the key
 * and `bytes` more are not shared objects. used_memory_peak sees it; so does used_memory where the vector
 * stays for the next command. */
static void rewrite(const struct call *call, uint64_t count, uint64_t bytes)
{
    struct redis *redis = call->redis;

    redis->arguments = client_rewrite_vector(&redis->client, count) + argument_bytes(redis, call->key_len) + bytes;
}

/* SET key value PXAT ms: the time is an object of its own, and so is the name where only the last two
 * arguments of SET key value EX seconds are exchanged. */
static void rewrite_as_pxat(struct call *call)
{
    const struct redis *redis = call->redis;
    const uint16_t options = REQUEST_NX | REQUEST_XX | REQUEST_KEEPTTL | REQUEST_GET;
    bool says_pxat = call->flags & REQUEST_ABSOLUTE && call->flags & REQUEST_MILLIS;
    bool in_place = redis->profile->pxat_rewrite == REWRITE_IN_PLACE && call->op == OP_SET && !(call->flags & options);

    if (redis->profile->pxat_rewrite != REWRITE_ALWAYS && says_pxat) {
        propagate(call);
        return;
    }
    propagate_as(call, OP_SET, REQUEST_TTL | REQUEST_ABSOLUTE | REQUEST_MILLIS, expire_at(call));
    rewrite(call, 5,
            allocator_class(redis->allocator, ROBJ_BYTES) + (in_place ? argument_bytes(redis, strlen("SET")) : 0));
}

/* SET key value [NX|XX] [KEEPTTL] GET goes without its GET. */
static void rewrite_without_get(const struct call *call)
{
    struct redis *redis = call->redis;
    const uint16_t options = REQUEST_NX | REQUEST_XX | REQUEST_KEEPTTL;
    uint64_t left = 3 + (uint64_t)__builtin_popcount(call->flags & options);
    uint64_t goes = argument_bytes(redis, strlen("GET"));

    if (!redis->profile->keeps_vector)
        goes += allocator_class(redis->allocator, 8 * (left + 1));
    redis->arguments -= goes < redis->arguments ? goes : redis->arguments;
    redis->arguments += client_rewrite_vector(&redis->client, left);
}

/* PEXPIREAT key ms */
static void rewrite_as_pexpireat(const struct call *call)
{
    rewrite(call, 3, allocator_class(call->redis->allocator, ROBJ_BYTES));
}

/* DEL key, UNLINK key, PERSIST key */
static void rewrite_as_name_and_key(const struct call *call)
{
    rewrite(call, 2, 0);
}

/* The key goes because its new ttl has passed already. */
static void delete_as_past(struct call *call)
{
    struct counters *counters = &call->redis->counters;

    key_delete(call->redis, call->id);
    propagate_deletion(call, call->redis->profile->frees_lazily);
    rewrite_as_name_and_key(call);
    ++*(call->redis->profile->past_ttl == PAST_TTL_EXPIRES ? &counters->expired_keys : &counters->deleted_keys);
}

/* ---- commands ---- */

static void run_get(struct call *call)
{
    call->missed = !get(call);
}

static void run_set(struct call *call)
{
    struct value value = encode_argument(call);
    bool found;

    if (call->flags & REQUEST_TTL && call->ttl_ms <= 0) {
        reply_error(call);
        return;
    }
    if (call->flags & REQUEST_GET)
        get(call);
    found = lookup_write(call) != NULL;
    if ((call->flags & REQUEST_NX && found) || (call->flags & REQUEST_XX && !found)) {
        if (found)
            touched(call);
        if (!(call->flags & REQUEST_GET))
            reply_nil(call);
        return;
    }
    if (call->flags & REQUEST_TTL && expire_at(call) <= call->redis->unix_ms &&
        call->redis->profile->past_ttl != PAST_TTL_STORED) {
        if (found)
            delete_as_past(call);
        if (!(call->flags & REQUEST_GET))
            reply_ok(call);
        return;
    }
    set_key(call, found,
            call->flags & REQUEST_KEEPTTL || (call->flags & REQUEST_TTL && call->redis->profile->set_keeps_ttl_entry),
            &value);
    if (call->flags & REQUEST_TTL) {
        key_set_expire(call->redis, call->id, expire_at(call));
        rewrite_as_pxat(call);
    } else {
        if (call->flags & REQUEST_GET)
            rewrite_without_get(call);
        propagate_as(call, call->op, call->flags & (unsigned)~REQUEST_GET, 0);
    }
    if (!(call->flags & REQUEST_GET))
        reply_ok(call);
}

static void run_setnx(struct call *call)
{
    struct value value = encode_argument(call);

    if (lookup_write(call)) {
        touched(call);
        reply_integer(call, 0);
        return;
    }
    set_key(call, false, false, &value);
    propagate(call);
    reply_integer(call, 1);
}

static void run_getset(struct call *call)
{
    struct value value;

    get(call);
    value = encode_argument(call);
    set_key(call, lookup_write(call) != NULL, false, &value);
    propagate_as(call, OP_SET, 0, 0);
}

static void run_mset(struct call *call)
{
    struct value value = encode_argument(call);

    set_key(call, lookup_write(call) != NULL, false, &value);
    propagate(call);
    if (!(call->flags & REQUEST_MORE))
        reply_ok(call);
}

static void run_getex(struct call *call)
{
    struct redis *redis = call->redis;

    call->missed = !get(call);
    if (call->missed)
        return;
    if (call->flags & REQUEST_TTL && call->ttl_ms <= 0) {
        reply_error(call);
    } else if (call->flags & REQUEST_TTL) {
        if (call->flags & REQUEST_ABSOLUTE && call->ttl_ms <= redis->unix_ms) {
            delete_as_past(call);
        } else {
            key_set_expire(redis, call->id, expire_at(call));
            propagate_as(call, OP_PEXPIREAT, REQUEST_ABSOLUTE | REQUEST_MILLIS, expire_at(call));
            rewrite_as_pexpireat(call);
        }
    } else if (call->flags & REQUEST_PERSIST && key_remove_expire(redis, call->id)) {
        propagate_as(call, OP_PERSIST, 0, 0);
        rewrite_as_name_and_key(call);
    }
}

static void run_getdel(struct call *call)
{
    if (!get(call))
        return;
    key_delete(call->redis, call->id);
    propagate_deletion(call, false);
    rewrite_as_name_and_key(call);
    call->redis->counters.deleted_keys++;
}

/* Makes the value a raw string that may grow in place (dbUnshareStringValue). */
static void unshare(struct call *call, struct entry *entry)
{
    struct value raw;

    if (entry->encoding == ENCODING_RAW)
        return;
    raw = allocated(call, value_of_raw(call->redis, entry_value_length(entry)));
    key_overwrite(call->redis, call->id, &raw);
}

/* sdsMakeRoomFor(Greedy): twice the length that is needed, or a megabyte more than that. */
static void grow_value(struct redis *redis, struct entry *entry, uint64_t length)
{
    uint64_t before, wanted = length < SDS_MAX_PREALLOC ? 2 * length : length + SDS_MAX_PREALLOC;
    uint32_t header = sds_growing_header(wanted);

    if (length > entry->capacity) {
        before = entry_value_bytes(redis, entry);
        entry->capacity = room_of_block(redis, allocator_class(redis->allocator, header + wanted + 1), header);
        redis->used += entry_value_bytes(redis, entry) - before;
    }
    if (length > entry->length)
        entry->length = (uint32_t)length;
}

static void run_append(struct call *call)
{
    struct entry *entry = lookup_write(call);
    struct value value;

    propagate(call);
    if (!entry) {
        value = encode_argument(call);
        key_add(call->redis, call->id, call->db, call->key_len, &value);
        reply_integer(call, call->value_len);
        return;
    }
    written(call);
    unshare(call, entry);
    grow_value(call->redis, entry, (uint64_t)entry->length + call->value_len);
    reply_integer(call, entry->length);
}

static void run_setrange(struct call *call)
{
    struct entry *entry = NULL;
    uint64_t length = (uint64_t)call->number + call->value_len;
    struct value value;

    if (call->number < 0 || length > UINT32_MAX / 2) {
        reply_error(call);
        return;
    }
    entry = lookup_write(call);
    if (call->value_len)
        propagate(call);
    if (!entry && !call->value_len) {
        reply_integer(call, 0);
    } else if (!entry) {
        value = allocated(call, value_of_raw(call->redis, (uint32_t)length));
        key_add(call->redis, call->id, call->db, call->key_len, &value);
        reply_integer(call, (int64_t)length);
    } else {
        written(call);
        if (call->value_len) {
            unshare(call, entry);
            grow_value(call->redis, entry, length);
        }
        reply_integer(call, entry_value_length(entry));
    }
}

static void run_strlen(struct call *call)
{
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);

    reply_integer(call, entry ? entry_value_length(entry) : 0);
}

static void run_incr(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = lookup_write(call);
    int64_t by = call->op == OP_INCR ? 1 : call->op == OP_DECR ? -1 : call->number;
    int64_t number = 0;
    struct value value;

    if (entry)
        written(call);
    if ((call->op == OP_DECRBY && __builtin_sub_overflow(0, by, &by)) ||
        (entry && entry->encoding != ENCODING_INT && entry->encoding != ENCODING_SHARED) ||
        __builtin_add_overflow(entry ? entry->number : 0, by, &number)) {
        reply_error(call);
        return;
    }
    propagate(call);
    if (entry && entry->encoding == ENCODING_INT && (has_objects(redis) || number < 0 || number >= SHARED_INTEGERS)) {
        entry->number = number;
    } else {
        value = allocated(call, value_of_integer(redis, number));
        if (entry)
            key_overwrite(redis, call->id, &value);
        else
            key_add(redis, call->id, call->db, call->key_len, &value);
    }
    reply_integer(call, number);
}

/* DEL and UNLINK: an expired key counts as expired, not as deleted. */
static void run_del(struct call *call)
{
    struct redis *redis = call->redis;

    if (key_find_to_delete(redis, call->id)) {
        key_delete(redis, call->id);
        propagate(call);
        redis->counters.deleted_keys++;
        call->count++;
    }
    if (!(call->flags & REQUEST_MORE))
        reply_integer(call, call->count);
}

static void run_exists(struct call *call)
{
    call->count += key_lookup(call->redis, call->id, call->op == OP_TOUCH ? LOOKUP_READ : LOOKUP_NOTOUCH) != NULL;
    if (!(call->flags & REQUEST_MORE))
        reply_integer(call, call->count);
}

static bool expire_refused(const struct call *call, const struct entry *entry, int64_t when)
{
    bool has_ttl = entry->expire_ms != NO_EXPIRE;

    return (call->flags & REQUEST_NX && has_ttl) || (call->flags & REQUEST_XX && !has_ttl) ||
           (call->flags & REQUEST_GT && (!has_ttl || when <= entry->expire_ms)) ||
           (call->flags & REQUEST_LT && has_ttl && when >= entry->expire_ms);
}

static void run_expire(struct call *call)
{
    struct redis *redis = call->redis;
    int64_t when = expire_at(call);
    struct entry *entry = lookup_write(call);

    if (!entry) {
        reply_integer(call, 0);
        return;
    }
    touched(call);
    if (expire_refused(call, entry, when)) {
        reply_integer(call, 0);
        return;
    }
    if (when <= redis->unix_ms) {
        delete_as_past(call);
    } else {
        key_set_expire(redis, call->id, when);
        propagate_as(call, OP_PEXPIREAT, call->flags | REQUEST_ABSOLUTE | REQUEST_MILLIS, when);
    }
    reply_integer(call, 1);
}

static void run_persist(struct call *call)
{
    bool persists = lookup_write(call) != NULL;

    if (persists)
        touched(call);
    persists = persists && key_remove_expire(call->redis, call->id);
    if (persists)
        propagate(call);
    reply_integer(call, persists);
}

static void run_ttl(struct call *call)
{
    struct redis *redis = call->redis;
    const struct entry *entry = key_lookup(redis, call->id, LOOKUP_NOTOUCH);
    int64_t left;

    if (!entry || entry->expire_ms == NO_EXPIRE) {
        reply_integer(call, entry ? -1 : -2);
        return;
    }
    left = entry->expire_ms - redis->unix_ms;
    reply_integer(call, call->op == OP_PTTL ? left : (left + 500) / 1000);
}

static void run_type(struct call *call)
{
    bool found = key_lookup(call->redis, call->id, LOOKUP_NOTOUCH) != NULL;

    call->reply += found ? 9 : 7; /* +string, +none */
}

static void run_flush(struct call *call)
{
    struct redis *redis = call->redis;
    int first = call->op == OP_FLUSHALL ? 0 : call->db;
    int last = call->op == OP_FLUSHALL ? redis->database_count - 1 : call->db;

    for (int db = first; db <= last; db++)
        redis->counters.deleted_keys += database_flush(redis, db);
    if (call->op == OP_FLUSHALL)
        redis->child_until_us = redis->now_us; /* a child is killed, and reaped by cron */
    propagate(call);
    reply_ok(call);
}

static void run_select(struct call *call)
{
    reply_ok(call);
}

static void run_ping(struct call *call)
{
    call->reply += 7; /* +PONG */
}

static void run_info(struct call *call)
{
    struct redis *redis = call->redis;

    if (!redis->info_seen)
        redis->used += redis->profile->info_once_bytes;
    redis->info_seen = true;
    call->reply += redis->profile->info_reply_bytes;
}

/* ---- the table ---- */

const struct command commands[OP_COUNT] = {
    [OP_GET] = {run_get, KEY},
    [OP_MGET] = {run_get, KEY | REPLY_ARRAY},
    [OP_SET] = {run_set, KEY | VALUE | OPTIONS | DENYOOM},
    [OP_SETEX] = {run_set, KEY | TIME | VALUE | DENYOOM},
    [OP_PSETEX] = {run_set, KEY | TIME | VALUE | DENYOOM},
    [OP_SETNX] = {run_setnx, KEY | VALUE | DENYOOM},
    [OP_GETSET] = {run_getset, KEY | VALUE | DENYOOM},
    [OP_GETEX] = {run_getex, KEY | OPTIONS},
    [OP_GETDEL] = {run_getdel, KEY},
    [OP_MSET] = {run_mset, KEY | VALUE | DENYOOM},
    [OP_APPEND] = {run_append, KEY | VALUE | DENYOOM},
    [OP_STRLEN] = {run_strlen, KEY},
    [OP_SETRANGE] = {run_setrange, KEY | NUMBER | VALUE | DENYOOM},
    [OP_INCR] = {run_incr, KEY | DENYOOM},
    [OP_DECR] = {run_incr, KEY | DENYOOM},
    [OP_INCRBY] = {run_incr, KEY | NUMBER | DENYOOM},
    [OP_DECRBY] = {run_incr, KEY | NUMBER | DENYOOM},
    [OP_DEL] = {run_del, KEY},
    [OP_UNLINK] = {run_del, KEY},
    [OP_EXISTS] = {run_exists, KEY},
    [OP_EXPIRE] = {run_expire, KEY | TIME | OPTIONS},
    [OP_PEXPIRE] = {run_expire, KEY | TIME | OPTIONS},
    [OP_EXPIREAT] = {run_expire, KEY | TIME | OPTIONS},
    [OP_PEXPIREAT] = {run_expire, KEY | TIME | OPTIONS},
    [OP_PERSIST] = {run_persist, KEY},
    [OP_TTL] = {run_ttl, KEY},
    [OP_PTTL] = {run_ttl, KEY},
    [OP_TYPE] = {run_type, KEY},
    [OP_TOUCH] = {run_exists, KEY},
    [OP_FLUSHALL] = {run_flush, 0},
    [OP_FLUSHDB] = {run_flush, 0},
    [OP_SELECT] = {run_select, NUMBER},
    [OP_PING] = {run_ping, 0},
    [OP_INFO] = {run_info, 0},
};

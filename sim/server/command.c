/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * command: what each command does to the keyspace, in the order in which the server does it.
 *
 *     arrive     the request passes through the query buffer; its arguments are allocated
 *     gate       evict_to_limit; if it fails, a command that may need memory is refused
 *     execute    one function per command below
 *     reply      through the reply buffer
 *
 * Source: processCommand, call (server.c), t_string.c, expire.c, db.c. */
#include "sim/server/redis.h"

#include "sim/server/string.h"

#include <stdbool.h>
#include <string.h>

enum {
    HISTOGRAM_BYTES = 24688, /* latency histogram of a command, allocated at its first call */
    FIRST_ERROR_BYTES = 32,  /* the counter of an error, allocated when it first occurs */
};

static const char oom_reply[] =
    "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/* A command's row, with what executing it says about the reply. */
struct call {
    struct redis *redis;
    enum op op;
    uint32_t id, key_len, value_len;
    uint16_t flags;
    uint8_t db;
    int64_t ttl_ms, number;
    uint64_t adopted;   /* block of a long value, see client_receive */
    uint64_t reply;     /* bytes */
    int64_t count;      /* of keys, for replies that count */
    bool failed;        /* an error reply */
    bool missed;        /* a read that the application would fill */
};

static void read_row(struct call *call, const struct batch *batch, uint32_t row)
{
    call->id = batch->id[row];
    call->key_len = batch->key_len[row];
    call->value_len = batch->value_len[row];
    call->flags = batch->flags[row];
    call->db = batch->db[row];
    call->ttl_ms = batch->ttl_ms[row];
    call->number = batch->number[row];
}

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

/* A lookup for writing: the hit is announced once it is known whether the value changes. */
static struct entry *lookup_write(struct call *call)
{
    return key_lookup(call->redis, call->id, LOOKUP_WRITE);
}

static void touched(struct call *call)
{
    policy_call(&call->redis->eviction, call->redis->eviction.policy->read, call->id);
}

static void written(struct call *call)
{
    policy_call(&call->redis->eviction, call->redis->eviction.policy->written, call->id);
}

/* A lookup for reading that replies with the value: GET and the commands that begin like it. */
static struct entry *get(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = key_lookup(redis, call->id, LOOKUP_READ);

    if (entry) {
        uint32_t length = entry_value_length(entry);

        reply_bulk(call, length);
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
    struct value value =
        value_of_argument(redis, call->value_len, is_integer, call->number, call->adopted);

    if (is_integer) {
        uint64_t text = string_object_bytes(redis->allocator, call->value_len);

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

/* For its replicas the server rewrites SET ... EX as SET key value PXAT ms, of which only the key, the
 * time and the vector itself are not shared objects. used_memory_peak sees it. */
static void rewrite_as_pxat(const struct call *call)
{
    const struct allocator *allocator = call->redis->allocator;

    call->redis->arguments = allocator_class(allocator, 5 * 8) +
                             string_object_bytes(allocator, call->key_len) +
                             allocator_class(allocator, ROBJ_BYTES);
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
    set_key(call, found, call->flags & REQUEST_KEEPTTL, &value);
    if (call->flags & REQUEST_TTL) {
        key_set_expire(call->redis, call->id, expire_at(call));
        rewrite_as_pxat(call);
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
    reply_integer(call, 1);
}

static void run_getset(struct call *call)
{
    struct value value;

    get(call);
    value = encode_argument(call);
    set_key(call, lookup_write(call) != NULL, false, &value);
}

static void run_mset(struct call *call)
{
    struct value value = encode_argument(call);

    set_key(call, lookup_write(call) != NULL, false, &value);
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
            key_delete(redis, call->id);
            redis->counters.deleted_keys++;
        } else {
            key_set_expire(redis, call->id, expire_at(call));
        }
    } else if (call->flags & REQUEST_PERSIST) {
        key_remove_expire(redis, call->id);
    }
}

static void run_getdel(struct call *call)
{
    if (!get(call))
        return;
    key_delete(call->redis, call->id);
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
        entry->capacity = (uint32_t)sds_capacity(
            allocator_class(redis->allocator, header + wanted + 1), header);
        redis->used += entry_value_bytes(redis, entry) - before;
    }
    if (length > entry->length)
        entry->length = (uint32_t)length;
}

static void run_append(struct call *call)
{
    struct entry *entry = lookup_write(call);
    struct value value;

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
    if (entry && entry->encoding == ENCODING_INT && (number < 0 || number >= SHARED_INTEGERS)) {
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

    key_expire_if_due(redis, call->id);
    if (entry_of(redis, call->id)->encoding != ENCODING_ABSENT) {
        key_delete(redis, call->id);
        redis->counters.deleted_keys++;
        call->count++;
    }
    if (!(call->flags & REQUEST_MORE))
        reply_integer(call, call->count);
}

static void run_exists(struct call *call)
{
    call->count += key_lookup(call->redis, call->id,
                              call->op == OP_TOUCH ? LOOKUP_READ : LOOKUP_NOTOUCH) != NULL;
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
        key_delete(redis, call->id);
        redis->counters.deleted_keys++;
    } else {
        key_set_expire(redis, call->id, when);
    }
    reply_integer(call, 1);
}

static void run_persist(struct call *call)
{
    bool found = lookup_write(call) != NULL;

    if (found)
        touched(call);
    reply_integer(call, found && key_remove_expire(call->redis, call->id));
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

enum arguments {
    KEY = 1 << 0,
    VALUE = 1 << 1,
    NUMBER = 1 << 2,   /* one more argument: increment, offset */
    TIME = 1 << 3,     /* one more argument: seconds or milliseconds, always there */
    OPTIONS = 1 << 4,  /* EX, PX, NX and so on, when there */
    DENYOOM = 1 << 5,  /* refused when the gate fails */
    KEYLESS_REPLY_ARRAY = 1 << 6,
};

static const struct {
    void (*run)(struct call *call);
    unsigned takes;
} commands[OP_COUNT] = {
    [OP_GET] = {run_get, KEY},
    [OP_MGET] = {run_get, KEY | KEYLESS_REPLY_ARRAY},
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

static bool is_denyoom(enum op op)
{
    return commands[op].takes & DENYOOM;
}

/* ---- arrival ---- */

/* Sums the arguments of a command, as they come over the wire and as they lie in memory. */
struct argument_list {
    const struct allocator *allocator;
    uint64_t count, memory;
    struct wire_request wire;
};

static void add_argument(struct argument_list *list, uint64_t length)
{
    uint64_t prefix = 1 + decimal_length((int64_t)length) + 2; /* $n\r\n */

    list->count++;
    list->memory += string_object_bytes(list->allocator, length);
    list->wire.bytes += prefix + length + 2;
    if (length > list->wire.long_argument) {
        list->wire.long_argument = length;
        list->wire.before_long = list->wire.bytes - length - 2;
    }
}

static void add_options(struct argument_list *list, const struct call *call, bool has_unit)
{
    uint16_t flags = call->flags;

    if (flags & REQUEST_TTL && has_unit) {
        add_argument(list, flags & REQUEST_ABSOLUTE ? 4 : 2); /* EXAT, EX */
        add_argument(list, decimal_length(flags & REQUEST_MILLIS ? call->ttl_ms
                                                                 : call->ttl_ms / 1000));
    }
    for (unsigned bit = REQUEST_NX; bit <= REQUEST_LT; bit <<= 1)
        if (flags & bit)
            add_argument(list, 2);
    if (flags & (REQUEST_KEEPTTL | REQUEST_PERSIST))
        add_argument(list, 7);
    if (flags & REQUEST_GET)
        add_argument(list, 3);
}

static void add_row(struct argument_list *list, const struct call *call)
{
    unsigned takes = commands[call->op].takes;

    if (takes & KEY)
        add_argument(list, call->key_len);
    if (takes & NUMBER)
        add_argument(list, decimal_length(call->number));
    if (takes & TIME)
        add_argument(list, decimal_length(call->flags & REQUEST_MILLIS ? call->ttl_ms
                                                                       : call->ttl_ms / 1000));
    if (takes & VALUE)
        add_argument(list, call->value_len);
    if (takes & OPTIONS)
        add_options(list, call, !(takes & TIME));
}

static struct argument_list begin_arguments(const struct redis *redis, enum op op)
{
    struct argument_list list = {.allocator = redis->allocator};

    add_argument(&list, strlen(op_name(op)));
    return list;
}

/* The request has been read and parsed. Long values move the query buffer's block (adopted). */
static uint64_t receive(struct redis *redis, struct argument_list *list)
{
    uint64_t adopted;

    list->wire.bytes += 1 + decimal_length((int64_t)list->count) + 2; /* *n\r\n */
    list->wire.before_long += 1 + decimal_length((int64_t)list->count) + 2;
    adopted = client_receive(&redis->client, &list->wire);
    if (adopted)
        list->memory += adopted - sds_bytes(redis->allocator, list->wire.long_argument);
    redis->arguments = list->memory + allocator_class(redis->allocator, 8 * list->count);
    return adopted;
}

/* ---- the turn ---- */

static void first_error(struct redis *redis, bool *seen)
{
    if (!*seen)
        redis->used += FIRST_ERROR_BYTES;
    *seen = true;
}

static void called(struct redis *redis, enum op op)
{
    if (!(redis->commands_called >> op & 1))
        redis->used += HISTOGRAM_BYTES;
    redis->commands_called |= UINT64_C(1) << op;
}

/* The reply is queued, the arguments are freed. The peak is noted before that (by call) unless the command
 * was refused, and again before the reply's blocks go (by beforeSleep). */
static void end_of_command(struct redis *redis, uint64_t reply, bool was_called)
{
    uint64_t blocks = client_reply(&redis->client, reply);
    uint64_t used = redis->used + blocks + (was_called ? redis->arguments : 0);

    redis->arguments = 0;
    redis->client.last_interaction_s = redis->cached_unix_s;
    if (redis->counters.used_memory_peak < used)
        redis->counters.used_memory_peak = used;
}

/* Refuses the command. */
static void refuse(struct redis *redis)
{
    redis->counters.oom_rejections++;
    first_error(redis, &redis->oom_seen);
    end_of_command(redis, sizeof oom_reply - 1, false);
}

static bool passes_gate(struct redis *redis, enum op op)
{
    return evict_to_limit(redis) != EVICT_FAIL || !is_denyoom(op);
}

static void finish_call(struct call *call)
{
    if (call->failed) {
        call->redis->counters.command_errors++;
        first_error(call->redis, &call->redis->error_seen);
    }
    called(call->redis, call->op);
    end_of_command(call->redis, call->reply, true);
}

static bool growth_is_due(const struct dict *dict)
{
    return dict->used[0] >= dict->size[0] && !dict_is_rehashing(dict);
}

/* True when the arguments can be left uncounted: they change neither the gate nor the buffers, and no
 * table is about to ask whether it may grow. Counting them is a tenth of a request's time. */
static bool arguments_do_not_matter(const struct redis *redis, const struct call *call)
{
    const struct database *database = &redis->databases[call->db];
    uint64_t most = (call->value_len == VALUE_UNKNOWN ? 0 : (uint64_t)call->value_len) * 5 / 4 +
                    (uint64_t)call->key_len * 5 / 4 + 1024;

    return client_request_is_small(&redis->client, most) &&
           (!redis->maxmemory ||
            (redis->used + most <= redis->maxmemory && !growth_is_due(&database->keys) &&
             !growth_is_due(&database->expires)));
}

static uint64_t arrive(struct redis *redis, struct call *call, const struct batch *batch,
                       uint32_t first, uint32_t rows)
{
    struct argument_list list;

    redis->arguments = 0;
    if (rows == 1 && arguments_do_not_matter(redis, call))
        return 0;
    list = begin_arguments(redis, call->op);
    for (uint32_t row = first; row < first + rows; row++) {
        read_row(call, batch, row);
        add_row(&list, call);
    }
    return receive(redis, &list);
}

/* A key's database is fixed with its id; what the entry says matters once the key exists. */
static void enter_database(struct redis *redis, const struct call *call)
{
    if (call->db >= redis->database_count)
        redis->eviction.database_count = redis->database_count = call->db + 1;
    if (commands[call->op].takes & KEY)
        entry_of(redis, call->id)->db = call->db;
}

void command_execute(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct call call = {.redis = redis, .op = (enum op)batch->op[first]};
    uint64_t adopted;

    read_row(&call, batch, first);
    adopted = arrive(redis, &call, batch, first, rows);
    redis->counters.requests++;
    redis->counters.writes += is_denyoom(call.op);
    redis->missed_count = 0;
    if (!passes_gate(redis, call.op)) {
        refuse(redis);
        return;
    }
    redis->cached_unix_s = redis->unix_ms / 1000;
    if (commands[call.op].takes & KEYLESS_REPLY_ARRAY)
        call.reply = 1 + decimal_length(rows) + 2;
    for (uint32_t row = first; row < first + rows; row++) {
        read_row(&call, batch, row);
        enter_database(redis, &call);
        call.adopted = call.value_len >= 32768 ? adopted : 0;
        call.missed = false;
        commands[call.op].run(&call);
        if (call.missed)
            redis->missed_rows[redis->missed_count++] = row;
    }
    finish_call(&call);
}

void command_fill(struct redis *redis, const struct batch *batch, uint32_t row)
{
    struct call call = {.redis = redis, .op = OP_SET};
    struct argument_list list;

    read_row(&call, batch, row);
    call.flags &= REQUEST_TTL | REQUEST_MILLIS | REQUEST_ABSOLUTE;
    list = begin_arguments(redis, OP_SET);
    add_row(&list, &call);
    call.adopted = receive(redis, &list);
    redis->counters.writes++;
    redis->counters.fills++;
    if (!passes_gate(redis, OP_SET)) {
        refuse(redis);
        return;
    }
    run_set(&call);
    finish_call(&call);
}

uint64_t command_info(struct redis *redis)
{
    struct call call = {.redis = redis, .op = OP_INFO};
    struct argument_list list = begin_arguments(redis, OP_INFO);
    uint64_t printed;

    receive(redis, &list);
    redis->cached_unix_s = redis->unix_ms / 1000;
    evict_to_limit(redis);
    run_info(&call);
    printed = redis->used + redis->profile->info_bytes;
    finish_call(&call);
    return printed;
}

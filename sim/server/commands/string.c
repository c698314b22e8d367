/* SPDX-License-Identifier: GPL-3.0-or-later */
/* string: the commands on strings. Each does its lookups, insertions and deletions in the server's order, because each
 * of them may move a bucket of a table that is being rehashed.
 *
 * Source: t_string.c of Redis 7.0.15. The profile has the rules of other servers. */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/decimal.h"
#include "sim/server/commands/string_compare.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/hyperloglog.h"
#include "sim/server/values/room.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/sds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Replies with the value. A large value may be referred to (payloadHeader and bulkStrRef) instead of copied. */
static void reply_value(struct call *call, const struct entry *entry, uint32_t length)
{
    const struct server_profile *profile = call->redis->profile;
    uint32_t from = profile->copy_avoided_from;

    if (from && length >= from && entry->encoding == ENCODING_RAW &&
        (profile->refers_at_start || !(call->flags & REQUEST_GET))) {
        call->reply += profile->reference_bytes;
        call->referred += length;
        call->reply_way = profile->refers_at_start && call->op == OP_MGET ? REPLY_IN_BLOCKS : REPLY_REFERS;
    } else {
        call_reply_bulk(call, length);
    }
}

/* Looks the key up and replies with its value: GET, and the commands that begin as it does. */
static struct entry *get(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = key_lookup(redis, call->id, LOOKUP_READ);

    if (entry && !entry_is_string(entry)) {
        if (call->op == OP_MGET)
            call_reply_nil(call);
        else
            call_is_wrong_type(call, entry);
        return NULL;
    }
    if (entry) {
        uint32_t length = entry_value_length(entry);

        reply_value(call, entry, length);
        redis->counters.read_bytes += length;
        redis->counters.hit_bytes += length;
    } else {
        call_reply_nil(call);
        call->missed = command_table[call->op].fills;
        redis->counters.read_bytes += call->value_len == VALUE_UNKNOWN ? 0 : call->value_len;
    }
    return entry;
}

/* The value argument after tryObjectEncoding, which replaces a text by an integer if it can. */
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

/* The key has been set to the argument. */
static inline void note_text(const struct call *call)
{
    struct decimal text = {0};

    if (call->flags & REQUEST_DECIMAL)
        text = (struct decimal){.value = call_decimal(call), .known = true, .digest = decimal_mark_of(call->second)};
    else if (__builtin_expect(call->number != 0, 0) && !(call->flags & REQUEST_INTEGER))
        text.digest = (uint64_t)call->number;
    else
        return;
    keyspace_note_text(call->redis, call->id, text);
}

/* As setKey after its lookup: removes the old ttl unless keep_ttl. */
static void set_key(struct call *call, bool found, bool keep_ttl, const struct value *value)
{
    if (found) {
        call_written(call);
        key_overwrite(call->redis, call->id, value, !keep_ttl);
    } else {
        key_add(call->redis, call->id, call->db, call->key_len, value);
    }
    note_text(call);
    if (!keep_ttl)
        key_remove_expire(call->redis, call->id);
}

/* A key that the command has set before: it was about to be added. */
static void update_key(struct call *call, const struct value *value)
{
    call_written(call);
    key_add_or_overwrite(call->redis, call->id, value, true);
    note_text(call);
    key_remove_expire(call->redis, call->id);
}

/* Rewrites to SET key value PXAT ms, whose time is a new object. Some servers exchange only the last two arguments of
 * SET key value EX seconds and the name, which then is a new object as well. */
static void rewrite_as_pxat(struct call *call)
{
    const struct redis *redis = call->redis;
    const uint16_t options = REQUEST_NX | REQUEST_XX | REQUEST_KEEPTTL | REQUEST_GET;
    bool says_pxat = call->flags & REQUEST_ABSOLUTE && call->flags & REQUEST_MILLIS;
    bool in_place = redis->profile->pxat_rewrite == REWRITE_IN_PLACE && call->op == OP_SET &&
                    !(call->flags & options) && !call->elements;

    if (redis->profile->pxat_rewrite != REWRITE_ALWAYS && says_pxat) {
        call_propagate(call);
        return;
    }
    if (call->elements && replication_is_on(&redis->replication))
        call_propagate_elements(call, OP_SET, xcalloc(1, sizeof(struct element)), 0);
    call_propagate_as(call, OP_SET, REQUEST_TTL | REQUEST_ABSOLUTE | REQUEST_MILLIS, call_expire_at(call));
    if (redis->profile->pxat_rewrite == REWRITE_TIME && call->op == OP_SET && !(call->flags & options) &&
        !call->elements)
        call_extend(call, 5, allocator_class(redis->allocator, ROBJ_BYTES));
    else
        call_rewrite(call, 5,
                     allocator_class(redis->allocator, ROBJ_BYTES) +
                         (in_place ? argument_bytes(redis, strlen("SET")) : 0));
}

/* Rewrites SET key value [NX|XX] [KEEPTTL] GET without its GET. */
static void rewrite_without_get(const struct call *call)
{
    struct redis *redis = call->redis;
    const uint16_t options = REQUEST_NX | REQUEST_XX | REQUEST_KEEPTTL;
    uint64_t left = 3 + (uint64_t)__builtin_popcount(call->flags & options) + 2 * (uint64_t)call->elements;
    uint64_t goes = argument_bytes(redis, strlen("GET"));

    if (!redis->profile->keeps_vector)
        goes += allocator_class(redis->allocator, 8 * (left + 1));
    redis->arguments -= goes < redis->arguments ? goes : redis->arguments;
    redis->arguments += client_rewrite_vector(&redis->client, left);
}

/* ---- commands ---- */

void run_get(struct call *call)
{
    get(call);
}

static bool stores_until(const struct call *call)
{
    return call->ttl_ms > 0 && call_ttl_is_representable(call);
}

/* Redis takes IFEQ, and NX or XX, behind another IFEQ; the last IFEQ counts. It knows other conditions. */
static bool compares_wrongly(const struct call *call)
{
    const struct server_profile *profile = call->redis->profile;

    if (!call->elements || (profile->set_compares && profile->last_comparison_counts && profile->compares_digests))
        return false;
    if (!profile->compares_digests && call_elements(call)->flags & (ELEMENT_DIFFERS | ELEMENT_DIGEST))
        return true;
    if (profile->set_compares && profile->last_comparison_counts)
        return false;
    return !profile->set_compares || call->elements > 1 || call->flags & (REQUEST_NX | REQUEST_XX);
}

void run_set(struct call *call)
{
    struct value value;
    bool found, may_set;

    if (compares_wrongly(call)) {
        call_reply_error(call);
        return;
    }
    value = encode_argument(call);
    if (call->flags & REQUEST_TTL && !stores_until(call)) {
        call_reply_error(call);
        return;
    }
    if (call->flags & REQUEST_GET)
        get(call);
    if (call->failed)
        return;
    found = call_lookup_write(call) != NULL;
    may_set = !(call->flags & REQUEST_NX && found) && !(call->flags & REQUEST_XX && !found);
    if (may_set && call->elements && found) {
        if (call->redis->profile->compares_by_reading)
            key_lookup(call->redis, call->id, LOOKUP_READ);
        if (!entry_is_string(entry_of(call->redis, call->id))) {
            call_touched(call);
            call_reply_wrong_type(call);
            return;
        }
    }
    if (!may_set || (call->elements && !string_meets_condition(call, found))) {
        if (found)
            call_touched(call);
        if (!(call->flags & REQUEST_GET) && !call->failed)
            call_reply_nil(call);
        return;
    }
    if (call->flags & REQUEST_TTL && call_expire_at(call) <= call->redis->unix_ms &&
        call->redis->profile->past_ttl != PAST_TTL_STORED) {
        if (found)
            call_delete_as_past(call);
        if (!(call->flags & REQUEST_GET))
            call_reply_ok(call);
        return;
    }
    set_key(call, found,
            call->flags & REQUEST_KEEPTTL || (call->flags & REQUEST_TTL && call->redis->profile->set_keeps_ttl_entry),
            &value);
    if (call->flags & REQUEST_TTL) {
        key_set_expire(call->redis, call->id, call_expire_at(call));
        rewrite_as_pxat(call);
    } else {
        if (call->flags & REQUEST_GET)
            rewrite_without_get(call);
        call_propagate_as(call, call->op, call->flags & (unsigned)~REQUEST_GET, 0);
    }
    if (!(call->flags & REQUEST_GET))
        call_reply_ok(call);
}

void run_setnx(struct call *call)
{
    struct value value = encode_argument(call);

    if (call_lookup_write(call)) {
        call_touched(call);
        call_reply_integer(call, 0);
        return;
    }
    set_key(call, false, false, &value);
    call_propagate(call);
    call_reply_integer(call, 1);
}

/* The search, and the command, end at the first key that exists. */
static bool any_exists(struct call *call)
{
    for (uint32_t row = call->row;; row++) {
        uint32_t id = call->batch->id[row];

        if (key_lookup(call->redis, id, LOOKUP_WRITE)) {
            call_touched_key(call, id);
            return true;
        }
        if (!(call->batch->flags[row] & REQUEST_MORE))
            return false;
    }
}

/* All keys are looked up before the first is set. call->count is 1 if one exists. */
void run_msetnx(struct call *call)
{
    bool is_first = !call->row || !(call->batch->flags[call->row - 1] & REQUEST_MORE);

    if (is_first && any_exists(call))
        call->count = 1;
    if (!call->count) {
        struct value value = encode_argument(call);

        if (call->redis->profile->msetnx_adds_or_updates &&
            entry_of(call->redis, call->id)->encoding != ENCODING_ABSENT)
            update_key(call, &value);
        else
            set_key(call, call_lookup_write(call) != NULL, false, &value);
        call_propagate(call);
    }
    if (!(call->flags & REQUEST_MORE))
        call_reply_integer(call, !call->count);
}

void run_getset(struct call *call)
{
    struct value value;

    get(call);
    if (call->failed)
        return;
    value = encode_argument(call);
    set_key(call, call_lookup_write(call) != NULL, false, &value);
    call_propagate_as(call, OP_SET, 0, 0);
}

/* Whether the same command has stored a value under the key before. */
static bool is_named_twice(const struct call *call)
{
    for (uint32_t row = call->row; row && call->batch->flags[row - 1] & REQUEST_MORE; row--)
        if (call->batch->id[row - 1] == call->id)
            return true;
    return false;
}

void run_mset(struct call *call)
{
    struct value value = encode_argument(call);

    /* Only a field for a ttl, which a new object would not have, makes a difference. */
    if (has_objects(call->redis) && entry_of(call->redis, call->id)->has_ttl_field)
        value.needs_object |= is_named_twice(call);
    set_key(call, call_lookup_write(call) != NULL, false, &value);
    call_propagate(call);
    if (!(call->flags & REQUEST_MORE))
        call_reply_ok(call);
}

/* Whether a key is there that NX does not want, or one is not that XX wants. The search ends with it. */
static bool any_is_unwanted(struct call *call)
{
    bool wants_none = call->flags & REQUEST_NX;

    for (uint32_t row = call->row;; row++) {
        uint32_t id = call->batch->id[row];
        bool exists = key_lookup(call->redis, id, LOOKUP_WRITE) != NULL;

        if (exists)
            call_touched_key(call, id);
        if (exists == wants_none)
            return true;
        if (!(call->batch->flags[row] & REQUEST_MORE))
            return false;
    }
}

/* Sets a key of MSETEX. */
static void set_with_options(struct call *call)
{
    struct redis *redis = call->redis;
    bool times = call->flags & REQUEST_TTL;
    struct value value = encode_argument(call);

    if (has_objects(redis) && entry_of(redis, call->id)->has_ttl_field)
        value.needs_object |= is_named_twice(call);
    set_key(call, call_lookup_write(call) != NULL,
            call->flags & REQUEST_KEEPTTL || (times && redis->profile->set_keeps_ttl_entry), &value);
    if (times)
        key_set_expire(redis, call->id, call_expire_at(call));
}

/* All keys are looked up before the first is set. call->count is 1 if none is set. */
void run_msetex(struct call *call)
{
    bool is_first = !call->row || !(call->batch->flags[call->row - 1] & REQUEST_MORE);

    if (call->failed)
        return;
    if (call->flags & REQUEST_TTL && !stores_until(call)) {
        call_reply_error(call);
        return;
    }
    if (is_first && call->flags & (REQUEST_NX | REQUEST_XX) && any_is_unwanted(call))
        call->count = 1;
    if (!call->count) {
        set_with_options(call);
        if (call->flags & REQUEST_TTL)
            call_propagate_as(call, OP_MSETEX,
                              REQUEST_ABSOLUTE | REQUEST_MILLIS |
                                  (call->flags & (REQUEST_TTL | REQUEST_NX | REQUEST_XX)),
                              call_expire_at(call));
        else
            call_propagate(call);
    }
    if (!(call->flags & REQUEST_MORE))
        call_reply_integer(call, !call->count);
}

/* The key gets its ttl while the reply refers to its value, which the server then cannot move to an object with room for a
 * ttl: it copies the string, and nothing of the copy is free (objectSetKeyAndExpire). */
static void set_expire_while_sent(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = entry_of(redis, call->id);
    bool is_copied = call->reply_way == REPLY_REFERS && !entry->has_ttl_field && entry->encoding == ENCODING_RAW;

    if (is_copied) {
        keyspace_string_grew(redis, entry, 0 - entry_value_bytes(redis, entry));
        entry->capacity = capacity_of_new(redis, entry->length);
        entry->has_wide_header = false;
        keyspace_string_grew(redis, entry, entry_value_bytes(redis, entry));
    }
    key_set_expire(redis, call->id, call_expire_at(call));
}

void run_getex(struct call *call)
{
    struct redis *redis = call->redis;
    bool is_invalid = call->flags & REQUEST_TTL && !stores_until(call);

    if (is_invalid && redis->profile->getex_times_first) {
        call_reply_error(call);
        return;
    }
    if (!get(call))
        return;
    if (is_invalid) {
        call_reply_error(call);
    } else if (call->flags & REQUEST_TTL) {
        if (call->flags & REQUEST_ABSOLUTE && call->ttl_ms <= redis->unix_ms) {
            call_delete_as_past(call);
        } else {
            set_expire_while_sent(call);
            call_propagate_as(call, OP_PEXPIREAT, REQUEST_ABSOLUTE | REQUEST_MILLIS, call_expire_at(call));
            call_rewrite_as_pexpireat(call);
        }
    } else if (call->flags & REQUEST_PERSIST && key_remove_expire(redis, call->id)) {
        call_propagate_as(call, OP_PERSIST, 0, 0);
        call_rewrite_as_name_and_key(call);
    }
}

void run_getdel(struct call *call)
{
    if (!get(call))
        return;
    key_delete(call->redis, call->id);
    call_propagate_deletion(call, false);
    call_rewrite_as_name_and_key(call);
    call->redis->counters.deleted_keys++;
}

/* Whether the entry, which was looked up for writing, has another type. The lookup counts as a use, and the command
 * ends with an error. */
static bool is_other_type(struct call *call, const struct entry *entry)
{
    if (!call_is_wrong_type(call, entry))
        return false;
    call_touched(call);
    return true;
}

/* Makes the value a raw string that can grow in place (dbUnshareStringValue). */
static void unshare(struct call *call, struct entry *entry)
{
    struct value raw;

    if (entry->encoding == ENCODING_RAW)
        return;
    if (entry->encoding == ENCODING_HLL) {
        hll_become_string(entry);
        return;
    }
    raw = call_allocated(call, value_of_raw(call->redis, entry_value_length(entry)));
    key_overwrite(call->redis, call->id, &raw, false);
}

/* As sdsMakeRoomFor with greedy growth: twice the needed length, or a megabyte more than it. */
static void grow_value(struct redis *redis, struct entry *entry, uint64_t length)
{
    uint64_t before, wanted = length < SDS_MAX_PREALLOC ? 2 * length : length + SDS_MAX_PREALLOC;
    uint32_t header = sds_growing_header(wanted);

    if (length > entry->capacity) {
        before = entry_value_bytes(redis, entry);
        entry->capacity = room_of_block(redis, allocator_class(redis->allocator, header + wanted + 1), header);
        entry->has_wide_header = false;
        keyspace_string_grew(redis, entry, entry_value_bytes(redis, entry) - before);
    }
    if (length > entry->length) {
        entry->length = (uint32_t)length;
        entry->has_wide_header |= entry->capacity <= sds_type_max(1); /* the header of 1 byte cannot say what is free */
    }
}

/* A string may be as long as an argument. The model's lengths have 32 bits. */
static uint64_t longest_string(const struct call *call)
{
    uint64_t most = call->redis->config.proto_max_bulk_len;

    return most < UINT32_MAX / 2 ? most : UINT32_MAX / 2;
}

/* As checkStringLength: an error if the value would become too long. The lookup counts as a use. */
static bool is_too_long(struct call *call, const struct entry *entry, uint64_t length)
{
    if (length <= longest_string(call))
        return false;
    if (entry)
        call_touched(call);
    call_reply_error(call);
    return true;
}

/* The value as a number, if it is known. */
static bool value_as_decimal(const struct redis *redis, uint32_t id, long double *value)
{
    const struct entry *entry = entry_of(redis, id);

    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED) {
        *value = (long double)entry->number;
        return true;
    }
    if (!redis->decimals || !redis->decimals[id].known)
        return false;
    *value = redis->decimals[id].value;
    return true;
}

/* The value as an integer, if it is known. The text of a computed decimal may be an integer. */
static bool value_as_integer(const struct redis *redis, uint32_t id, int64_t *number)
{
    const struct entry *entry = entry_of(redis, id);
    long double value;

    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED) {
        *number = entry->number;
        return true;
    }
    if (!value_as_decimal(redis, id, &value) || !redis->decimals[id].computed || value != floorl(value) ||
        fabsl(value) >= 0x1p63L)
        return false;
    *number = (int64_t)value;
    return true;
}

/* What is known of the value's text: of an integer, as if it had been computed. */
static struct decimal known_text(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);

    if (entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED)
        return (struct decimal){.value = (long double)entry->number, .known = true, .computed = true};
    return redis->decimals ? redis->decimals[id] : (struct decimal){0};
}

void run_append(struct call *call)
{
    struct entry *entry = call_lookup_write(call);
    struct value value;
    struct decimal text;

    if (is_other_type(call, entry))
        return;
    if (entry && is_too_long(call, entry, (uint64_t)entry_value_length(entry) + call->value_len))
        return;
    call_propagate(call);
    if (!entry) {
        value = encode_argument(call);
        key_add(call->redis, call->id, call->db, call->key_len, &value);
        note_text(call);
        call_reply_integer(call, call->value_len);
        return;
    }
    call_written(call);
    text = known_text(call->redis, call->id);
    unshare(call, entry);
    grow_value(call->redis, entry, (uint64_t)entry->length + call->value_len);
    if (call->value_len)
        keyspace_forget_decimal(call->redis, call->id);
    else if (text.known || text.digest) /* an empty text was appended */
        keyspace_note_text(call->redis, call->id, text);
    call_reply_integer(call, entry->length);
}

/* Makes the value at least `length` bytes long. */
static struct entry *extend(struct call *call, struct entry *entry, uint64_t length)
{
    struct value value;

    if (!entry) {
        value = call_allocated(call, value_of_raw(call->redis, (uint32_t)length));
        key_add(call->redis, call->id, call->db, call->key_len, &value);
        return entry_of(call->redis, call->id);
    }
    call_written(call);
    unshare(call, entry);
    grow_value(call->redis, entry, length);
    keyspace_forget_decimal(call->redis, call->id);
    return entry;
}

void run_setrange(struct call *call)
{
    struct entry *entry = NULL;
    uint64_t length = (uint64_t)call->number + call->value_len;

    if (call->number < 0) {
        call_reply_error(call);
        return;
    }
    entry = call_lookup_write(call);
    if (is_other_type(call, entry))
        return;
    if (!call->value_len) {
        if (entry)
            call_written(call);
        call_reply_integer(call, entry ? entry_value_length(entry) : 0);
        return;
    }
    if (is_too_long(call, entry, length))
        return;
    call_propagate(call);
    entry = extend(call, entry, length);
    call_reply_integer(call, entry_value_length(entry));
}

/* As getBitOffsetFromArgument: an error if no string can have this bit. */
static bool is_no_bit(struct call *call)
{
    if (call->number >= 0 && (uint64_t)call->number >> 3 < longest_string(call))
        return false;
    call_reply_error(call);
    return true;
}

void run_setbit(struct call *call)
{
    struct entry *entry;

    if (is_no_bit(call))
        return;
    entry = call_lookup_write(call);
    if (is_other_type(call, entry))
        return;
    extend(call, entry, (uint64_t)call->number / 8 + 1);
    call_propagate(call);
    call_reply_integer(call, 0);
}

/* Replies with an integer for each field. A field has at least three words. */
static void reply_fields(struct call *call)
{
    call_reply_array(call, call->elements / 3);
    for (uint32_t i = 0; i < call->elements / 3; i++)
        call_reply_integer(call, 0);
}

/* BITFIELD, BITFIELD_RO. The number is the last bit that is written, or -1. */
void run_bitfield(struct call *call)
{
    struct entry *entry;

    if (call->number < 0) {
        if (!call_is_wrong_type(call, key_lookup(call->redis, call->id, LOOKUP_READ)))
            reply_fields(call);
        return;
    }
    if (is_no_bit(call))
        return;
    entry = call_lookup_write(call);
    if (is_other_type(call, entry))
        return;
    extend(call, entry, (uint64_t)call->number / 8 + 1);
    call_propagate(call);
    reply_fields(call);
}

void run_getbit(struct call *call)
{
    if (is_no_bit(call))
        return;
    if (!call_is_wrong_type(call, key_lookup(call->redis, call->id, LOOKUP_READ)))
        call_reply_integer(call, 0);
}

/* The range from `number` to `second`, both included. Negative ends count from the end. */
void run_getrange(struct call *call)
{
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);
    int64_t length, start = call->number, end = call->second;

    if (call_is_wrong_type(call, entry))
        return;
    length = entry ? entry_value_length(entry) : 0;
    if (start < 0 && end < 0 && start > end) {
        call_reply_bulk(call, 0);
        return;
    }
    start = start < 0 ? start + length : start;
    end = end < 0 ? end + length : end;
    start = start < 0 ? 0 : start;
    end = end < 0 ? 0 : end >= length ? length - 1 : end;
    call_reply_bulk(call, start > end || !length ? 0 : (uint32_t)(end - start + 1));
}

/* The texts are not known, so the reply is assumed to have the greatest possible length. The algorithm's table is freed
 * before the command ends, but it counts in used_memory_peak. */
void run_lcs(struct call *call)
{
    struct redis *redis = call->redis;
    const struct entry *entry = key_lookup(redis, call->id, LOOKUP_READ);
    uint64_t length = entry && entry_is_string(entry) ? entry_value_length(entry) : 0, other, bytes, table;

    if (call->failed || call_is_wrong_type(call, entry))
        return;
    if (call->flags & REQUEST_MORE) {
        call->count = (int64_t)length;
        return;
    }
    other = (uint64_t)call->count;
    bytes = (length + 1) * (other + 1) * sizeof(uint32_t);
    if (bytes > redis->config.proto_max_bulk_len) {
        call_reply_error(call);
        return;
    }
    table = redis->used + redis->arguments + allocator_class(redis->allocator, bytes);
    memory_peak_called(&redis->peak, table);
    length = length < other ? length : other;
    if (call->flags & REQUEST_LEN)
        call_reply_integer(call, (int64_t)length);
    else
        call_reply_bulk(call, (uint32_t)length);
}

void run_strlen(struct call *call)
{
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);

    if (!call_is_wrong_type(call, entry))
        call_reply_integer(call, entry ? entry_value_length(entry) : 0);
}

void run_incr(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = call_lookup_write(call);
    int64_t by = call->op == OP_INCR ? 1 : call->op == OP_DECR ? -1 : call->number;
    int64_t number = 0;
    struct value value;

    if (is_other_type(call, entry))
        return;
    if (entry)
        call_written(call);
    if ((call->op == OP_DECRBY && __builtin_sub_overflow(0, by, &by)) ||
        (entry && !value_as_integer(redis, call->id, &number)) || __builtin_add_overflow(number, by, &number)) {
        call_reply_error(call);
        return;
    }
    call_propagate(call);
    if (entry && entry->encoding == ENCODING_INT && (has_objects(redis) || number < 0 || number >= SHARED_INTEGERS)) {
        entry->number = number;
    } else {
        value = call_allocated(call, value_of_integer(redis, number));
        if (entry)
            key_overwrite(redis, call->id, &value, false);
        else
            key_add(redis, call->id, call->db, call->key_len, &value);
    }
    call_reply_integer(call, number);
}

/* ---- decimal numbers ---- */

void run_incrbyfloat(struct call *call)
{
    struct redis *redis = call->redis;
    struct entry *entry = call_lookup_write(call);
    long double number = 0;
    struct value value;

    if (is_other_type(call, entry))
        return;
    if (entry) {
        call_written(call);
        if (!value_as_decimal(redis, call->id, &number)) {
            call_reply_error(call);
            return;
        }
    }
    number = decimal_sum(number, call_decimal(call));
    if (!isfinite(number)) {
        call_reply_error(call);
        return;
    }
    value = call_allocated(call, value_of_argument(redis, decimal_written(number, &number), false, 0, 0));
    if (entry)
        key_overwrite(redis, call->id, &value, false);
    else
        key_add(redis, call->id, call->db, call->key_len, &value);
    keyspace_note_text(redis, call->id, (struct decimal){.value = number, .known = true, .computed = true});
    call_propagate_as(call, OP_SET, REQUEST_KEEPTTL, 0);
    call->sent_value_len = value.length;
    call_extend(call, 4, value.bytes);
    call_reply_bulk(call, value.length);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/call.h"

#include "sim/decimal.h"

#include "sim/hooks.h"
#include "sim/server/blessing.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/sds.h"
#include "sim/server/values/resp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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
    call->reply += resp_bulk_bytes(length);
}

void call_reply_array(struct call *call, uint64_t count)
{
    call->reply += resp_header_bytes(count);
}

void call_reply_array_deferred(struct call *call, uint64_t count)
{
    call_reply_array(call, count);
    call->reply_way = REPLY_IN_BLOCKS;
}

void call_reply_draws(struct call *call, uint64_t count, call_draw_fn *draw, void *owner)
{
    const uint64_t before = call->reply, drawn = count < CALL_DRAWS ? count : CALL_DRAWS, most = UINT64_C(1) << 50;
    double others;

    for (uint64_t i = 0; i < drawn; i++)
        draw(call, owner);
    if (count == drawn)
        return;
    others = (double)(call->reply - before) / CALL_DRAWS * (double)(count - drawn);
    call->reply += others < (double)most ? (uint64_t)others : most;
}

void call_reply_error(struct call *call)
{
    call->reply += 48; /* the length of a typical error message */
    call->failed = true;
}

void call_reply_error_of(struct call *call, enum error_kind kind)
{
    call_reply_error(call);
    call->error = kind;
}

void call_reply_wrong_type(struct call *call)
{
    call->reply += strlen("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
    call->failed = true;
    call->error = ERROR_OF_WRONGTYPE;
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

void call_propagate_apart(struct call *call, uint64_t arguments, uint64_t bytes)
{
    call->propagates = call->sent_apart = true;
    if (replication_is_on(&call->redis->replication))
        replication_command_later(&call->redis->replication, resp_header_bytes(arguments) + bytes);
}

void call_propagate_deletion(struct call *call, bool lazily)
{
    call_propagate_as(call, lazily ? OP_UNLINK : OP_DEL, 0, 0);
}

void call_propagate_elements(struct call *call, enum op op, struct element *elements, uint32_t count)
{
    call_propagate_as(call, op, 0, 0);
    call->sent_elements = elements;
    call->sent_element_count = count;
}

struct entry *call_lookup_write(struct call *call)
{
    return key_lookup(call->redis, call->id, LOOKUP_WRITE);
}

bool call_is_wrong_type(struct call *call, const struct entry *entry)
{
    if (!entry || encodings[entry->encoding].type == command_table[call->op].type)
        return false;
    if (command_table[call->op].type == TYPE_STRING && entry_is_string(entry))
        return false; /* a HyperLogLog is a string */
    call_reply_wrong_type(call);
    return true;
}

struct entry *call_lookup_typed(struct call *call)
{
    struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);

    return call_is_wrong_type(call, entry) ? NULL : entry;
}

struct entry *call_lookup_typed_write(struct call *call)
{
    struct entry *entry = call_lookup_write(call);

    if (!call_is_wrong_type(call, entry))
        return entry;
    call_touched(call);
    return NULL;
}

struct entry *call_lookup_first_write(struct call *call)
{
    uint32_t last = call->row;
    struct entry *entry = NULL;

    for (uint32_t row = call_first_row(call); row <= last && !entry && !call->failed; row++) {
        call_turn_to(call, row);
        entry = call_lookup_typed_write(call);
    }
    return entry;
}

const struct element *call_elements(const struct call *call)
{
    return &call->batch->list[call->first_element];
}

const struct element *call_option(const struct call *call, enum word word)
{
    const struct element *elements = call_elements(call);

    for (uint32_t i = 0; i < call->elements; i++)
        if (elements[i].flags & ELEMENT_WORD && elements[i].number == word)
            return &elements[i];
    return NULL;
}

struct entry *call_create(struct call *call, const struct value *value)
{
    key_create(call->redis, call->id, call->db, call->key_len, value);
    call->created = true;
    return entry_of(call->redis, call->id);
}

/* Whether this ends the making of a new key. */
static bool ends_creation(struct call *call, uint32_t id)
{
    if (!call->created || id != call->id)
        return false;
    call->created = false;
    policy_added(&call->redis->eviction, id);
    return true;
}

bool call_is_invalid(const struct call *call)
{
    const struct element *elements = call_elements(call);

    for (uint32_t i = 0; i < call->elements; i++)
        if (elements[i].flags & ELEMENT_INVALID)
            return true;
    return false;
}

void call_touched_key(struct call *call, uint32_t id)
{
    if (!ends_creation(call, id))
        key_note_read(call->redis, id);
}

void call_touched(struct call *call)
{
    call_touched_key(call, call->id);
}

void call_written_key(struct call *call, uint32_t id)
{
    if (!ends_creation(call, id) && keyspace_notes_writes(call->redis))
        key_tell_written(call->redis, id);
}

void call_written(struct call *call)
{
    call_written_key(call, call->id);
}

void call_turn_to(struct call *call, uint32_t row)
{
    call->id = call->batch->id[row];
    call->key_len = call->batch->key_len[row];
    call->row = row;
}

void call_set_key(struct call *call, const struct value *value)
{
    if (call_lookup_write(call)) {
        call_written(call);
        key_overwrite(call->redis, call->id, value, true);
    } else {
        key_add(call->redis, call->id, call->db, call->key_len, value);
    }
    key_remove_expire(call->redis, call->id);
}

long double call_decimal(const struct call *call)
{
    return decimal_value(call->number, call->second);
}

uint32_t call_decimal_length(long double number)
{
    long double again;

    return decimal_written(number, &again);
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

void call_extend(const struct call *call, uint64_t count, uint64_t bytes)
{
    struct redis *redis = call->redis;

    redis->arguments = client_extend_vector(&redis->client, count) + argument_bytes(redis, call->key_len) + bytes;
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
    key_delete(call->redis, call->id);
    call_propagate_deletion(call, call->redis->profile->frees_lazily);
    call_rewrite_as_name_and_key(call);
    if (call->redis->profile->past_ttl == PAST_TTL_EXPIRES)
        key_count_expired(call->redis, call->id);
    else
        call->redis->counters.deleted_keys++;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash: the commands on hashes, each in the server's order.
 *
 * Source: t_hash.c of Redis 7.0.15. The profile has the rules of other servers. */
#include "sim/decimal.h"
#include "sim/server/commands/commands.h"

#include "sim/server/commands/hash_field.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/values/resp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct entry *create(struct call *call)
{
    struct value hash = hash_new(call->redis);

    return call_create(call, &hash);
}

/* As hashTypeLookupWriteOrCreate. Returns NULL if the key has another type; the command has then failed. */
static struct entry *lookup_or_create(struct call *call)
{
    struct entry *entry = call_lookup_write(call);

    if (call_is_wrong_type(call, entry)) {
        call_touched(call);
        return NULL;
    }
    return entry ? entry : create(call);
}

/* The field's slot. Where it has just expired, and the hash with it, there is a new one. */
static uint32_t find_to_write(struct call *call, struct entry *entry, uint32_t field)
{
    uint32_t slot = call_find_field(call, entry, field, EMPTIED_GOES, NULL);

    if (!entry_is_hash(entry))
        create(call);
    return slot;
}

static void reply_value(struct call *call, const struct collection *hash, uint32_t slot)
{
    uint32_t length = hash->value[slot].length;

    call_reply_bulk(call, length);
    call->redis->counters.read_bytes += length;
    call->redis->counters.hit_bytes += length;
}

/* HSET, HMSET */
void run_hset(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = lookup_or_create(call);
    int64_t created = 0;

    if (!entry)
        return;
    hash_expect(call->redis, entry, elements, call->elements);
    for (uint32_t i = 0; i < call->elements; i++)
        created +=
            hash_set(call->redis, entry, elements[i].member, text_of_element(&elements[i]), elements[i].number, false);
    call_written(call);
    call_propagate(call);
    if (call->op == OP_HMSET)
        call_reply_ok(call);
    else
        call_reply_integer(call, created);
}

void run_hsetnx(struct call *call)
{
    const struct element *element = call_elements(call);
    struct entry *entry = lookup_or_create(call);

    if (!entry)
        return;
    if (find_to_write(call, entry, element->member) != NO_SLOT) {
        call_touched(call);
        call_reply_integer(call, 0);
        return;
    }
    hash_expect(call->redis, entry, element, 1);
    hash_set(call->redis, entry, element->member, text_of_element(element), element->number, false);
    call_written(call);
    call_propagate(call);
    call_reply_integer(call, 1);
}

void run_hincrby(struct call *call)
{
    uint32_t field = call_elements(call)->member, slot;
    struct entry *entry = lookup_or_create(call);
    int64_t number = 0;

    if (!entry)
        return;
    slot = find_to_write(call, entry, field);
    if (slot != NO_SLOT && text_is_integer(hash_of(entry)->value[slot]))
        number = hash_of(entry)->number[slot];
    if ((slot != NO_SLOT && !text_is_integer(hash_of(entry)->value[slot])) ||
        __builtin_add_overflow(number, call->number, &number)) {
        call_touched(call);
        call_reply_error(call);
        return;
    }
    hash_set(call->redis, entry, field, text_of_integer(number), number, slot != NO_SLOT);
    call_written(call);
    call_propagate(call);
    call_reply_integer(call, number);
}

/* The field's value as a number. Returns false if it is not a number, or not known to be one. */
static bool value_as_decimal(const struct collection *hash, uint32_t slot, long double *number)
{
    char text[32];
    double value;

    if (text_is_integer(hash->value[slot])) {
        *number = (long double)hash->number[slot];
        return true;
    }
    if (hash->value[slot].kind != TEXT_DECIMAL)
        return false;
    memcpy(&value, &hash->number[slot], sizeof value);
    snprintf(text, sizeof text, "%.15g", value); /* the digits that the trace, or an earlier command, wrote */
    *number = decimal_scan(text, NULL);
    return true;
}

/* To replicas the result goes: HSET key field value, or, since that ends the field's ttl, HSETEX key KEEPTTL FIELDS 1 field value. */
static void send_sum(struct call *call, uint32_t field, uint32_t length)
{
    struct redis *redis = call->redis;
    uint64_t words = resp_bulk_bytes(strlen("HSETEX")) + resp_bulk_bytes(strlen("KEEPTTL")) +
                     resp_bulk_bytes(strlen("FIELDS")) + resp_bulk_bytes(strlen("1"));
    uint64_t field_length = member_of(redis->members, field)->length;

    if (!redis->profile->sums_keep_ttl) {
        call_propagate_as(call, OP_HSET, 0, 0);
        return;
    }
    call_propagate_apart(
        call, 7, words + resp_bulk_bytes(call->key_len) + resp_bulk_bytes(field_length) + resp_bulk_bytes(length));
    call_rewrite(call, 7, argument_bytes(redis, field_length) + argument_bytes(redis, length));
}

void run_hincrbyfloat(struct call *call)
{
    uint32_t field = call_elements(call)->member, slot;
    struct entry *entry = lookup_or_create(call);
    long double number = 0;
    double as_double;
    int64_t bits;
    struct text text;

    if (!entry)
        return;
    slot = find_to_write(call, entry, field);
    if (slot != NO_SLOT && !value_as_decimal(hash_of(entry), slot, &number)) {
        call_touched(call);
        call_reply_error(call);
        return;
    }
    number = decimal_sum(number, call_decimal(call));
    as_double = (double)number;
    memcpy(&bits, &as_double, sizeof bits);
    text = text_of_string(call_decimal_length(number));
    text.kind = TEXT_DECIMAL;
    if (number == floorl(number) && fabsl(number) < 0x1p63L) {
        bits = (int64_t)number;
        text = text_of_integer(bits);
    }
    hash_set(call->redis, entry, field, text, bits, slot != NO_SLOT);
    call_written(call);
    send_sum(call, field, text.length);
    call_reply_bulk(call, text.length);
}

void run_hdel(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_write(call);
    int64_t deleted = 0, first_ms;

    if (call_is_wrong_type(call, entry) || !entry) {
        if (entry)
            call_touched(call);
        else
            call_reply_integer(call, 0);
        return;
    }
    first_ms = hash_first_ms(entry);
    for (uint32_t i = 0; i < call->elements && hash_of(entry)->count; i++)
        deleted += hash_delete(call->redis, entry, elements[i].member);
    if (deleted) {
        call_written(call);
        call_propagate(call);
    } else {
        call_touched(call);
    }
    if (!hash_of(entry)->count && (deleted || !hash_may_be_empty(call->redis)))
        call_delete_emptied(call);
    else if (first_ms != EB_NEVER && hash_first_ms(entry) == EB_NEVER && call->redis->profile->forgets_with_last_ttl)
        hash_expires_forget(call->redis, entry); /* the last that had a ttl is gone */
    call_reply_integer(call, deleted);
}

static uint32_t find_read(struct call *call, struct entry *entry, uint32_t field)
{
    return entry && entry_is_hash(entry) ? call_find_field(call, entry, field, EMPTIED_GOES, NULL) : NO_SLOT;
}

void run_hget(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);
    uint32_t slot;

    if (call->failed)
        return;
    slot = find_read(call, entry, call_elements(call)->member);
    if (slot == NO_SLOT)
        call_reply_nil(call);
    else
        reply_value(call, hash_of(entry), slot);
}

void run_hmget(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    call_reply_array(call, call->elements);
    for (uint32_t i = 0; i < call->elements; i++) {
        uint32_t slot = find_read(call, entry, elements[i].member);

        if (slot == NO_SLOT)
            call_reply_nil(call);
        else
            reply_value(call, hash_of(entry), slot);
    }
    if (entry && entry_is_hash(entry) && !hash_of(entry)->count && hash_may_be_empty(call->redis))
        call_delete_emptied(call);
}

/* HGETALL, HKEYS, HVALS */
void run_hgetall(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);
    const struct collection *hash;

    if (call->failed)
        return;
    if (!entry) {
        call_reply_array(call, 0);
        return;
    }
    hash = hash_of(entry);
    if (call->redis->profile->hash_counts_last)
        call->reply_way = REPLY_IN_BLOCKS;
    call_reply_array(call,
                     (call->op == OP_HGETALL ? UINT64_C(2) : 1) * (hash->count - hash_past_count(call->redis, entry)));
    for (uint32_t slot = collection_next(hash, 0); slot != NO_SLOT; slot = collection_next(hash, slot + 1)) {
        if (hash_is_past(call->redis, entry, slot))
            continue;
        if (call->op != OP_HVALS)
            call_reply_bulk(call, collection_text(call->redis, hash, slot).length);
        if (call->op != OP_HKEYS)
            reply_value(call, hash, slot);
    }
}

void run_hlen(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, entry ? hash_of(entry)->count : 0);
}

void run_hexists(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, find_read(call, entry, call_elements(call)->member) != NO_SLOT);
}

void run_hstrlen(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);
    uint32_t slot;

    if (call->failed)
        return;
    slot = find_read(call, entry, call_elements(call)->member);
    call_reply_integer(call, slot == NO_SLOT ? 0 : hash_of(entry)->value[slot].length);
}

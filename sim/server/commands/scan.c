/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan: the commands that walk over the keys of a database: SCAN, KEYS, BLESS SCAN. A key whose name is not known (names.h) counts as
 * matching.
 *
 * Source: scanGenericCommand, keysCommand (db.c) of Redis 7.0.15. */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "sim/server/keyspace.h"
#include "sim/server/names.h"
#include "sim/server/values/encoding.h"

#include <stdlib.h>

/* The keys that a scan has met. */
struct found {
    uint32_t *ids; /* owned */
    uint32_t count, capacity;
};

static void note_key(void *owner, uint32_t id)
{
    struct found *found = owner;

    if (found->count == found->capacity)
        found->ids = xgrow(found->ids, &found->capacity, found->count + 1, sizeof *found->ids);
    found->ids[found->count++] = id;
}

static bool is_of_type(const struct entry *entry, enum value_type type)
{
    return encodings[entry->encoding].type == type || (type == TYPE_STRING && entry_is_string(entry));
}

/* Whether the key is part of the reply: it matches, has the wanted type, if there is one, and has not expired. An expired key
 * is deleted. */
static bool is_replied(struct redis *redis, uint32_t id, const struct element *match, const struct element *type)
{
    const struct entry *entry = entry_of(redis, id);

    if (match && !names_key_matches(redis, id, match[1].member))
        return false;
    if (type && redis->profile->scan_looks_up_types)
        return key_lookup(redis, id, LOOKUP_NOTOUCH) && is_of_type(entry, (enum value_type)type->number);
    return !(type && !is_of_type(entry, (enum value_type)type->number)) && !key_expire_if_due(redis, id);
}

/* The keys that the scan meets from the call's cursor on; it wants as many as COUNT says, or by default. Returns the next cursor. */
static uint64_t scan(const struct call *call, struct table *table, int64_t wanted, struct found *found)
{
    enum { LOOKS_PER_KEY = 10 };
    const struct element *count = call_option(call, WORD_COUNT);
    uint64_t cursor = (uint64_t)call_elements(call)->number;
    int64_t looks;

    wanted = count ? count[1].number : wanted;
    if (__builtin_mul_overflow(wanted, (int64_t)LOOKS_PER_KEY, &looks))
        looks = INT64_MAX;
    do
        cursor = table_scan(table, cursor, note_key, found);
    while (cursor && looks-- && found->count < wanted);
    return cursor;
}

static void reply_scanned(struct call *call, uint64_t cursor, uint64_t keys, uint64_t bytes)
{
    call_reply_array(call, 2);
    call_reply_bulk(call, digits_count(cursor));
    call_reply_array_deferred(call, keys);
    call->reply += bytes;
}

/* Of the index alone: keys that have expired are among them. */
void run_bless_scan(struct call *call)
{
    enum { COUNT = 1024 };
    struct call body = {.redis = call->redis};
    struct found found = {0};
    uint64_t cursor = scan(call, &call->redis->databases[call->db].blessed, COUNT, &found);

    for (uint32_t i = 0; i < found.count; i++)
        call_reply_bulk(&body, key_length(call->redis, found.ids[i]));
    reply_scanned(call, cursor, found.count, body.reply);
    free(found.ids);
}

void run_scan(struct call *call)
{
    enum { COUNT = 10 };
    const struct element *type = call_option(call, WORD_TYPE), *match = call_option(call, WORD_MATCH);
    struct redis *redis = call->redis;
    struct call body = {.redis = redis};
    struct found found = {0};
    uint64_t cursor = scan(call, &redis->databases[call->db].keys, COUNT, &found), replied = 0;

    for (uint32_t i = 0; i < found.count; i++)
        if (is_replied(redis, found.ids[i], match, type ? type + 1 : NULL)) {
            call_reply_bulk(&body, key_length(redis, found.ids[i]));
            replied++;
        }
    free(found.ids);
    reply_scanned(call, cursor, replied, body.reply);
}

/* As keyIsExpired: nothing is deleted, so the table of keys does not change during the walk. */
static bool is_past(struct redis *redis, struct database *database, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);

    if (!table_count(&database->expires))
        return false;
    table_find(&database->expires, id);
    return entry->expire_ms != NO_EXPIRE && redis->unix_ms > entry->expire_ms;
}

void run_keys(struct call *call)
{
    struct redis *redis = call->redis;
    struct database *database = &redis->databases[call->db];
    struct call body = {.redis = redis};
    struct found found = {0};
    uint64_t replied = 0;

    table_each(&database->keys, note_key, &found);
    for (uint32_t i = 0; i < found.count; i++)
        if (names_key_matches(redis, found.ids[i], call_elements(call)->member) &&
            !is_past(redis, database, found.ids[i])) {
            call_reply_bulk(&body, key_length(redis, found.ids[i]));
            replied++;
        }
    free(found.ids);
    call_reply_array_deferred(call, replied);
    call->reply += body.reply;
}

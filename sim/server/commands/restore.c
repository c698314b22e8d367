/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore: RESTORE, and DUMP, whose reply is what RESTORE takes.
 *
 * The elements behind the command's arguments are what its payload holds (traces/rdb/payload.h). What a payload holds that is not
 * read (a module's value, for one) is not known: then the command does nothing, and is counted among those that are not executed.
 * A HyperLogLog of up to 44 bytes is taken for a raw string, though the server makes it embstr.
 *
 * The reply of DUMP is counted as if no text could be compressed; texts of more than 20 bytes often can (rdbcompression).
 *
 * Source: restoreCommand, dumpCommand (cluster.c), rdbLoadObject, rdbSaveObject (rdb.c) of Redis 7.0.15; the rules of the
 * profile name what others do. */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/redis_policy.h"
#include "sim/server/blessing.h"
#include "sim/server/commands/list.h"
#include "sim/server/commands/restore.h"
#include "sim/server/commands/zset.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hash.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/values/hyperloglog.h"
#include "sim/server/values/set.h"
#include "sim/server/values/stream.h"

#include <stdlib.h>
#include <string.h>

/* What the payload holds. */
struct contents {
    enum payload_kind kind;
    const struct element *elements;
    uint32_t count;
};

/* ---- values ---- */

static struct value restored_string(struct redis *redis, const struct contents *contents)
{
    const struct element *text = contents->elements;
    struct value value =
        value_of_argument(redis, text->value_len, text->flags & ELEMENT_INTEGER, text->number, /* not adopted */ 0);

    redis->arguments += value.bytes;
    return value;
}

static struct value restored_zset(struct redis *redis, const struct contents *contents)
{
    const struct redis_config *config = &redis->config;
    bool is_compact = contents->kind == PAYLOAD_ZSET_LISTPACK,
         is_few = contents->count <= config->zset_max_listpack_entries;
    uint64_t expected = contents->count > DICT_INITIAL_SIZE ? contents->count : 0;
    struct entry zset;

    if (is_compact && !redis->profile->zset_presizes)
        expected = 0;
    zset = zset_begin(redis, is_compact && is_few ? ENCODING_ZSET_LISTPACK : ENCODING_ZSET_SKIPLIST,
                      is_compact && is_few ? 0 : expected);
    for (uint32_t i = 0; i < contents->count; i++) {
        double ignored;

        zset_add(redis, &zset, contents->elements[i].member, zset_element_double(&contents->elements[i]), 0, &ignored);
    }
    if (!is_compact)
        zset_compact(redis, &zset);
    return zset_hand_over(redis, &zset);
}

static struct value restored_list(struct redis *redis, const struct contents *contents)
{
    struct entry list = {.encoding = ENCODING_LIST_QUICKLIST, .structure = list_new_quicklist(redis)};

    for (uint32_t i = 0; i < contents->count; i++) {
        const struct element *element = &contents->elements[i];
        struct list_element text = list_element_of(redis, element->member);

        if (contents->kind == PAYLOAD_LIST)
            list_push(redis, &list, text, LIST_TAIL);
        else
            list_load(redis, list_of(&list), text, element->flags & ELEMENT_NODE, element->flags & ELEMENT_PLAIN);
    }
    list_become_listpack(redis, &list, 1);
    return list_hand_over(redis, &list);
}

static struct value restored_set(struct redis *redis, const struct contents *contents)
{
    struct entry set = set_load(redis, contents->kind, contents->elements, contents->count);

    return set_hand_over(redis, &set);
}

/* Of the field before. */
static bool is_ttl(const struct element *element)
{
    return element->member == NO_MEMBER;
}

/* The fields' own, which the hash, that a key holds now, gets as HPEXPIREAT would give them. */
static void restore_field_ttls(struct call *call, const struct contents *contents)
{
    struct entry *entry = entry_of(call->redis, call->id);
    bool has_ttls = false;

    for (uint32_t i = 1; i < contents->count; i++) {
        if (!is_ttl(&contents->elements[i]))
            continue;
        hash_keep_ttls(call->redis, entry);
        hash_set_ttl(call->redis, entry, collection_find(hash_of(entry), contents->elements[i - 1].member),
                     contents->elements[i].number);
        has_ttls = true;
    }
    if (!has_ttls)
        return;
    hash_expires_note(call->redis, entry, hash_first_ms(entry));
    keyspace_tally(call->redis, entry);
}

static struct value restored_hash(struct redis *redis, const struct contents *contents)
{
    struct element *fields = xcalloc(contents->count, sizeof *fields);
    uint32_t count = 0;
    struct entry hash;
    struct value value;

    for (uint32_t i = 0; i < contents->count; i++)
        if (!is_ttl(&contents->elements[i]))
            fields[count++] = contents->elements[i];
    hash = hash_load(redis, contents->kind == PAYLOAD_HASH_LISTPACK, count < contents->count, fields, count);
    value = value_of_structure(redis, (enum encoding)hash.encoding, hash.structure);
    free(fields);
    redis->used -= encodings[hash.encoding].bytes(redis, hash.structure);
    redis->arguments += value.bytes;
    return value;
}

static struct value restored_hyperloglog(struct redis *redis, const struct contents *contents)
{
    struct hll *hll = hll_load(redis, contents->elements, contents->count);
    struct value value =
        value_of_structure(redis, hll_fits_embstr(redis, hll) ? ENCODING_HLL_EMBSTR : ENCODING_HLL, hll);

    redis->used -= hll_bytes(redis, hll);
    redis->arguments += value.bytes;
    return value;
}

static struct value restored_stream(struct redis *redis, const struct contents *contents)
{
    struct value value =
        value_of_structure(redis, ENCODING_STREAM, stream_load(redis, contents->elements, contents->count));

    redis->arguments += value.bytes;
    return value;
}

static struct value restored_value(struct redis *redis, const struct contents *contents)
{
    switch (contents->kind) {
    case PAYLOAD_ZSET:
    case PAYLOAD_ZSET_LISTPACK:
        return restored_zset(redis, contents);
    case PAYLOAD_LIST:
    case PAYLOAD_LIST_NODES:
        return restored_list(redis, contents);
    case PAYLOAD_SET:
    case PAYLOAD_SET_INTSET:
    case PAYLOAD_SET_LISTPACK:
        return restored_set(redis, contents);
    case PAYLOAD_HASH:
    case PAYLOAD_HASH_LISTPACK:
        return restored_hash(redis, contents);
    case PAYLOAD_HLL:
        return restored_hyperloglog(redis, contents);
    case PAYLOAD_STREAM:
        return restored_stream(redis, contents);
    case PAYLOAD_STRING:
    case PAYLOAD_UNKNOWN:
    case PAYLOAD_WRONG:
        break;
    }
    return restored_string(redis, contents);
}

/* ---- RESTORE ---- */

static struct contents contents_of(const struct call *call)
{
    const struct element *elements = call_elements(call);
    struct contents contents = {(enum payload_kind)(elements[1].number & 255), elements, call->elements};

    while (contents.count && !(contents.elements->flags & ELEMENT_CONTENT)) {
        contents.elements++;
        contents.count--;
    }
    return contents;
}

/* Whether the server reads what was written in this version of the format. */
static bool reads_version(const struct server_profile *profile, int64_t version)
{
    return version <= (profile->rdb_version ? profile->rdb_version : 10);
}

/* Replicas are sent the time at which the ttl ends. */
static void propagate_restored(struct call *call, const struct contents *contents, int64_t expire_ms)
{
    uint32_t words = call->elements - contents->count;
    bool adds_word = expire_ms != NO_EXPIRE && !(call->flags & REQUEST_ABSOLUTE);
    struct element *sent = xcalloc(words + 1, sizeof *sent);

    memcpy(sent, call_elements(call), words * sizeof *sent);
    if (adds_word) {
        sent[0].value_len = decimal_length(expire_ms);
        sent[words] = (struct element){.member = NO_MEMBER, .flags = ELEMENT_WORD, .value_len = strlen("absttl")};
    }
    call_propagate_elements(call, (enum op)call->op, sent, words + adds_word);
}

/* objectSetLRUOrLFU: FREQ and IDLETIME, under the policies that look at such a thing. */
static void set_age(const struct call *call)
{
    enum { CLOCK_MAX = (1 << 24) - 1, COUNTER_BITS = 8, MINUTES_MAX = 65535 };
    struct policy_context *eviction = &call->redis->eviction;
    const struct element *idle = call_option(call, WORD_IDLETIME), *counter = call_option(call, WORD_FREQ);
    enum lru_field kind = redis_policy_of(call->redis->policy).lru_field;
    int64_t clock = eviction->clock.lru_clock;

    if (kind == LRU_FIELD_COUNTER && counter)
        *(uint32_t *)policy_entry(eviction, call->id) =
            (uint32_t)(eviction->clock.unix_ms / 60000 & MINUTES_MAX) << COUNTER_BITS | (uint32_t)counter[1].number;
    if (kind != LRU_FIELD_CLOCK || !idle)
        return;
    *(uint32_t *)policy_entry(eviction, call->id) =
        (uint32_t)(idle[1].number <= clock ? clock - idle[1].number : (clock + CLOCK_MAX / 2) % CLOCK_MAX);
}

/* The key is there with its value, ttl and age. */
static void add_restored(struct call *call, const struct contents *contents, int64_t expire_ms)
{
    struct redis *redis = call->redis;
    struct value value = restored_value(redis, contents);

    key_add(redis, call->id, call->db, call->key_len, &value);
    if (contents->kind == PAYLOAD_STRING && contents->elements->flags & ELEMENT_DECIMAL)
        keyspace_note_text(
            redis, call->id,
            (struct decimal){.value = (long double)zset_element_double(contents->elements), .known = true});
    if (expire_ms != NO_EXPIRE)
        key_set_expire(redis, call->id, expire_ms);
    if (contents->kind == PAYLOAD_HASH || contents->kind == PAYLOAD_HASH_LISTPACK)
        restore_field_ttls(call, contents);
    set_age(call);
}

void restore_loaded(struct call *call)
{
    struct contents contents = contents_of(call);
    int64_t expire_ms = call->flags & REQUEST_TTL ? call_expire_at(call) : NO_EXPIRE;

    if (expire_ms > call->redis->unix_ms)
        add_restored(call, &contents, expire_ms);
}

static void restore(struct call *call, const struct contents *contents, bool replaces)
{
    struct redis *redis = call->redis;
    int64_t expire_ms = call->flags & REQUEST_TTL ? call_expire_at(call) : NO_EXPIRE;
    uint8_t blessing = blessing_of(redis, call->id);
    bool was_there = replaces && key_delete_if_there(redis, call->id);

    redis->counters.deleted_keys += was_there;
    call_reply_ok(call);
    if (expire_ms <= redis->unix_ms) {
        if (was_there)
            call_propagate_deletion(call, redis->profile->frees_lazily);
        return;
    }
    add_restored(call, contents, expire_ms);
    key_bless_as(redis, call->id, blessing);
    propagate_restored(call, contents, expire_ms);
}

void run_restore(struct call *call)
{
    struct contents contents = contents_of(call);
    bool replaces = call_option(call, WORD_REPLACE);

    if (!replaces && call_lookup_write(call)) {
        call_touched(call);
        call_reply_error_of(call, ERROR_OF_BUSYKEY);
        return;
    }
    if (call->ttl_ms < 0 || contents.kind == PAYLOAD_WRONG ||
        !reads_version(call->redis->profile, call_elements(call)[1].number >> 8)) {
        call_reply_error(call);
        return;
    }
    if (contents.kind == PAYLOAD_UNKNOWN)
        call_reply_ok(call);
    else
        restore(call, &contents, replaces);
}

/* ---- DUMP ---- */

/* rdbSaveLen */
static uint64_t length_bytes(uint64_t length)
{
    return length < 64 ? 1 : length < 16384 ? 2 : length <= UINT32_MAX ? 5 : 9;
}

/* A text that may be compressed (rdbSaveLzfStringObject): some servers keep a buffer for those that are not long, once there has
 * been one. */
static void note_compression(struct redis *redis, uint64_t length)
{
    enum { NOT_COMPRESSED = 20, LONGEST_IN_BUFFER = 8195 };

    if (redis->has_compressed || length <= NOT_COMPRESSED || length > LONGEST_IN_BUFFER)
        return;
    redis->has_compressed = true;
    redis->used += redis->profile->compression_bytes;
}

/* rdbSaveRawString, without compression. Integers of up to 32 bits are written as such. */
static uint64_t string_bytes(struct redis *redis, struct text text)
{
    if (!text_is_integer(text) || text.kind == TEXT_INT_64) {
        note_compression(redis, text.length);
        return length_bytes(text.length) + text.length;
    }
    return text.length <= 3 || text.kind == TEXT_INT_7 ? 2 : text.kind <= TEXT_INT_16 ? 3 : 5;
}

static uint64_t block_bytes(struct redis *redis, uint64_t bytes)
{
    note_compression(redis, bytes);
    return length_bytes(bytes) + bytes;
}

static uint64_t collection_dump(struct redis *redis, const struct entry *entry)
{
    const struct collection *collection = entry->structure;
    uint64_t bytes = length_bytes(collection->count);

    if (!collection->table)
        return block_bytes(redis, collection->bytes);
    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT;
         slot = collection_next(collection, slot + 1)) {
        bytes += string_bytes(redis, collection_text(redis, collection, slot));
        if (encodings[entry->encoding].type == TYPE_HASH)
            bytes += string_bytes(redis, collection_value(collection, slot));
        else if (encodings[entry->encoding].type == TYPE_ZSET)
            bytes += sizeof(double);
    }
    return bytes;
}

static uint64_t list_dump(struct redis *redis, const struct list *list)
{
    uint64_t bytes = length_bytes(list->node_count);

    for (const struct list_node *node = list->head; node; node = node->next)
        bytes += 1 + block_bytes(redis, node->bytes);
    return bytes;
}

/* Groups apart. */
static uint64_t stream_dump(struct redis *redis, const struct stream *stream)
{
    enum { NODE_KEY = 17, NUMBERS = 40 };
    uint64_t bytes = length_bytes(stream->node_count) + NUMBERS;

    for (uint32_t i = 0; i < stream->node_count; i++)
        bytes += NODE_KEY + block_bytes(redis, stream->nodes[stream->node_first + i].bytes);
    return bytes;
}

static uint64_t value_dump(struct redis *redis, const struct entry *entry)
{
    switch (encodings[entry->encoding].type) {
    case TYPE_HASH:
    case TYPE_SET:
    case TYPE_ZSET:
        return collection_dump(redis, entry);
    case TYPE_LIST:
        return list_dump(redis, list_of(entry));
    case TYPE_STREAM:
        return stream_dump(redis, stream_of(entry));
    case TYPE_ANY:
    case TYPE_STRING:
    case TYPE_HLL:
        break;
    }
    return entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED
               ? string_bytes(redis, text_of_integer(entry->number))
               : block_bytes(redis, entry_value_length(entry));
}

void run_dump(struct call *call)
{
    enum { TYPE_AND_FOOTER = 11 };
    const struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);

    if (entry)
        call_reply_bulk(call, (uint32_t)(TYPE_AND_FOOTER + value_dump(call->redis, entry)));
    else
        call_reply_nil(call);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/inspect.h"

#include "sim/server/histograms.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/collection.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hyperloglog.h"
#include "sim/server/values/list.h"
#include "sim/server/values/object.h"
#include "sim/server/values/usage.h"

enum { SIZEOF_DICT_ENTRY = 24, BUCKET_BYTES = 64 };

static const uint64_t sizeof_listpackex = 24; /* struct listpackEx */

/* What is in the single block of a value, without what the allocator adds. */
static uint64_t asked_for(const struct entry *entry)
{
    switch (entry->encoding) {
    case ENCODING_HASH_LISTPACK:
    case ENCODING_SET_LISTPACK:
    case ENCODING_SET_INTSET:
    case ENCODING_ZSET_LISTPACK:
        return ((const struct collection *)entry->structure)->bytes;
    case ENCODING_HASH_LISTPACK_EX:
        return sizeof_listpackex + ((const struct collection *)entry->structure)->bytes;
    case ENCODING_LIST_LISTPACK:
        return ((const struct list *)entry->structure)->head->bytes;
    default:
        return 0;
    }
}

/* Of a value with a structure, whose own object counts with `object` bytes. */
static uint64_t structure_usage(const struct redis *redis, const struct entry *entry, uint64_t object)
{
    const struct encoding_rules *rules = &encodings[entry->encoding];

    if (redis->profile->usage_is_asked_for && asked_for(entry))
        return object + asked_for(entry);
    if (rules->sample)
        return usage_of_sample(object, rules->sample(redis, entry->structure));
    return object + (rules->usage ? rules->usage : rules->bytes)(redis, entry->structure);
}

/* As objectComputeSize: the sizeof of the object and the block that it points to. A number is stored in the pointer; a
 * shared one counts as if it were not shared. An embstr is a single block. */
static uint64_t object_compute_size(const struct redis *redis, const struct entry *entry)
{
    uint64_t value = entry_value_bytes(redis, entry);

    if (entry_is_embstr(entry))
        return value;
    if (encoding_is_structure(entry->encoding))
        return structure_usage(redis, entry, ROBJ_BYTES);
    if (entry->encoding == ENCODING_RAW)
        return ROBJ_BYTES + value - (has_objects(redis) ? 0 : allocator_class(redis->allocator, ROBJ_BYTES));
    return ROBJ_BYTES;
}

static bool entry_is_raw(const struct entry *entry)
{
    return entry->encoding == ENCODING_RAW || entry->encoding == ENCODING_HLL;
}

/* sdsAllocSize of a string that is not in its object. */
static uint64_t raw_asked_for(const struct redis *redis, const struct entry *entry)
{
    uint32_t length = entry_value_length(entry);
    uint32_t capacity =
        entry->encoding == ENCODING_HLL ? ((const struct hll *)entry->structure)->capacity : entry->capacity;

    return length == capacity && !entry->has_wide_header ? sds_asked_for(redis->allocator, length)
                                                         : entry_value_bytes(redis, entry);
}

/* As memoryCommand. Valkey 8.1 does not count the name in the object, unless the value is in it as well; Valkey 9
 * counts the block. */
static uint64_t memory_usage(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);
    uint64_t value = object_compute_size(redis, entry);

    switch (redis->profile->layout) {
    case LAYOUT_APART:
        return sds_bytes(redis->allocator, key_length(redis, id)) + SIZEOF_DICT_ENTRY + value;
    case LAYOUT_NAME_IN_ENTRY:
        return entry_joined_bytes(redis, id) + value;
    case LAYOUT_OBJECT_64:
        return entry_is_embstr(entry) ? entry_joined_bytes(redis, id) : value;
    case LAYOUT_KVOBJ:
    case LAYOUT_OBJECT_128:
        if (redis->profile->usage_is_asked_for && entry_is_raw(entry))
            return entry_joined_bytes(redis, id) + raw_asked_for(redis, entry);
        if (encoding_is_structure(entry->encoding) && !entry_is_embstr(entry))
            return structure_usage(redis, entry, entry_joined_bytes(redis, id));
        return entry_joined_bytes(redis, id) + entry_value_bytes(redis, entry);
    }
    return 0;
}

struct inspection inspect_key(const void *state, uint32_t id)
{
    const struct redis *redis = state;
    const struct entry *entry = id < redis->capacity ? entry_of(redis, id) : NULL;
    const struct encoding_rules *rules = &encodings[entry ? entry->encoding : ENCODING_ABSENT];
    bool is_absent = !entry || entry->encoding == ENCODING_ABSENT;

    return (struct inspection){
        .type = rules->type_name,
        .encoding = rules->name,
        .memory_usage = is_absent ? 0 : memory_usage(redis, id),
    };
}

uint64_t inspect_used_memory(const void *state)
{
    const struct redis *redis = state;

    return redis->used + redis->profile->info_bytes - histograms_bytes(redis);
}

uint64_t inspect_reply_buffer(const void *state)
{
    return ((const struct redis *)state)->client.reply_capacity;
}

uint64_t inspect_keys(const void *state)
{
    return keyspace_keys(state);
}

bool inspect_is_rehashing(const void *state)
{
    const struct redis *redis = state;

    for (int db = 0; db < redis->database_count; db++)
        if (table_is_rehashing(&redis->databases[db].keys) || table_is_rehashing(&redis->databases[db].expires) ||
            table_is_rehashing(&redis->databases[db].volatile_hashes))
            return true;
    return false;
}

uint64_t inspect_bucket_bytes(const void *state)
{
    return ((const struct redis *)state)->profile->tables == TABLE_BUCKETS ? BUCKET_BYTES : 0;
}

uint64_t inspect_buckets(const void *state)
{
    const struct redis *redis = state;
    uint64_t buckets = 0;

    for (int db = 0; db < redis->database_count && inspect_bucket_bytes(state); db++)
        buckets += hashtable_buckets(&redis->databases[db].keys.hashtable) +
                   hashtable_buckets(&redis->databases[db].expires.hashtable) +
                   hashtable_buckets(&redis->databases[db].volatile_hashes.hashtable);
    return buckets;
}

uint64_t inspect_node_bytes(const void *state)
{
    const struct redis *redis = state;

    return redis->profile->sets_have_bare_members && redis->profile->tables == TABLE_CHAINS
               ? allocator_class(redis->allocator, ROBJ_BYTES)
               : 0;
}

static bool has_bare_members(const struct redis *redis, unsigned encoding)
{
    return encoding == ENCODING_SET_TABLE || (encoding == ENCODING_HASH_TABLE && redis->profile->fields_have_entries) ||
           (encoding == ENCODING_ZSET_SKIPLIST && redis->profile->members_in_nodes);
}

uint64_t inspect_bare_members(const void *state)
{
    const struct redis *redis = state;
    uint64_t members = 0;

    for (int db = 0; db < redis->database_count && has_kvobjs(redis); db++)
        members += table_count(&redis->databases[db].keys) + table_count(&redis->databases[db].expires);
    for (uint32_t id = 0; id < redis->capacity; id++)
        if (has_bare_members(redis, entry_of(redis, id)->encoding))
            members += ((const struct collection *)entry_of(redis, id)->structure)->count;
    return members;
}

bool inspect_finds_no_script(const void *state)
{
    const struct running_script *script = &((const struct redis *)state)->script;

    return script->is_open && script->is_unknown && !script->calls;
}

uint64_t inspect_library_slots(const void *state)
{
    const struct libraries *libraries = &((const struct redis *)state)->libraries;
    uint64_t slots = libraries->table.now + libraries->function_table.now;

    return slots > (uint64_t)2 * SLOTS_LEAST ? SLOT_BYTES * slots : 0;
}

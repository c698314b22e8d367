/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/inspect.h"

#include "sim/server/keyspace.h"
#include "sim/server/state.h"
#include "sim/server/histograms.h"
#include "sim/server/values/collection.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/list.h"
#include "sim/server/values/object.h"
#include "sim/server/values/skiplist.h"

enum { SIZEOF_QUICKLIST = 40, SIZEOF_DICT_ENTRY = 24, SIZEOF_SKIPLIST = 16 + 16 * 32, BUCKET_BYTES = 64 };

/* What the block is larger than what it was asked for. */
static uint64_t surplus(const struct redis *redis, uint64_t bytes)
{
    return allocator_class(redis->allocator, bytes) - bytes;
}

/* A structure: its blocks, but its objects of fixed size by their sizeof. Elements are averaged and multiplied again, in
 * floating point: some of it may be lost. Every member of a set counts as if it had a dictEntry, which it has not since
 * 7.2; Valkey counts what there is. */
static uint64_t structure_usage(const struct redis *redis, const struct entry *entry)
{
    const struct encoding_rules *rules = &encodings[entry->encoding];
    const struct collection *collection = entry->structure;
    uint64_t bytes = rules->bytes(redis, entry->structure), elements;
    const struct dict *dict;
    double count;

    if (entry->encoding == ENCODING_LIST_QUICKLIST) { /* the nodes are as large as the quicklist */
        count = (double)list_of(entry)->node_count;
        elements = bytes - allocator_class(redis->allocator, SIZEOF_QUICKLIST) -
                   list_of(entry)->node_count * surplus(redis, SIZEOF_QUICKLIST);
        return (uint64_t)(SIZEOF_QUICKLIST + ROBJ_BYTES + (double)elements / count * count) - ROBJ_BYTES;
    }
    if (rules->usage)
        return rules->usage(redis, entry->structure);
    if (rules->collection != &member_table_encoding && rules->collection != &skiplist_encoding)
        return bytes;
    dict = &collection->table->dict;
    elements = collection->bytes;
    if (collection->order)
        elements += skiplist_node_bytes(collection);
    if (collection->order && redis->profile->members_in_nodes)
        bytes -= surplus(redis, SIZEOF_SKIPLIST);
    bytes -=
        elements + dict->nodes * dict->node_bytes + surplus(redis, member_table_size(redis, collection)) - ROBJ_BYTES;
    if (dict->has_node)
        elements += redis->profile->layout == LAYOUT_NAME_IN_ENTRY ? dict->nodes * dict->node_bytes
                                                                   : collection->count * (uint64_t)SIZEOF_DICT_ENTRY;
    else if (!table_has_buckets(collection->table))
        elements -= collection->count * surplus(redis, SIZEOF_DICT_ENTRY);
    count = collection->count;
    return (uint64_t)((double)bytes + (double)elements / count * count) - ROBJ_BYTES;
}

/* objectComputeSize: the object by its sizeof, what it points to by its block; a number sits in the pointer, and a shared
 * one counts as if it were not. An embstr is a block. */
static uint64_t object_compute_size(const struct redis *redis, const struct entry *entry)
{
    uint64_t value = entry_value_bytes(redis, entry);

    if (encoding_is_structure(entry->encoding))
        return ROBJ_BYTES + structure_usage(redis, entry);
    if (entry->encoding == ENCODING_EMBSTR)
        return value;
    if (entry->encoding == ENCODING_RAW)
        return ROBJ_BYTES + value - (has_objects(redis) ? 0 : allocator_class(redis->allocator, ROBJ_BYTES));
    return ROBJ_BYTES;
}

/* memoryCommand: Valkey 8.1 forgets that the name lies in the object, unless the value does, too; 9 counts the block. */
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
        return entry->encoding == ENCODING_EMBSTR ? entry_joined_bytes(redis, id) : value;
    case LAYOUT_OBJECT_128:
        value =
            encoding_is_structure(entry->encoding) ? structure_usage(redis, entry) : entry_value_bytes(redis, entry);
        return entry_joined_bytes(redis, id) + value;
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
        if (table_is_rehashing(&redis->databases[db].keys) || table_is_rehashing(&redis->databases[db].expires))
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
                   hashtable_buckets(&redis->databases[db].expires.hashtable);
    return buckets;
}

uint64_t inspect_node_bytes(const void *state)
{
    const struct redis *redis = state;

    return redis->profile->sets_have_bare_members ? allocator_class(redis->allocator, ROBJ_BYTES) : 0;
}

uint64_t inspect_bare_members(const void *state)
{
    const struct redis *redis = state;
    uint64_t members = 0;

    for (uint32_t id = 0; id < redis->capacity; id++)
        if (entry_of(redis, id)->encoding == ENCODING_SET_TABLE)
            members += ((const struct collection *)entry_of(redis, id)->structure)->count;
    return members;
}

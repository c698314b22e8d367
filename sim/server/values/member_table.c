/* SPDX-License-Identifier: GPL-3.0-or-later */
/* member_table: a collection in a hash table, with a block for each text: a hash of many or long fields, such a set.
 *
 *     dict 56 | table 8 * 2^n | per element: dictEntry 24, sds of the member, sds of the value
 *
 * Since 7.2 a set's dict has no values: a member has a node of 16 bytes unless it came into an empty bucket.
 *
 * The table is the keyspace's (tables/), with slots for keys; the number that is hashed is the member's id. It grows and
 * shrinks as dict.c says, but nobody asks maxmemory first, and no cron rehashes it: only what is done to it does.
 *
 * Source: hashTypeSet, hashTypeDelete, hashTypeConvertListpack (t_hash.c of Redis 7.0), setTypeAdd, setTypeRemove
 * (t_set.c), dict.c. */
#include "sim/server/values/collection.h"

#include "sim/alloc.h"

#include <stdlib.h>

enum { DICT_BYTES = 56, NODE_BYTES = 16 };

static bool may_grow(void *owner, uint64_t bytes, uint64_t used, uint64_t size)
{
    (void)owner;
    (void)bytes;
    (void)used;
    (void)size;
    return true;
}

/* While a child saves no table is resized, if that can be helped: this one is told when it is used. */
static struct dict *dict_of(const struct redis *redis, struct collection *collection)
{
    struct dict *dict = &collection->table->dict;

    dict->rests = redis->child;
    return dict;
}

static uint64_t text_bytes(const struct redis *redis, struct text text)
{
    return sds_bytes(redis->allocator, text.length);
}

static uint64_t element_bytes(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    return (collection->table->dict.has_node ? 0 : redis->entry_bytes) +
           text_bytes(redis, collection_text(redis, collection, slot)) +
           (collection->value ? text_bytes(redis, collection->value[slot]) : 0);
}

static void make_table(struct redis *redis, struct collection *collection)
{
    struct table *table = xcalloc(1, sizeof *table);
    struct dict *dict = &table->dict;

    dict_init(dict, redis->hash_seed);
    hashtable_init(&table->hashtable, redis->hash_seed);
    table->kind = TABLE_CHAINS;
    dict->rules = redis->profile->dict;
    dict->stride = sizeof *collection->link;
    dict->may_grow = may_grow;
    dict->memory = &redis->used;
    collection->link = xrealloc(collection->link, (collection->capacity + 1) * sizeof *collection->link);
    dict->links = (char *)collection->link;
    dict->hashed = collection->member;
    if (!collection->value && redis->profile->sets_have_bare_members) {
        dict->has_node = xcalloc(collection->capacity + 1, sizeof *dict->has_node);
        dict->node_bytes = allocator_class(redis->allocator, NODE_BYTES);
    }
    collection->table = table;
    redis->used += allocator_class(redis->allocator, DICT_BYTES);
}

static void begin(struct redis *redis, struct collection *collection, uint64_t expected)
{
    collection->bytes = 0;
    make_table(redis, collection);
    if (expected)
        dict_presize(dict_of(redis, collection), expected);
}

static void add(struct redis *redis, struct collection *collection, uint32_t slot)
{
    uint64_t bytes = element_bytes(redis, collection, slot);

    dict_add(dict_of(redis, collection), slot);
    collection->bytes += bytes;
    redis->used += bytes;
}

static void change(struct redis *redis, struct collection *collection, uint32_t slot, struct text before)
{
    uint64_t bytes = text_bytes(redis, collection->value[slot]) - text_bytes(redis, before);

    collection->bytes += bytes;
    redis->used += bytes;
}

/* The table may shrink once the element is freed: at one key in ten slots, or in eight since 7.4. */
static void remove_element(struct redis *redis, struct collection *collection, uint32_t slot)
{
    struct dict *dict = dict_of(redis, collection);
    uint64_t bytes = element_bytes(redis, collection, slot);

    dict_remove(dict, slot);
    collection->bytes -= bytes;
    redis->used -= bytes;
    if (!dict->rules.shrinks_at_delete && dict_slots(dict) > DICT_INITIAL_SIZE &&
        dict_count(dict) * UINT64_C(100) / dict_slots(dict) < 10)
        dict_shrink(dict);
}

uint32_t member_table_random(struct redis *redis, struct collection *collection)
{
    dict_of(redis, collection);
    return table_fair_random_key(collection->table, redis->rng);
}

void member_table_visit(struct redis *redis, struct collection *collection, uint32_t slot)
{
    dict_visit(dict_of(redis, collection), slot);
}

static void find(struct redis *redis, struct collection *collection, uint32_t member)
{
    struct dict *dict = dict_of(redis, collection);

    if (dict_is_rehashing(dict) && dict_count(dict))
        dict_step_at(dict, member);
}

static void end(struct redis *redis, struct collection *collection)
{
    redis->used -= member_table_bytes(redis, collection);
    collection_release_table(collection);
}

const struct collection_encoding member_table_encoding = {begin, add, change, remove_element, find, end};

uint64_t member_table_bytes(const struct redis *redis, const void *structure)
{
    const struct collection *collection = structure;
    const struct dict *dict = &collection->table->dict;

    return allocator_class(redis->allocator, DICT_BYTES) + sizeof(uint64_t) * dict_slots(dict) +
           (dict_is_rehashing(dict) ? dict->rehash_bytes : 0) + dict->node_bytes * dict->nodes + collection->bytes;
}

/* Elements are added one by one to a table that has room for all. The caller counts the bytes. */
void *member_table_copy(struct redis *redis, const void *structure)
{
    struct collection *copy = collection_copy(structure);
    uint64_t used = redis->used;

    begin(redis, copy, copy->count);
    for (uint32_t slot = 0; slot < copy->used; slot++)
        add(redis, copy, slot);
    redis->used = used;
    return copy;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* member_table: a collection in a hash table: a hash, or a set, of many or long elements.
 *
 *     dict 56 | table 8 * 2^n | per element: dictEntry 24, sds of the member, sds of the value
 *
 * Since 7.2 a set's dict has no values: a member has a node of 16 bytes, unless it came into an empty bucket. Since Redis
 * 7.4 a field is an mstr, which may have room for a ttl in front, and the dict of a hash whose fields have some is 32 bytes
 * larger. In Valkey since 8.1 the table has buckets. A set's member is an sds and nothing else; a field and its value are
 * one block:
 *
 *     hashtable 72 | buckets 64 * 2^n, and children | per element: hash_entry.h, or sds of the member
 *
 * The table is that of the keyspace (tables/), with slots instead of keys. The member's id is hashed. The table grows
 * and shrinks as in dict.c and hashtable.c, with two differences: maxmemory does not limit its growth, and no cron
 * rehashes it, only commands on it do.
 *
 * Source: hashTypeSet, hashTypeDelete, hashTypeConvertListpack (t_hash.c of Redis 7.0), setTypeAdd, setTypeRemove
 * (t_set.c), dict.c. */
#include "sim/server/values/block_tally.h"
#include "sim/server/values/collection.h"

#include "sim/alloc.h"
#include "sim/server/values/field_ttls.h"
#include "sim/server/values/hash_entry.h"
#include "sim/server/values/usage.h"

#include <stdlib.h>

enum {
    DICT_BYTES = 56,
    TTLS_BYTES =
        32, /* struct dictExpireMetadata; since Redis 8.6 struct htMetadataEx, whose first part every hash has */
    SIZE_BYTES = 8, /* in which a dict counts its bytes */
    DICT_ENTRY_BYTES = 24,
    NODE_BYTES = 16,
    TTL_BYTES = 16 + 2, /* struct ExpireMeta, and the flag that it is there */
};

static bool may_grow(void *owner, uint64_t bytes, uint64_t used, uint64_t size)
{
    (void)owner;
    (void)bytes;
    (void)used;
    (void)size;
    return true;
}

/* What the object has besides for ttls; MEMORY USAGE does not look for it. */
static uint64_t ttls_size(const struct redis *redis, const struct collection *collection)
{
    if (redis->profile->tables == TABLE_BUCKETS || !collection->ttls)
        return 0;
    return redis->profile->dicts_know_size ? TTLS_BYTES - SIZE_BYTES : TTLS_BYTES;
}

/* The dict of a hash or a set. */
static uint64_t dict_size(const struct redis *redis, const struct collection *collection)
{
    return DICT_BYTES + (redis->profile->dicts_know_size && !collection->order ? SIZE_BYTES : 0);
}

/* sizeof of the table's object. */
static uint64_t object_size(const struct redis *redis, const struct collection *collection)
{
    const struct server_profile *profile = redis->profile;

    return profile->tables == TABLE_BUCKETS
               ? profile->hashtable_bytes + (collection->value ? profile->hash_metadata_bytes : 0)
               : dict_size(redis, collection) + ttls_size(redis, collection);
}

static uint64_t object_bytes(const struct redis *redis, const struct collection *collection)
{
    return allocator_class(redis->allocator, object_size(redis, collection));
}

/* While a child saves, tables are not resized if it can be avoided. A collection's table learns of the child when it is
 * used. */
static struct table *table_of(const struct redis *redis, struct collection *collection)
{
    table_rest(collection->table, redis->child);
    return collection->table;
}

static uint64_t text_bytes(const struct redis *redis, struct text text)
{
    return sds_bytes(redis->allocator, text.length);
}

/* mstrNew, mstrNewWithMeta: an mstr does not say how much is free. */
static uint64_t field_bytes(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    uint64_t length = collection_text(redis, collection, slot).length;
    uint64_t header = length < 32 ? 1 : length < 65536 ? 3 : 9;
    bool has_ttl = collection->ttls && collection->ttls->attached[slot];

    return allocator_class(redis->allocator, (has_ttl ? TTL_BYTES : 0) + header + length + 1);
}

static bool has_mstrs(const struct redis *redis, const struct collection *collection)
{
    return collection->value && redis->profile->fields_are_mstrs;
}

static struct hash_entry entry_at(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    return (struct hash_entry){.field = collection_text(redis, collection, slot).length,
                               .value = collection->value[slot].length,
                               .has_ttl = collection->ttls && collection->ttls->attached[slot]};
}

static uint64_t element_bytes(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    struct text member = collection_text(redis, collection, slot);

    if (collection->order && redis->profile->members_in_nodes)
        return 0;
    if (collection->block)
        return hash_entry_bytes(redis, entry_at(redis, collection, slot), collection->block[slot]);
    if (has_mstrs(redis, collection))
        return redis->entry_bytes + field_bytes(redis, collection, slot) + text_bytes(redis, collection->value[slot]);
    return (collection->table->dict.has_node || table_has_buckets(collection->table) ? 0 : redis->entry_bytes) +
           text_bytes(redis, member) + (collection->value ? text_bytes(redis, collection->value[slot]) : 0);
}

static bool has_bare_members(const struct redis *redis, const struct collection *collection)
{
    const struct server_profile *profile = redis->profile;

    if (collection->value)
        return profile->fields_have_entries;
    return collection->order ? profile->members_in_nodes : profile->sets_have_bare_members;
}

static void make_chains(struct redis *redis, struct collection *collection, struct dict *dict)
{
    dict->rules = redis->profile->dict;
    dict->rules.adds_at_link = redis->profile->adds_at_link;
    dict->stride = sizeof *collection->link;
    dict->may_grow = may_grow;
    dict->memory = &redis->used;
    dict->links = (char *)collection->link;
    dict->hashed = collection->member;
    if (collection->value && redis->profile->fields_have_entries)
        collection->block = xcalloc(collection->capacity + 1, sizeof *collection->block);
    if (has_bare_members(redis, collection)) {
        dict->has_node = xcalloc(collection->capacity + 1, sizeof *dict->has_node);
        dict->node_bytes = allocator_class(redis->allocator, NODE_BYTES);
    }
}

static void make_buckets(struct redis *redis, struct collection *collection, struct hashtable *hashtable)
{
    hashtable->rules = redis->profile->hashtable;
    hashtable->memory = &redis->used;
    hashtable->hashed = collection->member;
    if (collection->value)
        collection->block = xcalloc(collection->capacity + 1, sizeof *collection->block);
}

static void make_table(struct redis *redis, struct collection *collection)
{
    struct table *table = xcalloc(1, sizeof *table);

    dict_init(&table->dict, redis->hash_seed);
    hashtable_init(&table->hashtable, redis->hash_seed);
    table->kind = redis->profile->tables;
    table->exists = true;
    collection->link = xrealloc(collection->link, (collection->capacity + 1) * sizeof *collection->link);
    if (table->kind == TABLE_BUCKETS)
        make_buckets(redis, collection, &table->hashtable);
    else
        make_chains(redis, collection, &table->dict);
    collection->table = table;
    redis->used += object_bytes(redis, collection);
}

static void begin(struct redis *redis, struct collection *collection, uint64_t expected)
{
    collection->bytes = 0;
    make_table(redis, collection);
    if (expected)
        table_presize(table_of(redis, collection), expected);
}

static void count(struct redis *redis, struct collection *collection, uint64_t bytes)
{
    collection->bytes += bytes;
    redis->used += bytes;
}

static void add(struct redis *redis, struct collection *collection, uint32_t slot)
{
    if (collection->block)
        hash_entry_new(redis, entry_at(redis, collection, slot), &collection->block[slot]);
    table_add(table_of(redis, collection), slot);
    count(redis, collection, element_bytes(redis, collection, slot));
}

static void change(struct redis *redis, struct collection *collection, uint32_t slot, struct text before)
{
    struct hash_entry after, old;
    uint64_t bytes;

    if (!collection->block) {
        count(redis, collection, text_bytes(redis, collection->value[slot]) - text_bytes(redis, before));
        return;
    }
    old = after = entry_at(redis, collection, slot);
    old.value = before.length;
    bytes = hash_entry_bytes(redis, old, collection->block[slot]);
    count(redis, collection, hash_entry_replace(redis, after, &collection->block[slot]) - bytes);
}

/* Shrinks a table with fewer than one key in ten slots; since 7.4, in eight. */
static void shrink_if_due(struct dict *dict)
{
    if (dict->rules.shrinks_at_delete)
        dict_shrink_if_due(dict);
    else if (dict_slots(dict) > DICT_INITIAL_SIZE && dict_count(dict) * UINT64_C(100) / dict_slots(dict) < 10)
        dict_shrink(dict);
}

/* The table shrinks after the element is freed; since 7.4, when it is unlinked. */
static void remove_element(struct redis *redis, struct collection *collection, uint32_t slot)
{
    struct table *table = table_of(redis, collection);
    struct dict *dict = &table->dict;

    table_remove(table, slot);
    count(redis, collection, -element_bytes(redis, collection, slot));
    if (!table_has_buckets(table) && !collection->keeps_size && !dict->rules.shrinks_at_delete)
        shrink_if_due(dict);
}

void member_table_keep_size(struct redis *redis, struct collection *collection, bool keeps)
{
    struct table *table = table_of(redis, collection);

    collection->keeps_size = keeps;
    table->dict.rules.shrinks_at_delete = !keeps && redis->profile->dict.shrinks_at_delete;
    if (!keeps && !table_has_buckets(table))
        shrink_if_due(&table->dict);
}

uint32_t member_table_random(struct redis *redis, struct collection *collection)
{
    return table_fair_random_key(table_of(redis, collection), redis->rng);
}

void member_table_visit(struct redis *redis, struct collection *collection, uint32_t slot)
{
    table_add_or_find(table_of(redis, collection), slot);
}

static void find(struct redis *redis, struct collection *collection, uint32_t member)
{
    struct table *table = table_of(redis, collection);

    if (table_has_buckets(table))
        hashtable_step(&table->hashtable);
    else if (table_is_rehashing(table) && table_count(table))
        dict_step_at(&table->dict, member);
}

void member_table_attach(struct redis *redis, struct collection *collection, uint32_t slot, bool attached)
{
    uint64_t before = element_bytes(redis, collection, slot);

    collection->ttls->attached[slot] = attached;
    if (collection->block)
        hash_entry_new(redis, entry_at(redis, collection, slot), &collection->block[slot]);
    count(redis, collection, element_bytes(redis, collection, slot) - before);
}

/* Valkey's way. */
static void init_set(struct redis *redis, struct field_ttls *ttls)
{
    ttls->set = (struct volatile_set){.memory = &redis->used,
                                      .shared = {.ms_of = field_ttls_ms,
                                                 .owner = ttls,
                                                 .allocator = redis->allocator,
                                                 .rules = redis->profile->hashtable,
                                                 .table_bytes = redis->profile->hashtable_bytes,
                                                 .hash_seed = redis->hash_seed}};
}

static void gather(struct redis *redis, struct collection *collection)
{
    struct field_ttls *ttls = collection->ttls;

    if (!has_spans(redis)) {
        field_ttls_gather(ttls, redis->allocator, &redis->used, collection->used);
        return;
    }
    init_set(redis, ttls);
    for (uint32_t slot = 0; slot < collection->used; slot++)
        if (ttls->item[slot].ms != EB_NEVER)
            volatile_set_add(&ttls->set, slot);
}

void member_table_keep_ttls(struct redis *redis, struct collection *collection)
{
    redis->used -= object_bytes(redis, collection);
    collection->ttls = field_ttls_new(collection->capacity);
    redis->used += object_bytes(redis, collection);
    if (has_spans(redis))
        init_set(redis, collection->ttls);
    else
        ebuckets_init(&collection->ttls->fields, redis->allocator, &redis->used, field_ttls_item, collection->ttls);
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

    return object_bytes(redis, collection) + table_bytes(collection->table) + collection->bytes +
           (collection->ttls ? collection->ttls->fields.bytes + collection->ttls->set.shared.bytes : 0);
}

/* The blocks of an element, as element_bytes() adds them up. */
static void tally_element(const struct redis *redis, const struct collection *collection, uint32_t slot,
                          struct block_tally *tally)
{
    uint64_t bytes = element_bytes(redis, collection, slot), value_bytes = 0, entry_bytes = 0;

    if (collection->value && (!collection->block || collection->block[slot] == HASH_ENTRY_APART))
        value_bytes = text_bytes(redis, collection->value[slot]);
    if (!collection->table->dict.has_node && !table_has_buckets(collection->table))
        entry_bytes = redis->entry_bytes;
    tally_add(tally, entry_bytes);
    tally_add(tally, value_bytes);
    tally_add(tally, bytes - entry_bytes - value_bytes);
}

static void tally_table(const struct table *table, struct block_tally *tally)
{
    if (table_has_buckets(table)) {
        const struct hashtable *hashtable = &table->hashtable;

        for (int i = 0; i < 2; i++)
            if (hashtable->exponent[i] >= 0)
                tally_add(tally, UINT64_C(64) << hashtable->exponent[i]);
        tally_add_many(tally, 64, hashtable->children[0] + hashtable->children[1]);
        return;
    }
    tally_add_many(tally, table->dict.node_bytes, table->dict.nodes);
    for (int i = 0; i < 2; i++)
        tally_add(tally, 8 * table->dict.size[i]);
}

void member_table_tally(const struct redis *redis, const void *structure, struct block_tally *tally)
{
    const struct collection *collection = structure;

    tally_add(tally, object_bytes(redis, collection));
    tally_table(collection->table, tally);
    if (collection->order && redis->profile->members_in_nodes)
        return;
    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT; slot = collection_next(collection, slot + 1))
        tally_element(redis, collection, slot, tally);
}

uint64_t member_table_usage_empty(const struct redis *redis, const struct collection *collection)
{
    const struct dict *dict = &collection->table->dict;

    return object_size(redis, collection) - ttls_size(redis, collection) + table_bytes(collection->table) -
           dict->nodes * dict->node_bytes;
}

/* Redis counts a dictEntry for each member of a set, though sets have had none since 7.2. Valkey counts the real
 * bytes. */
uint64_t member_table_usage_elements(const struct redis *redis, const struct collection *collection)
{
    const struct dict *dict = &collection->table->dict;

    if (table_has_buckets(collection->table))
        return collection->bytes;
    if (!dict->has_node)
        return collection->bytes - collection->count * usage_leaves_out(redis, DICT_ENTRY_BYTES);
    return collection->bytes + (redis->profile->layout == LAYOUT_NAME_IN_ENTRY
                                    ? dict->nodes * dict->node_bytes
                                    : collection->count * (uint64_t)DICT_ENTRY_BYTES);
}

/* Fields that have expired are not seen, and what finds those that will counts. */
static void leave_past_unseen(const struct redis *redis, const struct collection *collection,
                              struct usage_sample *sample)
{
    sample->besides += volatile_set_usage(&collection->ttls->set);
    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT; slot = collection_next(collection, slot + 1))
        if (collection->ttls->item[slot].ms < redis->unix_ms) {
            sample->elements -= element_bytes(redis, collection, slot);
            sample->unseen++;
        }
}

/* Of an element in a table since Redis 8.6, without what the allocator adds to a block that does not know it: only a string with a header
 * of 3 bytes or more does. */
static uint64_t asked_for(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    uint64_t length;

    if (collection->value)
        return hash_entry_asked_for(redis, entry_at(redis, collection, slot), collection->block[slot]);
    length = collection_text(redis, collection, slot).length;
    return sds_asked_for(redis->allocator, length);
}

/* The dict counts without the field in which it knows its size, and each element with an entry that it does not have. */
static struct usage_sample sample_asked_for(const struct redis *redis, const struct collection *collection)
{
    enum { KNOWN_SIZE = 8 };
    struct usage_sample sample = {.besides = member_table_usage_empty(redis, collection) - KNOWN_SIZE +
                                             collection->count * (uint64_t)DICT_ENTRY_BYTES};

    for (uint32_t slot = collection_next(collection, 0); slot != NO_SLOT; slot = collection_next(collection, slot + 1))
        sample.besides += asked_for(redis, collection, slot);
    return sample;
}

struct usage_sample member_table_sample(const struct redis *redis, const void *structure)
{
    const struct collection *collection = structure;

    if (redis->profile->usage_is_asked_for)
        return sample_asked_for(redis, collection);

    struct usage_sample sample = {.besides = member_table_usage_empty(redis, collection),
                                  .elements = member_table_usage_elements(redis, collection),
                                  .count = collection->count};

    if (collection->ttls && has_spans(redis))
        leave_past_unseen(redis, collection, &sample);
    return sample;
}

/* Who copies a hash of Valkey does not see what has expired. */
static void leave_out_past(const struct redis *redis, struct collection *copy)
{
    for (uint32_t slot = copy->used; slot-- > 0;)
        if (copy->ttls->item[slot].ms < redis->unix_ms)
            collection_remove(copy, slot);
}

/* The copy's table has room for all elements before they are added. The caller counts the bytes. */
void *member_table_copy(struct redis *redis, const void *structure)
{
    struct collection *copy = collection_copy(structure);
    uint64_t used = redis->used;
    uint32_t expected = copy->count;

    if (copy->ttls && has_spans(redis))
        leave_out_past(redis, copy);
    begin(redis, copy, expected);
    for (uint32_t slot = 0; slot < copy->used; slot++)
        add(redis, copy, slot);
    if (copy->ttls)
        gather(redis, copy);
    redis->used = used;
    return copy;
}

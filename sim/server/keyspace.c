/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyspace: keys, values and ttls.
 *
 * Each function does what a function of Redis's db.c does, with the rehash steps in the same order: a step may free a
 * drained table, which is memory. For the same reason, memory is allocated in the same order before or after a table
 * asks whether it may be resized. */
#include "sim/server/keyspace.h"

#include "sim/alloc.h"
#include "sim/contract.h"
#include "sim/hooks.h"
#include "sim/server/bless.h"
#include "sim/server/resident.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/values/sds.h"
#include "sim/server/tracking_changes.h"
#include "sim/server/watch.h"

#include <stdlib.h>
#include <string.h>

/* As overMaxmemoryAfterAlloc. */
static bool has_room(void *owner, uint64_t bytes)
{
    const struct redis *redis = owner;

    return !redis->maxmemory || counted_memory(redis) + bytes <= redis->maxmemory;
}

/* As dictResizeAllowed: a table with fewer than 1.618 keys per bucket may not grow beyond maxmemory. */
static bool may_grow(void *owner, uint64_t bytes, uint64_t used, uint64_t size)
{
    return (double)used / (double)size > 1.618 || has_room(owner, bytes);
}

static void init_table(struct redis *redis, struct table *table, uint64_t hash_seed, uint32_t object_bytes)
{
    const struct server_profile *profile = redis->profile;
    uint64_t node = profile->lists_rehashing ? allocator_class(redis->allocator, 24) : 0;

    table->kind = profile->tables;
    table->exists = !object_bytes;
    table->object_bytes = object_bytes ? allocator_class(redis->allocator, object_bytes) : 0;
    table->memory = &redis->used;
    dict_init(&table->dict, hash_seed);
    table->dict.rules = profile->dict;
    table->dict.rehash_bytes = node;
    table->dict.stride = redis->stride;
    table->dict.may_grow = may_grow;
    table->dict.owner = redis;
    table->dict.node_bytes = has_kvobjs(redis) ? allocator_class(redis->allocator, DICT_NODE_BYTES) : 0;
    table->dict.memory = &redis->used;
    hashtable_init(&table->hashtable, hash_seed);
    table->hashtable.rules = profile->hashtable;
    table->hashtable.rehash_bytes = node;
    table->hashtable.may_resize = has_room;
    table->hashtable.owner = redis;
    table->hashtable.memory = &redis->used;
}

static bool always_may_grow(void *owner, uint64_t bytes, uint64_t used, uint64_t size)
{
    (void)owner, (void)bytes, (void)used, (void)size;
    return true;
}

static void init_blessed(struct redis *redis, struct table *table)
{
    init_table(redis, table, redis->hash_seed, redis->profile->expires_table_bytes);
    table->dict.may_grow = always_may_grow;
    table->dict.node_bytes = 0;
    table->dict.stride = sizeof *redis->blessed_links;
    table->dict.links = (char *)redis->blessed_links;
}

/* In cluster mode a database has a table for each slot, since Redis 7.4 and Valkey 8.0. */
static void divide_table(struct redis *redis, struct table *table)
{
    const struct server_profile *profile = redis->profile;

    table->slots = cluster_slots_new(redis->options->slots, redis->hash_seed, table->object_bytes,
                                     profile->tables == TABLE_BUCKETS, &redis->used);
    table->slots->node_bytes = table->dict.node_bytes;
    table->memory = table->dict.memory = table->hashtable.memory = &table->slots->uncounted;
}

static void link_tables(struct redis *redis, struct database *database)
{
    database->keys.dict.has_node = redis->key_nodes;
    database->expires.dict.has_node = redis->expires_nodes;
    database->keys.dict.links = redis->entries + offsetof(struct entry, next);
    database->expires.dict.links = redis->entries + offsetof(struct entry, expires_next);
}

/* Creates databases until there are `count`. */
static void make_databases(struct redis *redis, int count)
{
    const struct server_profile *profile = redis->profile;

    for (; redis->database_ready < count; redis->database_ready++) {
        struct database *database = &redis->databases[redis->database_ready];

        init_table(redis, &database->keys, redis->hash_seed, profile->keys_table_bytes);
        database->keys.dict.rules.adds_at_link = profile->adds_at_link;
        init_table(redis, &database->expires, redis->hash_seed, profile->expires_table_bytes);
        init_table(redis, &database->volatile_hashes, redis->hash_seed, profile->expires_table_bytes);
        init_blessed(redis, &database->blessed);
        hash_expires_init(redis, database);
        if (redis->config.cluster_enabled && profile->lists_rehashing && !redis->database_ready) {
            divide_table(redis, &database->keys);
            divide_table(redis, &database->expires);
            divide_table(redis, &database->blessed);
        }
        if (redis->entries)
            link_tables(redis, database);
    }
}

/* At least half a cache line: where keys take 28 bytes, two fifths of them lie in two lines. */
size_t keyspace_key_bytes(const struct policy *policy)
{
    enum { HALF_A_LINE = 32 };
    size_t bytes = sizeof(struct entry) + (policy->entry_size + 3) / 4 * 4;

    return bytes < HALF_A_LINE ? HALF_A_LINE : bytes;
}

void keyspace_init(struct redis *redis, uint64_t hash_seed)
{
    object_init(redis);
    redis->stride = keyspace_key_bytes(redis->eviction.policy);
    redis->eviction.stride = redis->stride;
    redis->hash_seed = hash_seed;
    redis->databases = xcalloc(DB_MAX, sizeof *redis->databases);
    make_databases(redis, DB_COUNT);
    redis->databases[0].is_used = true; /* used_memory has it */
    redis->database_count = 1;
}

void keyspace_use_database(struct redis *redis, int db)
{
    if (redis->databases[db].is_used)
        return;
    redis->databases[db].is_used = true;
    redis->used += redis->profile->database_bytes;
    if (db >= redis->database_ready)
        make_databases(redis, db + 1);
    if (db >= redis->database_count)
        redis->eviction.database_count = redis->database_count = db + 1;
}

void keyspace_release(struct redis *redis)
{
    for (uint32_t id = 0; id < redis->capacity; id++)
        entry_release_value(entry_of(redis, id));
    for (int db = 0; db < redis->database_ready; db++) {
        table_release(&redis->databases[db].keys);
        table_release(&redis->databases[db].expires);
        table_release(&redis->databases[db].volatile_hashes);
        table_release(&redis->databases[db].blessed);
        ebuckets_release(&redis->databases[db].field_expires);
    }
    bless_release(redis);
    free(redis->databases);
    free(redis->decimals);
    free(redis->entries);
    free(redis->key_nodes);
    free(redis->expires_nodes);
    free(redis->long_key_len);
}

void keyspace_reserve(struct redis *redis, uint32_t key_count)
{
    uint32_t capacity = grown_capacity(redis->capacity, key_count);

    if (key_count <= redis->capacity)
        return;
    redis->entries = xrealloc_zero_aligned(redis->entries, redis->capacity * redis->stride, capacity * redis->stride);
    if (redis->long_key_len)
        redis->long_key_len = xrealloc_zero(redis->long_key_len, redis->capacity * sizeof *redis->long_key_len,
                                            capacity * sizeof *redis->long_key_len);
    if (redis->decimals)
        redis->decimals = xrealloc_zero(redis->decimals, redis->capacity * sizeof *redis->decimals,
                                        capacity * sizeof *redis->decimals);
    if (has_kvobjs(redis)) {
        redis->key_nodes = xrealloc_zero(redis->key_nodes, redis->capacity, capacity);
        redis->expires_nodes = xrealloc_zero(redis->expires_nodes, redis->capacity, capacity);
    }
    bless_reserve(redis, redis->capacity, capacity);
    redis->capacity = capacity;
    redis->eviction.entries = redis->entries + sizeof(struct entry);
    for (int db = 0; db < redis->database_ready; db++)
        link_tables(redis, &redis->databases[db]);
}

/* ---- keys ---- */

/* The value's argument is freed, or becomes the value. */
static void take_argument(struct redis *redis, const struct value *value)
{
    redis->arguments -= value->bytes < redis->arguments ? value->bytes : redis->arguments;
}

static inline void add_group_bytes(struct redis *redis, uint32_t id, uint64_t bytes)
{
    if (__builtin_expect(redis->groups != NULL, 0))
        group_of_key(redis->groups, id)->bytes += bytes;
}

/* The key's value, of that encoding, weighs more from now on; less, modulo 2^64. */
static void add_value_bytes(struct redis *redis, uint32_t id, unsigned encoding, uint64_t bytes)
{
    redis->used += bytes;
    redis->dataset.values[encodings[encoding].type] += bytes;
    add_group_bytes(redis, id, bytes);
}

/* Likewise its name and entry. */
static void add_key_bytes(struct redis *redis, uint32_t id, uint64_t bytes)
{
    redis->used += bytes;
    redis->dataset.keys += bytes;
    add_group_bytes(redis, id, bytes);
}

/* Likewise the entry of its ttl. */
static void add_ttl_bytes(struct redis *redis, uint32_t id, uint64_t bytes)
{
    redis->used += bytes;
    add_group_bytes(redis, id, bytes);
}

/* There is a key more, or one with a ttl; or less. */
static inline void count_in_group(struct redis *redis, uint32_t id, int keys, int expires)
{
    struct group *group;

    if (__builtin_expect(!redis->groups, 1))
        return;
    group = group_of_key(redis->groups, id);
    group->keys += (uint64_t)(int64_t)keys;
    group->expires += (uint64_t)(int64_t)expires;
}

void keyspace_string_grew(struct redis *redis, const struct entry *entry, uint64_t bytes)
{
    add_value_bytes(redis, entry_id(redis, entry), entry->encoding, bytes);
}

static void set_tallied(struct redis *redis, const struct entry *entry)
{
    if (encoding_is_structure(entry->encoding))
        ((struct tallied *)entry->structure)->bytes = encodings[entry->encoding].bytes(redis, entry->structure);
}

void keyspace_tally_structure(struct redis *redis, const struct entry *entry)
{
    uint64_t before = ((struct tallied *)entry->structure)->bytes;

    set_tallied(redis, entry);
    redis->dataset.values[encodings[entry->encoding].type] += ((struct tallied *)entry->structure)->bytes - before;
    add_group_bytes(redis, entry_id(redis, entry), ((struct tallied *)entry->structure)->bytes - before);
}

static void store_value(struct redis *redis, struct entry *entry, const struct value *value)
{
    entry_copy_value(entry, value);
    add_value_bytes(redis, entry_id(redis, entry), value->encoding, value->bytes);
    take_argument(redis, value);
}

/* As objectSetKeyAndExpire: makes the object that the entry describes. */
static void make_object(struct redis *redis, uint32_t id, bool has_ttl)
{
    entry_lay_out(redis, id, has_ttl);
    add_key_bytes(redis, id, entry_key_bytes(redis, id));
    add_value_bytes(redis, id, entry_of(redis, id)->encoding, entry_value_bytes(redis, entry_of(redis, id)));
}

static void store_key_length(struct redis *redis, uint32_t id, uint32_t length)
{
    if (length >= KEY_LEN_LONG) {
        if (!redis->long_key_len)
            redis->long_key_len = xcalloc(redis->capacity, sizeof *redis->long_key_len);
        redis->long_key_len[id] = length;
        length = KEY_LEN_LONG;
    }
    entry_of(redis, id)->key_len = (uint16_t)length;
}

void key_note_absence(struct redis *redis, uint32_t id, enum miss_cause cause)
{
    struct entry *entry = entry_of(redis, id);

    if (entry->encoding == ENCODING_ABSENT)
        entry->absence = absence_from(cause, redis->now_us);
}

void keyspace_note_refused(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    for (uint32_t row = first; row < first + rows; row++)
        if (batch->id[row] != NO_KEY && request_would_make_key(batch, first, row))
            key_note_absence(redis, batch->id[row], MISS_REFUSED);
}

static void delete_expired(struct redis *redis, uint32_t id)
{
    key_delete(redis, id);
    key_note_absence(redis, id, MISS_EXPIRED_LAZILY);
    if (replication_is_on(&redis->replication))
        replication_delete_later(&redis->replication, key_length(redis, id));
    key_count_expired(redis, id);
}

bool key_expire_if_due(struct redis *redis, uint32_t id)
{
    if (!key_is_expired(redis, id, false))
        return false;
    delete_expired(redis, id);
    return true;
}

void keyspace_note_text(struct redis *redis, uint32_t id, struct decimal text)
{
    if (!redis->decimals)
        redis->decimals = xcalloc(redis->capacity, sizeof *redis->decimals);
    redis->decimals[id] = text;
}

void keyspace_forget_decimal(struct redis *redis, uint32_t id)
{
    if (redis->decimals)
        redis->decimals[id] = (struct decimal){0};
}

/* A read finds nothing. */
static void count_miss(struct redis *redis, struct entry *entry)
{
    bool is_expired = entry->absence.cause == MISS_EVICTED && redis->unix_ms > entry->expire_ms;

    redis->counters.misses++;
    absence_count(entry->absence, &redis->counters, offsetof(struct counters, misses_cold));
    if (redis->groups)
        group_missed(redis->groups, entry_id(redis, entry), entry->absence, is_expired);
    if (entry->absence.cause != MISS_EVICTED)
        return;
    evictions_note_missed(&redis->evictions, &entry->absence, redis->now_us);
    redis->counters.misses_evicted_expired += is_expired;
}

struct entry *key_lookup(struct redis *redis, uint32_t id, enum lookup lookup)
{
    struct entry *entry = entry_of(redis, id);
    bool found = entry->encoding != ENCODING_ABSENT;

    table_find(&database_of(redis, entry)->keys, id);
    if (found && key_is_expired(redis, id, true)) {
        delete_expired(redis, id);
        found = false;
    }
    if (lookup != LOOKUP_WRITE) {
        redis->counters.reads++;
        redis->counters.hits += found;
        if (__builtin_expect(redis->groups != NULL, 0))
            group_read(redis->groups, id, found);
        if (!found)
            count_miss(redis, entry);
        if (fetches_are_counted(&redis->fetches))
            fetches_note(&redis->fetches, id, redis->now_us, found);
    }
    if (!found)
        return NULL;
    if (lookup == LOOKUP_READ)
        key_note_read(redis, id);
    return entry;
}

void keyspace_note_modified(struct redis *redis, uint32_t id)
{
    if (redis_policy_of(redis->policy).notes_every_write)
        key_tell_written(redis, id);
}

void key_miss_unnamed(struct redis *redis, uint8_t db)
{
    struct absence never_written = {0};

    table_find(&redis->databases[db].keys, NO_KEY);
    redis->counters.reads++;
    redis->counters.misses++;
    absence_count(never_written, &redis->counters, offsetof(struct counters, misses_cold));
    if (redis->groups) {
        group_read(redis->groups, NO_KEY, false);
        group_missed(redis->groups, NO_KEY, never_written, false);
    }
}

/* The lookups of a deletion that finds nothing. */
static void look_to_delete(struct redis *redis, uint32_t id)
{
    struct database *database = database_of(redis, entry_of(redis, id));

    if (!redis->profile->delete_finds_key_first)
        table_find(&database->expires, id);
    table_find(&database->keys, id);
}

bool key_find_to_delete(struct redis *redis, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);
    struct database *database = database_of(redis, entry);

    if (entry->encoding == ENCODING_ABSENT) {
        table_find(&database->expires, id);
    } else if (!key_is_expired(redis, id, false)) {
        return true;
    } else {
        delete_expired(redis, id);
        if (redis->profile->del_ends_with_expiry)
            return false;
    }
    look_to_delete(redis, id);
    return false;
}

bool key_delete_if_there(struct redis *redis, uint32_t id)
{
    if (entry_of(redis, id)->encoding == ENCODING_ABSENT) {
        look_to_delete(redis, id);
        return false;
    }
    key_delete(redis, id);
    return true;
}

/* Counts keys that the server keeps in a way that is not modeled; a sorted set that becomes one of those is counted there. */
static void note_kind(struct redis *redis, enum encoding encoding)
{
    redis->unlike_zsets += encoding == ENCODING_ZSET_SKIPLIST && redis->profile->has_zset_trees;
    redis->unlike_hashes += encodings[encoding].type == TYPE_HASH && redis->profile->has_hash_templates;
}

void key_create(struct redis *redis, uint32_t id, uint8_t db, uint32_t key_len, const struct value *value)
{
    struct entry *entry = entry_of(redis, id);
    struct table *keys = &redis->databases[db].keys;

    CONTRACT_DEBUG(entry->encoding == ENCODING_ABSENT && id < redis->key_count,
                   "a policy is told of a key that comes when it is not there");
    count_in_group(redis, id, 1, 0);
    if (__builtin_expect(encoding_is_structure(value->encoding), 0))
        note_kind(redis, value->encoding);
    entry->db = db;
    entry->expire_ms = NO_EXPIRE;
    keyspace_forget_decimal(redis, id);
    store_key_length(redis, id, key_len);
    if (has_objects(redis)) {
        take_argument(redis, value);
        entry_copy_value(entry, value);
        make_object(redis, id, false);
        table_add(keys, id);
    } else {
        uint64_t name = redis->profile->copies_name_late ? 0 : sds_bytes(redis->allocator, key_len);

        add_key_bytes(redis, id, name);
        table_add(keys, id);
        add_key_bytes(redis, id, entry_key_bytes(redis, id) - name);
        store_value(redis, entry, value);
    }
    set_tallied(redis, entry);
    if (redis->blocked.count)
        blocked_note_ready(&redis->blocked, id);
    resident_note(redis, id);
}

void key_add(struct redis *redis, uint32_t id, uint8_t db, uint32_t key_len, const struct value *value)
{
    key_create(redis, id, db, key_len, value);
    policy_added(&redis->eviction, id);
}

/* Keeps the object if only the value's block changes; otherwise makes a new one, in Redis without a field for a ttl that goes. */
static void overwrite_object(struct redis *redis, uint32_t id, const struct value *value, bool ttl_goes)
{
    struct entry *entry = entry_of(redis, id);
    uint64_t old_bytes = entry_value_bytes(redis, entry), old_key_bytes = 0;
    struct entry old = *entry;
    bool has_ttl = entry->expire_ms != NO_EXPIRE && !(ttl_goes && has_kvobjs(redis));

    hash_expires_forget(redis, entry);
    take_argument(redis, value);
    if (!entry_is_embstr(entry) && !encoding_is_embstr(value->encoding) && !value->needs_object &&
        !bless_field_bytes(redis, id)) {
        entry_copy_value(entry, value);
        add_value_bytes(redis, id, entry->encoding, entry_value_bytes(redis, entry));
    } else {
        old_key_bytes = entry_key_bytes(redis, id);
        if (has_ttl)
            table_find(&database_of(redis, entry)->expires, id);
        entry_copy_value(entry, value);
        make_object(redis, id, has_ttl);
    }
    add_value_bytes(redis, id, old.encoding, 0 - old_bytes);
    add_key_bytes(redis, id, 0 - old_key_bytes);
    entry_release_value(&old);
}

/* dbSetValue of an entry in hand. */
static void set_value(struct redis *redis, uint32_t id, const struct value *value, bool ttl_goes)
{
    struct entry *entry = entry_of(redis, id);

    keyspace_forget_decimal(redis, id);
    keyspace_tally(redis, entry);
    bless_overwritten(redis, id);
    if (has_objects(redis)) {
        overwrite_object(redis, id, value, ttl_goes);
    } else {
        uint64_t old_bytes = entry_value_bytes(redis, entry);
        struct entry old = *entry;

        hash_expires_forget(redis, entry);
        store_value(redis, entry, value);
        add_value_bytes(redis, id, old.encoding, 0 - old_bytes);
        entry_release_value(&old);
    }
    set_tallied(redis, entry);
    resident_note(redis, id);
    /* While a child saves, the key is not touched. But a new object starts with the present clock. */
    if (redis->child && !redis->profile->overwrite_inherits_clock &&
        redis_policy_of(redis->eviction.policy).lru_field != LRU_FIELD_COUNTER)
        key_tell_written(redis, id);
}

void key_overwrite(struct redis *redis, uint32_t id, const struct value *value, bool ttl_goes)
{
    if (!redis->profile->overwrites_in_hand)
        table_find(&database_of(redis, entry_of(redis, id))->keys, id);
    set_value(redis, id, value, ttl_goes);
}

void key_add_or_overwrite(struct redis *redis, uint32_t id, const struct value *value, bool ttl_goes)
{
    table_add_or_find(&database_of(redis, entry_of(redis, id))->keys, id);
    set_value(redis, id, value, ttl_goes);
}

void key_set_expire(struct redis *redis, uint32_t id, int64_t expire_ms)
{
    struct entry *entry = entry_of(redis, id);
    struct database *database = database_of(redis, entry);

    table_find(&database->keys, id);
    if (entry->expire_ms == NO_EXPIRE) {
        if (has_objects(redis) && !entry->has_ttl_field) {
            uint64_t key_bytes = entry_key_bytes(redis, id), value_bytes = entry_value_bytes(redis, entry);

            make_object(redis, id, true);
            add_key_bytes(redis, id, 0 - key_bytes);
            add_value_bytes(redis, id, entry->encoding, 0 - value_bytes);
        }
        table_add(&database->expires, id);
        add_ttl_bytes(redis, id, entry_ttl_bytes(redis));
        count_in_group(redis, id, 0, 1);
        bless_retimed(redis, id, 1);
    } else if (!has_objects(redis)) {
        dict_visit(&database->expires.dict, id);
    }
    entry->expire_ms = expire_ms;
    resident_note(redis, id);
    key_tell_retimed(redis, id);
}

/* As keyMetaSetMetadata: the key's object is made anew, with one more field. */
static void add_field(struct redis *redis, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);
    uint64_t key_bytes = entry_key_bytes(redis, id), value_bytes = entry_value_bytes(redis, entry);

    table_find(&database_of(redis, entry)->keys, id);
    if (entry->expire_ms != NO_EXPIRE)
        table_find(&database_of(redis, entry)->expires, id);
    redis->blessings[id] |= BLESSING_FIELD;
    make_object(redis, id, entry->has_ttl_field);
    add_key_bytes(redis, id, 0 - key_bytes);
    add_value_bytes(redis, id, entry->encoding, 0 - value_bytes);
    resident_note(redis, id);
}

bool key_bless(struct redis *redis, uint32_t id)
{
    if (key_is_blessed(redis, id))
        return false;
    bless_begin(redis);
    if (!(redis->blessings[id] & BLESSING_FIELD))
        add_field(redis, id);
    bless_keep(redis, id);
    return true;
}

void key_bless_as(struct redis *redis, uint32_t id, uint8_t blessing)
{
    if (blessing & BLESSING_KEPT)
        key_bless(redis, id);
}

/* Removes the ttl without calling the policy. The key stays. */
static bool drop_expire(struct redis *redis, struct database *database, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);

    if (entry->expire_ms == NO_EXPIRE) {
        table_find(&database->expires, id);
        return false;
    }
    add_ttl_bytes(redis, id, 0 - entry_ttl_bytes(redis)); /* freed before the table may shrink */
    count_in_group(redis, id, 0, -1);
    bless_retimed(redis, id, -1);
    table_remove(&database->expires, id);
    entry->expire_ms = NO_EXPIRE;
    return true;
}

bool key_remove_expire(struct redis *redis, uint32_t id)
{
    struct database *database = database_of(redis, entry_of(redis, id));

    if (!redis->profile->ttl_asserts_nothing)
        table_find(&database->keys, id); /* the lookup in the assertion of removeExpire */
    if (!drop_expire(redis, database, id))
        return false;
    resident_note(redis, id);
    key_tell_retimed(redis, id);
    return true;
}

/* The entry, name and value are freed; then the table may shrink. */
static void delete_from_dicts(struct redis *redis, struct database *database, uint32_t id)
{
    const struct server_profile *profile = redis->profile;
    const struct entry *entry = entry_of(redis, id);
    uint64_t value = entry_value_bytes(redis, entry);
    struct dict *keys = &database->keys.dict;

    if (profile->delete_finds_key_first && dict_is_rehashing(keys))
        dict_step(keys); /* dictTwoPhaseUnlinkFind */
    if (profile->frees_lazily)
        add_value_bytes(redis, id, entry->encoding, 0 - value);
    drop_expire(redis, database, id);
    add_key_bytes(redis, id, 0 - entry_key_bytes(redis, id));
    if (!profile->frees_lazily)
        add_value_bytes(redis, id, entry->encoding, 0 - value);
    if (profile->delete_finds_key_first)
        table_unlink(&database->keys, id);
    else
        table_remove(&database->keys, id);
}

/* Both tables may shrink before the object is freed. */
static void delete_object(struct redis *redis, struct database *database, uint32_t id)
{
    table_remove(&database->keys, id);
    if (entry_of(redis, id)->expire_ms != NO_EXPIRE)
        drop_expire(redis, database, id);
    add_key_bytes(redis, id, 0 - entry_key_bytes(redis, id));
    add_value_bytes(redis, id, entry_of(redis, id)->encoding, 0 - entry_value_bytes(redis, entry_of(redis, id)));
}

/* Whether the policy knows the key, and must be told. */
static bool delete_key(struct redis *redis, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);
    bool is_known = !bless_forget(redis, id);

    hash_expires_forget(redis, entry);
    keyspace_tally(redis, entry);
    count_in_group(redis, id, -1, 0);
    if (has_objects(redis) && !has_kvobjs(redis))
        delete_object(redis, database_of(redis, entry), id);
    else
        delete_from_dicts(redis, database_of(redis, entry), id);
    if (redis->blessings)
        redis->blessings[id] = 0;
    entry_release_value(entry);
    entry->encoding = ENCODING_ABSENT;
    entry->absence = absence_from(MISS_DELETED, redis->now_us);
    resident_note(redis, id);
    watch_touch(redis, id);
    tracking_touch(redis, id);
    return is_known;
}

void key_delete(struct redis *redis, uint32_t id)
{
    if (delete_key(redis, id))
        policy_removed(&redis->eviction, id);
}

/* Deletes a key on the server's own initiative. The server makes an object of the name for this. Likewise. */
bool keyspace_adds_up(const struct redis *redis)
{
    uint64_t keys = 0, values[VALUE_TYPES] = {0};

    for (uint32_t id = 0; id < redis->key_count; id++) {
        const struct entry *entry = entry_of(redis, id);

        if (entry->encoding == ENCODING_ABSENT)
            continue;
        keys += entry_key_bytes(redis, id);
        values[encodings[entry->encoding].type] += entry_value_bytes(redis, entry);
    }
    for (int type = 0; type < VALUE_TYPES; type++)
        if (values[type] != redis->dataset.values[type])
            return false;
    return keys == redis->dataset.keys;
}

static bool delete_by_server(struct redis *redis, uint32_t id)
{
    uint64_t name = 0;
    bool is_known;

    if (redis->profile->resize == RESIZE_AT_DELETE) /* it counts only if a table may be resized meanwhile */
        name = argument_bytes(redis, key_length(redis, id));
    redis->arguments += name;
    is_known = delete_key(redis, id);
    redis->arguments -= name;
    return is_known;
}

/* If objects hold only values, the object goes to the new name. Otherwise its string does, or is copied into the new
 * object. */
void key_rename(struct redis *redis, uint32_t from, uint32_t to, uint8_t db, uint32_t key_len)
{
    struct entry *entry = entry_of(redis, from);
    uint64_t bytes = entry_value_bytes(redis, entry);
    struct value value = value_of_entry(redis, entry);
    int64_t expire_ms = entry->expire_ms, due_ms;
    uint32_t length = entry_is_string(entry) ? entry_value_length(entry) : 0;
    uint8_t blessing = blessing_of(redis, from);

    keyspace_tally(redis, entry);
    add_value_bytes(redis, from, entry->encoding, 0 - bytes);
    redis->arguments += value.bytes;
    key_add(redis, to, db, key_len, &value);
    if (!redis->profile->renamed_is_new && redis_policy_of(redis->eviction.policy).lru_field != LRU_FIELD_UNREAD)
        memcpy(policy_entry(&redis->eviction, to), policy_entry(&redis->eviction, from),
               redis->eviction.policy->entry_size);
    if (redis->decimals)
        redis->decimals[to] = redis->decimals[from];
    if (expire_ms != NO_EXPIRE)
        key_set_expire(redis, to, expire_ms);
    key_bless_as(redis, to, blessing);
    due_ms = hash_expires_forget(redis, entry_of(redis, from));
    entry = entry_of(redis, from);
    if (bytes || (encoding_is_structure(entry->encoding) && !entry_is_embstr(entry))) {
        entry->encoding = ENCODING_SHARED; /* its value now belongs to the other key */
    } else if (entry->encoding == ENCODING_HLL_EMBSTR) {
        entry->encoding = ENCODING_EMBSTR; /* so do its registers, while its object is still as large */
        entry->length = length;
    }
    key_delete(redis, from);
    hash_expires_note(redis, entry_of(redis, to), due_ms);
}

void key_expire(struct redis *redis, uint32_t id)
{
    bool is_known = delete_by_server(redis, id);

    key_note_absence(redis, id, MISS_EXPIRED_BY_CYCLE);
    if (is_known)
        policy_removed(&redis->eviction, id);
}

void key_evict(struct redis *redis, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);
    int64_t expire_ms = entry->expire_ms;

    if (expire_ms != NO_EXPIRE)
        evictions_note_ttl(&redis->evictions, expire_ms - redis->unix_ms);
    if (redis->groups)
        group_evicted(redis->groups, id);
    delete_by_server(redis, id);
    entry->absence = absence_from(MISS_EVICTED, redis->now_us);
    entry->expire_ms = expire_ms;
    policy_evicted(&redis->eviction, id);
}

static void forget_key(void *owner, uint32_t id)
{
    struct redis *redis = owner;
    struct entry *entry = entry_of(redis, id);

    keyspace_tally(redis, entry);
    add_key_bytes(redis, id, 0 - entry_key_bytes(redis, id));
    add_value_bytes(redis, id, entry->encoding, 0 - entry_value_bytes(redis, entry));
    if (entry->expire_ms != NO_EXPIRE) {
        add_ttl_bytes(redis, id, 0 - entry_ttl_bytes(redis));
        count_in_group(redis, id, 0, -1);
    }
    count_in_group(redis, id, -1, 0);
    entry_release_value(entry);
    entry->encoding = ENCODING_ABSENT;
    entry->absence = absence_from(MISS_FLUSHED, redis->now_us);
    entry->expire_ms = NO_EXPIRE;
    resident_note(redis, id);
    watch_touch(redis, id);
    if (!key_is_hidden(redis, id))
        policy_removed(&redis->eviction, id);
    if (redis->blessings)
        redis->blessings[id] = 0;
}

uint64_t database_flush(struct redis *redis, int db, bool asynchronously)
{
    struct database *database = &redis->databases[db];
    uint64_t deleted = table_count(&database->keys);

    if (!deleted && redis->profile->flush_skips_empty)
        return 0;
    bless_flush(redis, database, asynchronously);
    table_each(&database->keys, forget_key, redis);
    table_clear(&database->keys, asynchronously);
    table_clear(&database->expires, asynchronously);
    table_clear(&database->volatile_hashes, asynchronously);
    ebuckets_clear(&database->field_expires);
    database->expires_cursor = database->volatile_cursor = 0;
    return deleted;
}

uint64_t keyspace_keys(const struct redis *redis)
{
    uint64_t keys = 0;

    for (int db = 0; db < redis->database_count; db++)
        keys += table_count(&redis->databases[db].keys);
    return keys;
}

uint64_t keyspace_expires(const struct redis *redis)
{
    uint64_t keys = 0;

    for (int db = 0; db < redis->database_count; db++)
        keys += table_count(&redis->databases[db].expires);
    return keys;
}

/* ---- the view of policies ---- */

static struct table *table_in_scope(struct redis *redis, int db, enum scope scope)
{
    return scope == SCOPE_VOLATILE ? &redis->databases[db].expires : &redis->databases[db].keys;
}

/* A policy that Redis does not have may evict what is not blessed. Redis's own draw from all keys. */
static uint32_t view_candidates(const void *keyspace, int db, enum scope scope)
{
    const struct redis *redis = keyspace;
    const struct database *database = &redis->databases[db];
    bool is_volatile = scope == SCOPE_VOLATILE;
    uint32_t count = table_count(is_volatile ? &database->expires : &database->keys);

    if (__builtin_expect(!redis->blessings, 1) || redis->policy->redis)
        return count;
    return count - (is_volatile ? database->blessed_with_ttl : table_count(&database->blessed));
}

static bool view_is_candidate(const void *keyspace, uint32_t id, enum scope scope)
{
    const struct entry *entry = entry_of(keyspace, id);

    return entry->encoding != ENCODING_ABSENT && (scope != SCOPE_VOLATILE || entry->expire_ms != NO_EXPIRE) &&
           !key_is_blessed(keyspace, id);
}

static int view_sample(void *keyspace, int db, enum scope scope, int want, uint32_t *ids)
{
    struct redis *redis = keyspace;
    int count = table_sample(table_in_scope(redis, db, scope), redis->rng, want, ids), kept = 0;

    if (__builtin_expect(!redis->blessings, 1) || redis->policy->redis)
        return count;
    for (int i = 0; i < count; i++)
        if (!key_is_blessed(redis, ids[i]))
            ids[kept++] = ids[i];
    return kept;
}

static uint32_t view_random_key(void *keyspace, int db, enum scope scope)
{
    struct redis *redis = keyspace;
    struct table *table = table_in_scope(redis, db, scope);
    uint32_t id = table_random_key(table, redis->rng), next;

    while (key_is_hidden(redis, id))
        id = table_random_key(table, redis->rng);
    next = table_likely_key(table, redis->rng);
    if (next != DICT_END)
        key_prefetch_removal(redis, next);
    return id;
}

static int64_t view_expire_ms(const void *keyspace, uint32_t id)
{
    return entry_of(keyspace, id)->expire_ms;
}

static uint64_t view_size(const void *keyspace, uint32_t id)
{
    const struct redis *redis = keyspace;
    const struct entry *entry = entry_of(redis, id);

    return entry_key_bytes(redis, id) + entry_value_bytes(redis, entry) +
           (entry->expire_ms == NO_EXPIRE ? 0 : entry_ttl_bytes(redis));
}

static uint64_t view_capacity(const void *keyspace, uint64_t held)
{
    const struct redis *redis = keyspace;
    uint64_t used = redis->used + redis->arguments;

    if (!redis->maxmemory)
        return UINT64_MAX;
    return held + redis->maxmemory > used ? held + redis->maxmemory - used : 0;
}

const struct keyspace_view redis_keyspace_view = {
    .candidates = view_candidates,
    .is_candidate = view_is_candidate,
    .sample = view_sample,
    .random_key = view_random_key,
    .expire_ms = view_expire_ms,
    .size = view_size,
    .capacity = view_capacity,
};

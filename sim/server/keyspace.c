/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keyspace: keys, values and ttls, and what they weigh.
 *
 *     key    C(sds)                    dictEntry  C(24)
 *     value  see string.h              ttl        C(24), a dictEntry of the expires dict
 *
 * Each function mirrors one of Redis's db.c, with its rehash steps in its order: a step may free a
 * drained table, and that is memory. */
#include "sim/server/keyspace.h"

#include "sim/alloc.h"
#include "sim/server/string.h"

#include <stdlib.h>
#include <string.h>

/* dictExpandAllowed: below 1.618 keys per bucket a table may not grow over maxmemory. */
static bool may_grow(void *owner, uint64_t bytes, uint64_t used, uint64_t size)
{
    const struct redis *redis = owner;

    if (redis->child && used / size <= redis->profile->child_growth_ratio)
        return false;
    if ((double)used / (double)size > 1.618)
        return true;
    return !redis->maxmemory || redis->used + redis->arguments + bytes <= redis->maxmemory;
}

static void init_dict(struct redis *redis, struct dict *dict, uint64_t hash_seed)
{
    dict_init(dict, hash_seed);
    dict->stride = redis->stride;
    dict->may_grow = may_grow;
    dict->owner = redis;
    dict->memory = &redis->used;
}

void keyspace_init(struct redis *redis, uint64_t hash_seed)
{
    redis->entry_bytes = allocator_class(redis->allocator, 24);
    redis->stride = sizeof(struct entry) + (redis->eviction.policy->entry_size + 3) / 4 * 4;
    redis->eviction.stride = redis->stride;
    for (int db = 0; db < DB_COUNT; db++) {
        init_dict(redis, &redis->databases[db].keys, hash_seed);
        init_dict(redis, &redis->databases[db].expires, hash_seed);
    }
    redis->database_count = 1;
}

void keyspace_release(struct redis *redis)
{
    for (int db = 0; db < DB_COUNT; db++) {
        dict_release(&redis->databases[db].keys);
        dict_release(&redis->databases[db].expires);
    }
    free(redis->entries);
    free(redis->long_key_len);
}

void keyspace_reserve(struct redis *redis, uint32_t key_count)
{
    uint32_t capacity = redis->capacity ? redis->capacity : 1024;

    if (key_count <= redis->capacity)
        return;
    while (capacity < key_count)
        capacity = capacity <= UINT32_MAX / 2 ? capacity * 2 : UINT32_MAX;
    redis->entries = xrealloc_zero_aligned(redis->entries, redis->capacity * redis->stride,
                                   capacity * redis->stride);
    if (redis->long_key_len)
        redis->long_key_len = xrealloc_zero(redis->long_key_len,
                                            redis->capacity * sizeof *redis->long_key_len,
                                            capacity * sizeof *redis->long_key_len);
    redis->capacity = capacity;
    redis->eviction.entries = redis->entries + sizeof(struct entry);
    for (int db = 0; db < DB_COUNT; db++) {
        redis->databases[db].keys.links = redis->entries + offsetof(struct entry, next);
        redis->databases[db].expires.links = redis->entries + offsetof(struct entry, expires_next);
    }
}

/* ---- values ---- */

static uint64_t raw_bytes(const struct redis *redis, uint32_t capacity)
{
    return allocator_class(redis->allocator, ROBJ_BYTES) +
           allocator_class(redis->allocator, sds_header(capacity) + (uint64_t)capacity + 1);
}

struct value value_of_integer(const struct redis *redis, int64_t number)
{
    struct value value = {.number = number};

    if (redis->shares_integers && number >= 0 && number < SHARED_INTEGERS) {
        value.encoding = ENCODING_SHARED;
    } else {
        value.encoding = ENCODING_INT;
        value.bytes = allocator_class(redis->allocator, ROBJ_BYTES);
    }
    return value;
}

struct value value_of_raw(const struct redis *redis, uint32_t length)
{
    uint32_t header = sds_header(length);
    uint64_t block = sds_bytes(redis->allocator, length);

    return (struct value){
        .encoding = ENCODING_RAW,
        .length = length,
        .capacity = header == 1 ? length : (uint32_t)sds_capacity(block, header),
        .bytes = allocator_class(redis->allocator, ROBJ_BYTES) + block,
    };
}

struct value value_of_argument(const struct redis *redis, uint32_t length, bool is_integer,
                               int64_t number, uint64_t adopted_capacity)
{
    uint32_t header = adopted_capacity ? redis->client.adopted_header : sds_header(length);
    struct value value;

    if (is_integer)
        return value_of_integer(redis, number);
    if (length <= EMBSTR_LIMIT)
        return (struct value){
            .encoding = ENCODING_EMBSTR,
            .length = length,
            .bytes = string_object_bytes(redis->allocator, length),
        };
    value = value_of_raw(redis, length);
    if (adopted_capacity)
        value.capacity = (uint32_t)adopted_capacity;
    /* trimStringObjectIfNeeded: more than a tenth free is given back, and then nothing is free. A block that
     * was a larger query buffer keeps its header; entries do not, so the difference counts as capacity. */
    if (value.capacity - length > length / 10)
        value.capacity = length + (header - sds_header(length));
    value.bytes = raw_bytes(redis, value.capacity);
    return value;
}

uint64_t entry_value_bytes(const struct redis *redis, const struct entry *entry)
{
    switch ((enum encoding)entry->encoding) {
    case ENCODING_INT:
        return allocator_class(redis->allocator, ROBJ_BYTES);
    case ENCODING_EMBSTR:
        return string_object_bytes(redis->allocator, entry->length);
    case ENCODING_RAW:
        return raw_bytes(redis, entry->capacity);
    case ENCODING_ABSENT:
    case ENCODING_SHARED:
        break;
    }
    return 0;
}

uint32_t entry_value_length(const struct entry *entry)
{
    return entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED
               ? decimal_length(entry->number)
               : entry->length;
}

static void store_value(struct redis *redis, struct entry *entry, const struct value *value)
{
    entry->encoding = (uint8_t)value->encoding;
    if (value->encoding == ENCODING_INT || value->encoding == ENCODING_SHARED) {
        entry->number = value->number;
    } else {
        entry->length = value->length;
        entry->capacity = value->capacity;
    }
    redis->used += value->bytes;
    redis->arguments -= value->bytes < redis->arguments ? value->bytes : redis->arguments;
}

/* ---- keys ---- */

uint32_t key_length(const struct redis *redis, uint32_t id)
{
    uint16_t length = entry_of(redis, id)->key_len;

    return length == KEY_LEN_LONG ? redis->long_key_len[id] : length;
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

static bool is_expired(struct redis *redis, struct entry *entry)
{
    struct database *database = database_of(redis, entry);

    if (!dict_count(&database->expires))
        return false;
    dict_step(&database->expires);
    if (entry->expire_ms == NO_EXPIRE)
        return false;
    dict_step(&database->keys); /* the lookup inside getExpire's assertion */
    return redis->unix_ms > entry->expire_ms;
}

static void delete_expired(struct redis *redis, uint32_t id)
{
    key_delete(redis, id);
    redis->counters.expired_keys++;
}

struct entry *key_lookup(struct redis *redis, uint32_t id, enum lookup lookup)
{
    struct entry *entry = entry_of(redis, id);
    bool found = entry->encoding != ENCODING_ABSENT;

    dict_step(&database_of(redis, entry)->keys);
    if (found && is_expired(redis, entry)) {
        delete_expired(redis, id);
        found = false;
    }
    if (lookup != LOOKUP_WRITE) {
        redis->counters.reads++;
        redis->counters.hits += found;
        redis->counters.misses += !found;
    }
    if (!found)
        return NULL;
    if (lookup == LOOKUP_READ && !redis->child)
        policy_call(&redis->eviction, redis->eviction.policy->read, id);
    return entry;
}

bool key_find_to_delete(struct redis *redis, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);
    struct database *database = database_of(redis, entry);

    if (entry->encoding == ENCODING_ABSENT) {
        if (dict_count(&database->expires))
            dict_step(&database->expires);
    } else if (!is_expired(redis, entry)) {
        return true;
    } else {
        delete_expired(redis, id);
    }
    /* dbSyncDelete looks for it all the same. */
    if (dict_count(&database->expires))
        dict_step(&database->expires);
    if (dict_count(&database->keys))
        dict_step(&database->keys);
    return false;
}

void key_add(struct redis *redis, uint32_t id, uint8_t db, uint32_t key_len,
             const struct value *value)
{
    struct entry *entry = entry_of(redis, id);

    entry->db = db;
    entry->expire_ms = NO_EXPIRE;
    store_key_length(redis, id, key_len);
    redis->used += sds_bytes(redis->allocator, key_len); /* copied before the table may grow */
    dict_add(&redis->databases[db].keys, id);
    redis->used += redis->entry_bytes;
    store_value(redis, entry, value);
    policy_call(&redis->eviction, redis->eviction.policy->added, id);
}

void key_overwrite(struct redis *redis, uint32_t id, const struct value *value)
{
    struct entry *entry = entry_of(redis, id);
    uint64_t old_bytes = entry_value_bytes(redis, entry);

    dict_step(&database_of(redis, entry)->keys);
    store_value(redis, entry, value);
    redis->used -= old_bytes;
    /* With a child nobody has touched the key, but a new object starts with the clock of now. */
    if (redis->child && redis->profile->overwrite_renews_clock &&
        redis->eviction.policy->keeps != KEEPS_COUNTER)
        policy_call(&redis->eviction, redis->eviction.policy->written, id);
}

void key_set_expire(struct redis *redis, uint32_t id, int64_t expire_ms)
{
    struct entry *entry = entry_of(redis, id);
    struct database *database = database_of(redis, entry);

    dict_step(&database->keys);
    if (entry->expire_ms == NO_EXPIRE) {
        dict_add(&database->expires, id);
        redis->used += redis->entry_bytes;
    } else {
        dict_visit(&database->expires);
    }
    entry->expire_ms = expire_ms;
    policy_call(&redis->eviction, redis->eviction.policy->retimed, id);
}

/* dictDelete(expires), without the hook: the key keeps its entry in the main dict for now. */
static bool drop_expire(struct redis *redis, struct database *database, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);

    if (!dict_count(&database->expires))
        return false;
    if (entry->expire_ms == NO_EXPIRE) {
        dict_step(&database->expires);
        return false;
    }
    dict_remove(&database->expires, id);
    redis->used -= redis->entry_bytes;
    entry->expire_ms = NO_EXPIRE;
    return true;
}

bool key_remove_expire(struct redis *redis, uint32_t id)
{
    struct database *database = database_of(redis, entry_of(redis, id));

    dict_step(&database->keys); /* the lookup inside removeExpire's assertion */
    if (!drop_expire(redis, database, id))
        return false;
    policy_call(&redis->eviction, redis->eviction.policy->retimed, id);
    return true;
}

void key_delete(struct redis *redis, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);
    struct database *database = database_of(redis, entry);

    drop_expire(redis, database, id);
    dict_remove(&database->keys, id);
    redis->used -= redis->entry_bytes + sds_bytes(redis->allocator, key_length(redis, id)) +
                   entry_value_bytes(redis, entry);
    entry->encoding = ENCODING_ABSENT;
    policy_call(&redis->eviction, redis->eviction.policy->removed, id);
}

uint64_t database_flush(struct redis *redis, int db)
{
    struct database *database = &redis->databases[db];
    uint64_t deleted = dict_count(&database->keys);

    for (int table = 0; table < 2; table++) {
        for (uint64_t bucket = 0; bucket < database->keys.size[table]; bucket++) {
            uint32_t id = dict_head(&database->keys, table, bucket);

            for (; id != DICT_END; id = dict_next(&database->keys, id)) {
                struct entry *entry = entry_of(redis, id);

                redis->used -= redis->entry_bytes + entry_value_bytes(redis, entry) +
                               sds_bytes(redis->allocator, key_length(redis, id));
                redis->used -= entry->expire_ms == NO_EXPIRE ? 0 : redis->entry_bytes;
                entry->encoding = ENCODING_ABSENT;
                entry->expire_ms = NO_EXPIRE;
                policy_call(&redis->eviction, redis->eviction.policy->removed, id);
            }
        }
    }
    dict_clear(&database->keys);
    dict_clear(&database->expires);
    database->expires_cursor = 0;
    return deleted;
}

uint64_t keyspace_keys(const struct redis *redis)
{
    uint64_t keys = 0;

    for (int db = 0; db < redis->database_count; db++)
        keys += dict_count(&redis->databases[db].keys);
    return keys;
}

uint64_t keyspace_expires(const struct redis *redis)
{
    uint64_t keys = 0;

    for (int db = 0; db < redis->database_count; db++)
        keys += dict_count(&redis->databases[db].expires);
    return keys;
}

/* ---- what policies see ---- */

static struct dict *dict_in_scope(struct redis *redis, int db, enum scope scope)
{
    return scope == SCOPE_VOLATILE ? &redis->databases[db].expires : &redis->databases[db].keys;
}

static uint32_t view_candidates(const void *keyspace, int db, enum scope scope)
{
    const struct database *database = &((const struct redis *)keyspace)->databases[db];

    return dict_count(scope == SCOPE_VOLATILE ? &database->expires : &database->keys);
}

static bool view_is_candidate(const void *keyspace, uint32_t id, enum scope scope)
{
    const struct entry *entry = entry_of(keyspace, id);

    return entry->encoding != ENCODING_ABSENT &&
           (scope != SCOPE_VOLATILE || entry->expire_ms != NO_EXPIRE);
}

static int view_sample(void *keyspace, int db, enum scope scope, int want, uint32_t *ids)
{
    struct redis *redis = keyspace;

    return dict_sample(dict_in_scope(redis, db, scope), redis->rng, want, ids);
}

static uint32_t view_random_key(void *keyspace, int db, enum scope scope)
{
    struct redis *redis = keyspace;

    return dict_random_key(dict_in_scope(redis, db, scope), redis->rng);
}

static int64_t view_expire_ms(const void *keyspace, uint32_t id)
{
    return entry_of(keyspace, id)->expire_ms;
}

const struct keyspace_view redis_keyspace_view = {
    .candidates = view_candidates,
    .is_candidate = view_is_candidate,
    .sample = view_sample,
    .random_key = view_random_key,
    .expire_ms = view_expire_ms,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/watch.h"

#include "sim/alloc.h"

enum {
    DICT_ENTRY = 24,
    LIST_BYTES = 48, /* struct list */
    LIST_NODE = 24,
    WATCHED_KEY = 56,   /* struct watchedKey, a node of the key's list */
    LOOKS_OF_WATCH = 2, /* in the database's dict: one to find the key, one to add it */
};

static uint64_t class_of(const struct redis *redis, uint64_t bytes)
{
    return allocator_class(redis->allocator, bytes);
}

/* The client's memory for a key that it watches. */
static uint64_t place_bytes(const struct redis *redis)
{
    return class_of(redis, WATCHED_KEY) + class_of(redis, LIST_NODE);
}

/* The database's memory for a watched key, without the name. */
static uint64_t key_bytes(const struct redis *redis)
{
    return class_of(redis, DICT_ENTRY) + class_of(redis, LIST_BYTES);
}

static bool watches(const struct transaction *transaction, uint32_t id)
{
    for (uint32_t i = 0; i < transaction->watched_count; i++)
        if (transaction->watched[i].id == id)
            return true;
    return false;
}

static bool is_past(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);

    return entry->encoding != ENCODING_ABSENT && redis->unix_ms > entry->expire_ms;
}

/* The client's own table of a database, created if needed. The lookup in it is done for every key, also for one that
 * the client watches already. */
static struct watched_table *table_for(struct redis *redis, struct transaction *transaction, uint8_t db)
{
    struct watched_table *table;

    if (!redis->profile->watches_have_tables || db >= DB_COUNT)
        return NULL;
    if (!transaction->tables) {
        transaction->tables = xcalloc(DB_COUNT, sizeof *transaction->tables);
        redis->used += class_of(redis, DB_COUNT * sizeof(void *));
    }
    table = &transaction->tables[db];
    if (!table->exists) {
        hashtable_init(&table->keys, redis->hash_seed);
        table->keys.rules = redis->profile->hashtable;
        table->keys.memory = &redis->used;
        redis->used += class_of(redis, redis->profile->hashtable_bytes);
        table->exists = true;
    }
    hashtable_step(&table->keys);
    return table;
}

static uint64_t tables_bytes(const struct redis *redis, const struct transaction *transaction)
{
    uint64_t bytes = transaction->tables ? class_of(redis, DB_COUNT * sizeof(void *)) : 0;

    for (int db = 0; transaction->tables && db < DB_COUNT; db++) {
        const struct hashtable *keys = &transaction->tables[db].keys;

        if (transaction->tables[db].exists)
            bytes += class_of(redis, redis->profile->hashtable_bytes) +
                     64 * (hashtable_buckets(keys) + keys->children[0] + keys->children[1]);
    }
    return bytes;
}

void watch_key(struct redis *redis, uint32_t client, uint32_t id, uint8_t db, uint64_t name_bytes)
{
    struct transaction *transaction = transaction_of(&redis->transactions, client);
    struct watches *all = &redis->watches;
    struct watched_table *table;

    if (transaction->is_touched)
        return; /* the transaction will fail anyway */
    table = table_for(redis, transaction, db);
    if (id >= all->capacity)
        all->keys = xgrow(all->keys, &all->capacity, id + 1, sizeof *all->keys);
    redis->used -= slots_looked(&all->tables[db], LOOKS_OF_WATCH);
    if (all->keys[id].clients && watches(transaction, id))
        return;
    if (!all->keys[id].clients++) {
        all->keys[id].name_bytes = name_bytes;
        all->key_bytes += key_bytes(redis) + name_bytes;
        redis->arguments -= name_bytes < redis->arguments ? name_bytes : redis->arguments;
        redis->used += key_bytes(redis) + name_bytes + slots_added(&all->tables[db], ++all->in_db[db]);
    }
    if (transaction->watched_count == transaction->watched_capacity)
        transaction->watched = xgrow(transaction->watched, &transaction->watched_capacity,
                                     transaction->watched_count + 1, sizeof *transaction->watched);
    transaction->watched[transaction->watched_count++] =
        (struct watched){.id = id, .db = db, .was_past = is_past(redis, id)};
    all->count++;
    redis->used += place_bytes(redis);
    if (table)
        hashtable_add(&table->keys, id);
}

static void forget_all(struct redis *redis, struct transaction *transaction)
{
    struct watches *all = &redis->watches;

    for (uint32_t i = 0; i < transaction->watched_count; i++) {
        const struct watched *watched = &transaction->watched[i];

        redis->used -= place_bytes(redis) + slots_looked(&all->tables[watched->db], LOOKS_OF_WATCH);
        if (--all->keys[watched->id].clients)
            continue;
        redis->used -= key_bytes(redis) + all->keys[watched->id].name_bytes;
        all->key_bytes -= key_bytes(redis) + all->keys[watched->id].name_bytes;
        all->in_db[watched->db]--;
        if (redis->profile->dict.shrinks_at_delete)
            redis->used += (uint64_t)slots_removed(&all->tables[watched->db], all->in_db[watched->db]);
    }
    for (int db = 0; transaction->tables && transaction->watched_count && db < DB_COUNT; db++)
        if (transaction->tables[db].exists)
            hashtable_clear(&transaction->tables[db].keys);
    all->count -= transaction->watched_count;
    transaction->watched_count = 0;
}

void watch_nothing(struct redis *redis, uint32_t client)
{
    struct transaction *transaction = transaction_of(&redis->transactions, client);

    forget_all(redis, transaction);
    transaction->is_touched = false;
}

bool watch_has_expired(const struct redis *redis, uint32_t client)
{
    const struct transaction *transaction = &redis->transactions.list[client];

    for (uint32_t i = 0; i < transaction->watched_count; i++)
        if (!transaction->watched[i].was_past && is_past(redis, transaction->watched[i].id))
            return true;
    return false;
}

void watch_touch_watched(struct redis *redis, uint32_t id)
{
    if (id >= redis->watches.capacity || !redis->watches.keys[id].clients)
        return;
    for (uint32_t client = 0; client < redis->transactions.capacity; client++) {
        struct transaction *transaction = &redis->transactions.list[client];

        if (!watches(transaction, id))
            continue;
        transaction->is_touched = true;
        forget_all(redis, transaction);
        if (redis->profile->frees_refused_queue)
            redis->used -= transaction_forget(transaction);
    }
}

uint64_t watch_bytes(const struct redis *redis)
{
    uint64_t bytes = redis->watches.count * place_bytes(redis);

    if (!redis->watches.capacity) /* nobody has ever watched */
        return 0;
    for (uint32_t client = 0; client < redis->transactions.capacity; client++)
        bytes += tables_bytes(redis, &redis->transactions.list[client]);
    for (int db = 0; db < DB_MAX; db++)
        bytes += slots_bytes(&redis->watches.tables[db]);
    return bytes + redis->watches.key_bytes;
}

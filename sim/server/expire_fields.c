/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/expire_fields.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/hash.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/tracking_changes.h"
#include "sim/server/watch.h"

enum {
    FIELDS_PER_SECOND = 10000,  /* HFE_DB_BASE_ACTIVE_EXPIRE_FIELDS_PER_SEC */
    MANY_IN_SEQUENCE = 1000000, /* EXPIRED_FIELDS_TH */
    FACTOR_MOST = 32,
    HASHES_PER_LOOP = 20,  /* ACTIVE_EXPIRE_CYCLE_KEYS_PER_LOOP */
    FIELDS_PER_HASH = 4,   /* for each hash of a loop, so many fields of one */
    FIELDS_AT_ONCE = 1024, /* EXPIRE_BULK_LIMIT */
    ACCEPTABLE_STALE = 10, /* in per cent */
    BUCKETS_PER_HASH = 10, /* that are looked at */
};

struct round {
    struct redis *redis;
    uint64_t left; /* fields that may still go */
};

static void note_gone(struct redis *redis, const struct entry *entry, uint32_t length)
{
    redis->counters.expired_subkeys++;
    if (replication_is_on(&redis->replication))
        replication_delete_field(&redis->replication, entry->db, key_length(redis, entry_id(redis, entry)), length);
}

/* hashTypeActiveExpire. */
static enum eb_action expire_hash(void *owner, uint32_t id, int64_t *again_ms)
{
    struct round *round = owner;
    struct redis *redis = round->redis;
    struct entry *entry = entry_of(redis, id);
    uint64_t expired;

    if (!round->left)
        return EB_STOP;
    expired = hash_expire(redis, entry, round->left, note_gone);
    round->left -= expired;
    keyspace_tally(redis, entry);
    if (expired) {
        watch_touch(redis, id);
        keyspace_note_modified(redis, id);
    }
    tracking_touch(redis, id);
    *again_ms = hash_first_ms(entry);
    if (hash_of(entry)->count)
        return *again_ms == EB_NEVER ? EB_REMOVED : EB_RETIMED;
    key_delete(redis, id);
    key_note_absence(redis, id, MISS_EXPIRED_BY_CYCLE);
    redis->counters.deleted_keys++;
    return EB_REMOVED;
}

/* When so many have gone that the end is not in sight, more go at once. */
static uint64_t most_fields(const struct redis *redis)
{
    uint64_t factor = redis->field_expire_sequence / MANY_IN_SEQUENCE;
    uint64_t most = FIELDS_PER_SECOND / redis->config.hz;

    if (redis->field_expire_sequence > MANY_IN_SEQUENCE)
        most *= factor < FACTOR_MOST ? factor : FACTOR_MOST;
    return most;
}

static void go_on(struct redis *redis)
{
    redis->field_expire_sequence = 0;
    redis->field_expire_db = (redis->field_expire_db + 1) % DB_COUNT;
}

void expire_fields_of_a_database(struct redis *redis)
{
    struct ebuckets *hashes = &redis->databases[redis->field_expire_db].field_expires;
    struct round round = {redis, most_fields(redis)};
    uint64_t most = round.left;
    int64_t next_ms;

    if (!hashes->count) {
        go_on(redis);
        return;
    }
    ebuckets_expire(hashes, redis->unix_ms, UINT64_MAX, expire_hash, &round, &next_ms);
    if (round.left)
        go_on(redis);
    else
        redis->field_expire_sequence += most;
}

/* ---- Valkey ---- */

/* Of a loop over some hashes. */
struct search {
    struct redis *redis;
    uint64_t most; /* fields of a hash */
    bool has_more; /* the last hash that had fields to delete had as many */
    uint32_t seen, expired;
};

static void note_field(struct redis *redis, const struct entry *entry, uint32_t length)
{
    (void)entry;
    redis->counters.expired_subkeys++;
    if (replication_is_on(&redis->replication))
        replication_note_field(&redis->replication, length);
}

/* Replicas get HDEL with all fields, and if none is left the key's deletion. */
static void propagate_gone(struct redis *redis, uint32_t id, bool is_empty)
{
    if (!replication_is_on(&redis->replication))
        return;
    replication_delete_fields_later(&redis->replication, key_length(redis, id));
    if (is_empty)
        replication_delete_later(&redis->replication, key_length(redis, id));
    replication_begin_unit(&redis->replication, entry_of(redis, id)->db, false);
    replication_end_unit(&redis->replication, false);
}

/* False: no field of it has a ttl any more, or it is gone. */
static bool settle(struct redis *redis, uint32_t id)
{
    struct entry *entry = entry_of(redis, id);
    bool is_empty = !hash_of(entry)->count;

    hash_expires_settle(redis, entry);
    propagate_gone(redis, id, is_empty);
    keyspace_note_modified(redis, id);
    watch_touch(redis, id);
    tracking_touch(redis, id);
    if (is_empty) {
        key_delete(redis, id);
        key_note_absence(redis, id, MISS_EXPIRED_BY_CYCLE);
        redis->counters.deleted_keys++;
        return false;
    }
    if (hash_expires_ms(entry) == EB_NEVER)
        table_find(&database_of(redis, entry)->volatile_hashes, id); /* it is untracked once more */
    return hash_expires_ms(entry) != EB_NEVER;
}

/* dbReclaimExpiredFields */
static uint64_t reclaim(struct redis *redis, uint32_t id, uint64_t most)
{
    uint64_t total = 0, expired;
    bool goes_on = true;

    while (goes_on && total < most) {
        uint64_t left = most - total;

        expired = hash_expire(redis, entry_of(redis, id), left < FIELDS_AT_ONCE ? left : FIELDS_AT_ONCE, note_field);
        if (!expired)
            break;
        total += expired;
        keyspace_tally(redis, entry_of(redis, id));
        goes_on = settle(redis, id);
    }
    return total;
}

static void search_hash(void *owner, uint32_t id)
{
    struct search *search = owner;
    uint64_t expired = reclaim(search->redis, id, search->most);

    search->seen++;
    if (!expired)
        return;
    search->has_more = expired == search->most;
    search->expired++;
}

/* Returns true when the round is at its end. */
static bool search_some(struct search *search, struct database *database, uint32_t hashes)
{
    struct table *table = &database->volatile_hashes;

    search->seen = search->expired = 0;
    for (uint32_t buckets = 0; search->seen < hashes && buckets < hashes * BUCKETS_PER_HASH; buckets++) {
        uint64_t cursor =
            table_is_sparse(table) ? 0 : table_scan(table, database->volatile_cursor, search_hash, search);

        if (!search->has_more)
            database->volatile_cursor = cursor;
        if (!search->has_more && !cursor)
            return true;
    }
    return false;
}

/* A hash that had just as many fields as are taken at once, and is gone, leaves a loop that looks at its empty bucket until
 * the cycle's time is up: it ends here at once. */
static void search_database(struct redis *redis, struct database *database)
{
    uint32_t effort = redis->config.active_expire_effort - 1;
    uint32_t per_loop = HASHES_PER_LOOP + HASHES_PER_LOOP / 4 * effort, hashes;
    struct search search = {.redis = redis, .most = (uint64_t)per_loop * FIELDS_PER_HASH};
    bool goes_on = true;

    while (goes_on && (hashes = table_count(&database->volatile_hashes)) != 0) {
        if (search_some(&search, database, hashes < per_loop ? hashes : per_loop))
            return;
        goes_on = search.seen ? search.expired * 100 / search.seen > ACCEPTABLE_STALE - effort : !search.has_more;
    }
}

void expire_fields_of_hashes(struct redis *redis)
{
    for (int db = 0; db < redis->database_count; db++)
        search_database(redis, &redis->databases[db]);
}

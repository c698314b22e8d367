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
    if (expired)
        watch_touch(redis, id);
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

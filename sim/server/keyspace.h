/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyspace: keys, values and ttls, and what they weigh. Each call mirrors one of Redis's db.c. */
#ifndef SIM_SERVER_KEYSPACE_H
#define SIM_SERVER_KEYSPACE_H

#include "sim/hooks.h"
#include "sim/redis_policy.h"
#include "sim/server/blessing.h"
#include "sim/server/values/object.h"
#include "sim/server/state.h"

/* What the policies see of it. */
extern const struct keyspace_view redis_keyspace_view;

size_t keyspace_key_bytes(const struct policy *policy); /* of the host, for each key: its entry and the policy's */
void keyspace_init(struct redis *redis, uint64_t hash_seed);
void keyspace_release(struct redis *redis);
void keyspace_reserve(struct redis *redis, uint32_t key_count); /* room for ids below key_count */
void keyspace_use_database(struct redis *redis, int db);        /* SELECT; below DB_MAX */

/* ---- redis->dataset: what keys and values weigh ----
 *
 * Whoever makes, overwrites or deletes a value through this file need not care. Who changes one in place tells so: */

/* A string weighs more by so many bytes; less, modulo 2^64. They are added to used_memory. */
void keyspace_string_grew(struct redis *redis, const struct entry *entry, uint64_t bytes);
/* The elements of the key's value may have changed, if it has any; used_memory knows it already. */
void keyspace_tally_structure(struct redis *redis, const struct entry *entry);
static inline void keyspace_tally(struct redis *redis, const struct entry *entry)
{
    if (encoding_is_structure(entry->encoding))
        keyspace_tally_structure(redis, entry);
}

/* Length of a key's name. */
uint32_t key_length(const struct redis *redis, uint32_t id);

/* A write is told to the policy, which a mere use may not be (redis->untouched). */
static inline bool keyspace_notes_writes(const struct redis *redis)
{
    return !redis->untouched || redis_policy_of(redis->policy).notes_every_write;
}
/* keyModified of a key that its command does not look up to write: a policy that orders keys by that (LRM) is told. */
void keyspace_note_modified(struct redis *redis, uint32_t id);

enum lookup {
    LOOKUP_READ = 0,  /* counts a hit or a miss, touches */
    LOOKUP_WRITE = 1, /* touches, counts nothing */
    LOOKUP_NOTOUCH = 2,
};
/* lookupKey: expires what has expired; NULL when the key does not exist (any more). A hit of LOOKUP_WRITE
 * leaves the touch to the caller, who knows whether the value will be written (key_touched). */
struct entry *key_lookup(struct redis *redis, uint32_t id, enum lookup lookup);
/* A lookup for reading of a key that no command has named, so that it has no id. */
void key_miss_unnamed(struct redis *redis, uint8_t db);
/* expireIfNeeded: an expired key goes, and true is returned. The key exists. */
bool key_expire_if_due(struct redis *redis, uint32_t id);
/* What is known of the text of the value that was just stored, which is no integer. From a number INCRBYFLOAT can go on; and INCR from one
 * that was computed, where it is whole: from "3", not "3.0" or "3e0". */
void keyspace_note_text(struct redis *redis, uint32_t id, struct decimal text);
/* It has been changed in place, into nobody knows what. */
void keyspace_forget_decimal(struct redis *redis, uint32_t id);
/* What DEL does first, expireIfNeeded without a lookup: is there a key to delete? If not, the steps of
 * the deletion are done. */
bool key_find_to_delete(struct redis *redis, uint32_t id);
/* dbDelete: deletes the key, if there is one. An expired one is as good. */
bool key_delete_if_there(struct redis *redis, uint32_t id);
/* dbAdd: the key does not exist. The value's bytes move from the arguments to the keyspace. The policy is not told:
 * the value is not complete yet (call_create). */
void key_create(struct redis *redis, uint32_t id, uint8_t db, uint32_t key_len, const struct value *value);
/* The same for a complete value, and the policy is told. */
void key_add(struct redis *redis, uint32_t id, uint8_t db, uint32_t key_len, const struct value *value);
/* dbOverwrite; likewise. `ttl_goes`: the command removes the ttl next. */
void key_overwrite(struct redis *redis, uint32_t id, const struct value *value, bool ttl_goes);
/* dbAddInternal of a key that turns out to be there; likewise. */
void key_add_or_overwrite(struct redis *redis, uint32_t id, const struct value *value, bool ttl_goes);
void key_set_expire(struct redis *redis, uint32_t id, int64_t expire_ms);
/* BLESS SET: no policy evicts the key from now on. False: it was so before. */
bool key_bless(struct redis *redis, uint32_t id);
/* Likewise, of a new key that takes over what another was (blessing_of), which may be nothing. */
void key_bless_as(struct redis *redis, uint32_t id, uint8_t blessing);
bool key_remove_expire(struct redis *redis, uint32_t id); /* false: it had no ttl */
void key_delete(struct redis *redis, uint32_t id);        /* dbGenericDelete */
/* RENAME, MOVE: the value and the ttl of one key become those of another, which does not exist; the first goes. */
void key_rename(struct redis *redis, uint32_t from, uint32_t to, uint8_t db, uint32_t key_len);
/* Why the key is absent, from now on; if it is. Deletion, expiry and eviction note it themselves. */
void key_note_absence(struct redis *redis, uint32_t id, enum miss_cause cause);
/* Counts a key that was deleted because it had expired. */
static inline void key_count_expired(struct redis *redis, uint32_t id)
{
    redis->counters.expired_keys++;
    if (__builtin_expect(redis->groups != NULL, 0))
        group_of_key(redis->groups, id)->expired_keys++;
}
/* A command is refused for OOM: counts it. */
static inline void keyspace_count_refused(struct redis *redis)
{
    redis->counters.oom_rejections++;
    moment_note(&redis->moments.first_oom_us, redis->now_us);
    if (__builtin_expect(redis->groups != NULL, 0))
        group_refused(redis->groups);
}
/* A command is refused for OOM: the keys that it would have made are absent for that. */
void keyspace_note_refused(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
void key_expire(struct redis *redis, uint32_t id); /* likewise, by the active expiry cycle */
void key_evict(struct redis *redis, uint32_t id);  /* likewise, for the memory */
/* ASYNC, or by the server's own thread. Keys deleted. */
uint64_t database_flush(struct redis *redis, int db, bool asynchronously);
uint64_t keyspace_keys(const struct redis *redis);
uint64_t keyspace_expires(const struct redis *redis);

/* Whether the key has expired, as in expireIfNeeded. After a lookup the ttl may be found in the object. The lookups step
 * the tables. */
static inline bool key_is_expired(struct redis *redis, uint32_t id, bool looked_up)
{
    const struct entry *entry = entry_of(redis, id);
    struct database *database = database_of(redis, entry);

    if (!table_count(&database->expires))
        return false;
    if (!(looked_up && has_objects(redis)))
        table_find(&database->expires, id);
    if (entry->expire_ms == NO_EXPIRE)
        return false;
    if (!redis->profile->ttl_asserts_nothing)
        table_find(&database->keys, id); /* the lookup in the assertion of getExpire */
    return redis->unix_ms > entry->expire_ms;
}

/* Fetches the buckets that the key, which is there, will be taken from: some time before it is evicted. Always inlined, because
 * GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void key_prefetch_removal(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);
    const struct database *database = &redis->databases[entry->db];

    table_prefetch(&database->keys, id);
    if (entry->expire_ms != NO_EXPIRE)
        table_prefetch(&database->expires, id);
}

/* What the policy is told of a key that it may know: nothing while the key is hidden from it. */
static inline void key_tell_read(struct redis *redis, uint32_t id)
{
    if (!key_is_hidden(redis, id))
        policy_read(&redis->eviction, id);
}

static inline void key_tell_written(struct redis *redis, uint32_t id)
{
    if (!key_is_hidden(redis, id))
        policy_written(&redis->eviction, id);
}

static inline void key_tell_retimed(struct redis *redis, uint32_t id)
{
    if (!key_is_hidden(redis, id))
        policy_retimed(&redis->eviction, id);
}

/* A read uses a key that is there. */
static inline void key_note_read(struct redis *redis, uint32_t id)
{
    if (!redis->untouched)
        key_tell_read(redis, id);
}

/* Whether the keys that are there weigh what is counted for names, entries and values of each type. O(keys and elements). */
bool keyspace_adds_up(const struct redis *redis);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/hash_field.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/tracking_changes.h"
#include "sim/server/watch.h"

void call_delete_emptied(struct call *call)
{
    key_delete(call->redis, call->id);
    call->redis->counters.deleted_keys++;
}

/* The last of its fields has expired. */
static void delete_expired(struct call *call)
{
    call_delete_emptied(call);
    key_note_absence(call->redis, call->id, MISS_EXPIRED_LAZILY);
}

/* Replicas are told before the command itself. */
static void note_gone(struct redis *redis, const struct entry *entry, uint32_t length)
{
    redis->counters.expired_subkeys++;
    if (replication_is_on(&redis->replication))
        replication_delete_field_later(&redis->replication, key_length(redis, entry_id(redis, entry)), length);
}

uint32_t call_find_field(struct call *call, struct entry *entry, uint32_t field, enum emptied emptied, bool *expired)
{
    struct redis *redis = call->redis;
    uint32_t slot = hash_find(redis, entry, field);
    bool is_past = slot != NO_SLOT && hash_is_past(redis, entry, slot);

    if (is_past && has_spans(redis)) { /* it stays, and nobody sees it */
        is_past = false;
        slot = NO_SLOT;
    }
    if (expired)
        *expired = is_past;
    if (!is_past)
        return slot;
    note_gone(redis, entry, collection_text(redis, hash_of(entry), slot).length);
    hash_delete(redis, entry, field);
    keyspace_note_modified(redis, call->id);
    watch_touch(redis, call->id);
    tracking_touch(redis, call->id);
    if (!hash_of(entry)->count && emptied == EMPTIED_GOES)
        delete_expired(call);
    return NO_SLOT;
}

bool call_expire_fields(struct call *call, struct entry *entry)
{
    struct redis *redis = call->redis;

    if (has_spans(redis) || hash_first_ms(entry) >= redis->unix_ms)
        return true;
    if (!hash_expire(redis, entry, UINT64_MAX, note_gone))
        return true;
    hash_expires_forget(redis, entry);
    keyspace_note_modified(redis, call->id);
    watch_touch(redis, call->id);
    tracking_touch(redis, call->id);
    if (!hash_of(entry)->count) {
        delete_expired(call);
        return false;
    }
    hash_expires_note(redis, entry, hash_first_ms(entry));
    return true;
}

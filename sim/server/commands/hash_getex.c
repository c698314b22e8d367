/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash_getex: HGETEX, HGETDEL and HSETEX, which came with Redis 8.0: fields are read and given a ttl, or deleted; or set,
 * with a ttl.
 *
 * Source: what a Redis 8.0.2 replies and weighs; hgetexCommand, hsetexCommand (t_hash.c of Valkey 9.1.2). */
#include "sim/server/commands/commands.h"

#include "sim/server/commands/ttl_setting.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/tracking_changes.h"
#include "sim/server/watch.h"

static bool reads(const struct call *call)
{
    return call->redis->profile->hgetex_reads && call->op == OP_HGETEX;
}

/* Looks the key up. *entry is NULL if it is absent, *when the Unix ms at which the call's ttl ends, if it has one.
 * False: the command has ended. */
static bool begin(struct call *call, struct entry **entry, int64_t *when)
{
    *when = 0;
    if (call->flags & REQUEST_TTL && !ttl_call_time(call, when))
        return false;
    *entry = reads(call) ? call_lookup_typed(call) : call_lookup_typed_write(call);
    return !call->failed;
}

/* ---- HGETEX ---- */

static void reply_nils(struct call *call)
{
    uint32_t count = ttl_call_count(call);

    call_reply_array(call, count);
    while (count--)
        call_reply_nil(call);
}

/* The field's value is replied. False: it is not there; *expired says whether it went just now. */
static bool reply_field(struct call *call, struct entry *entry, uint32_t field, uint32_t *expired)
{
    bool is_past;
    uint32_t slot = call_find_field(call, entry, field, EMPTIED_STAYS, &is_past);

    *expired += is_past;
    if (slot == NO_SLOT) {
        call_reply_nil(call);
        return false;
    }
    call_reply_bulk(call, hash_of(entry)->value[slot].length);
    call->redis->counters.read_bytes += hash_of(entry)->value[slot].length;
    call->redis->counters.hit_bytes += hash_of(entry)->value[slot].length;
    return true;
}

/* Replicas get HPERSIST with the fields, or HPEXPIREAT. */
static void propagate_hgetex(struct call *call, int64_t when)
{
    uint32_t count = ttl_call_count(call) + 2; /* FIELDS and how many, too */
    const struct element *elements = &call_elements(call)[call->elements - count];

    bool persists = call_option(call, WORD_PERSIST) != NULL;
    uint64_t bytes = allocator_class(call->redis->allocator, ROBJ_BYTES) * (persists ? 1 : 2); /* how many, and when */

    ttl_call_propagate(call, persists ? OP_HPERSIST : OP_HPEXPIREAT, elements, count, when);
    if (!call->redis->profile->hgetex_has_vector)
        return;
    for (uint32_t i = 0; i < ttl_call_count(call); i++)
        bytes += argument_bytes(call->redis, member_of(call->redis->members, ttl_call_fields(call)[i].member)->length);
    call_rewrite(call, count + (persists ? 2 : 3), bytes);
}

static void get_and_set_ttls(struct call *call, struct entry *entry, int64_t when)
{
    bool persists = call_option(call, WORD_PERSIST) != NULL, times = (call->flags & REQUEST_TTL) != 0;
    uint32_t count = ttl_call_count(call), expired = 0, changed = 0;
    struct ttl_setting setting = {0};

    if (persists || times)
        setting = ttl_setting_begin(call, entry, when);
    call_reply_array(call, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct element *field = &ttl_call_fields(call)[i];

        if (!reply_field(call, entry, field->member, &expired))
            continue;
        if (times)
            changed += ttl_setting_apply(&setting, field) == TTL_SET;
        if (persists)
            changed += ttl_call_persist(call, entry, field->member) == TTL_SET;
    }
    if (times)
        ttl_setting_end(&setting);
    if (!expired && !changed && !setting.deleted && !reads(call))
        call_touched(call);
    else if ((expired || changed) && !setting.set && !setting.deleted)
        call_written(call);
    if (!hash_of(entry)->count && (setting.deleted || !hash_may_be_empty(call->redis)))
        call_delete_emptied(call);
    if (changed)
        propagate_hgetex(call, when);
}

void run_hgetex(struct call *call)
{
    struct entry *entry;
    int64_t when;

    if (!begin(call, &entry, &when))
        return;
    if (entry)
        get_and_set_ttls(call, entry, when);
    else
        reply_nils(call);
}

/* hashTypeIsFieldsWithExpire; the database forgets a hash whose last such field was deleted. */
static bool has_ttls(const struct entry *entry)
{
    return hash_first_ms(entry) != EB_NEVER;
}

static void get_and_delete(struct call *call, struct entry *entry)
{
    uint32_t count = ttl_call_count(call), expired = 0, deleted = 0;
    bool had_ttls = has_ttls(entry);

    call_reply_array(call, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t field = ttl_call_fields(call)[i].member;

        if (reply_field(call, entry, field, &expired))
            deleted += hash_delete(call->redis, entry, field);
    }
    if (!expired && !deleted)
        call_touched(call);
    else
        call_written(call);
    if (!hash_of(entry)->count && (deleted || !hash_may_be_empty(call->redis)))
        call_delete_emptied(call);
    else if (had_ttls && !has_ttls(entry))
        hash_expires_forget(call->redis, entry);
    if (deleted)
        ttl_call_propagate(call, OP_HDEL, ttl_call_fields(call), count, 0);
}

void run_hgetdel(struct call *call)
{
    struct entry *entry;

    entry = call_lookup_typed_write(call);
    if (call->failed)
        return;
    if (entry)
        get_and_delete(call, entry);
    else
        reply_nils(call);
}

/* ---- HSETEX ---- */

/* FNX wants none of the fields to be there, FXX all of them. */
static bool fields_are_as_wanted(struct call *call, struct entry *entry)
{
    bool wants_none = call_option(call, WORD_FNX) != NULL, wants_all = call_option(call, WORD_FXX) != NULL;
    uint32_t count = ttl_call_count(call);

    for (uint32_t i = 0; (wants_none || wants_all) && i < count; i++) {
        bool exists = call_find_field(call, entry, ttl_call_fields(call)[i].member, EMPTIED_STAYS, NULL) != NO_SLOT;

        if (wants_none ? exists : !exists)
            return false;
    }
    return true;
}

/* A ttl that is past: the fields go, seen or not. */
static void delete_fields(struct call *call, struct entry *entry)
{
    const struct element *fields = ttl_call_fields(call);
    uint32_t count = ttl_call_count(call), deleted = 0;
    struct replication *replication = &call->redis->replication;

    for (uint32_t i = 0; i < count; i++) {
        if (!hash_delete_past_too(call->redis, entry, fields[i].member))
            continue;
        deleted++;
        if (replication_is_on(replication))
            replication_note_field(replication, member_of(call->redis->members, fields[i].member)->length);
    }
    call->redis->counters.expired_subkeys += count;
    if (deleted && replication_is_on(replication))
        replication_delete_fields_later(replication, call->key_len);
    call_written(call);
    watch_touch(call->redis, call->id);
    tracking_touch(call->redis, call->id);
}

/* Valkey: each field is set, and then has the ttl. A field that has expired has none to keep. */
static void set_one_by_one(struct call *call, struct entry *entry, int64_t when)
{
    bool times = (call->flags & REQUEST_TTL) != 0, keeps = call_option(call, WORD_KEEPTTL) != NULL;
    const struct element *fields = ttl_call_fields(call);
    uint32_t count = ttl_call_count(call);
    struct redis *redis = call->redis;

    if (times)
        hash_keep_ttls(redis, entry);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = collection_find(hash_of(entry), fields[i].member);
        bool is_past = slot != NO_SLOT && hash_ttl_ms(entry, slot) <= redis->unix_ms;

        hash_set(redis, entry, fields[i].member, text_of_element(&fields[i]), fields[i].number,
                 times || (keeps && !is_past));
        if (times)
            hash_set_ttl(redis, entry, collection_find(hash_of(entry), fields[i].member), when);
    }
    call_written(call);
    watch_touch(redis, call->id);
    tracking_touch(redis, call->id);
    if (times)
        ttl_call_propagate(call, OP_HSETEX, call_elements(call), call->elements, when);
    else
        call_propagate(call);
}

static void set_fields(struct call *call, struct entry *entry, int64_t when)
{
    bool times = (call->flags & REQUEST_TTL) != 0;
    bool keeps_ttl = times || call_option(call, WORD_KEEPTTL);
    const struct element *fields = ttl_call_fields(call);
    uint32_t count = ttl_call_count(call);
    struct ttl_setting setting = {0};

    hash_expect(call->redis, entry, fields, count);
    if (times)
        setting = ttl_setting_begin(call, entry, when);
    for (uint32_t i = 0; i < count; i++) {
        hash_set(call->redis, entry, fields[i].member, text_of_element(&fields[i]), fields[i].number, keeps_ttl);
        if (times)
            ttl_setting_apply(&setting, &fields[i]);
    }
    if (times)
        ttl_setting_end(&setting);
    else
        call_written(call);
    watch_touch(call->redis, call->id);
    tracking_touch(call->redis, call->id);
    if (!setting.deleted && !times)
        call_propagate(call);
    else if (!setting.deleted)
        ttl_call_propagate(call, OP_HSETEX, call_elements(call), call->elements, when);
    call_reply_integer(call, 1);
}

static void set_as_the_server_does(struct call *call, struct entry *entry, int64_t when)
{
    if (!call->redis->profile->hsetex_one_by_one) {
        set_fields(call, entry, when);
        return;
    }
    if (call->flags & REQUEST_TTL && when <= call->redis->unix_ms)
        delete_fields(call, entry);
    else
        set_one_by_one(call, entry, when);
    call_reply_integer(call, 1);
}

void run_hsetex(struct call *call)
{
    struct entry *entry;
    int64_t when;

    if (!call->redis->profile->hsetex_has_nx && (call_option(call, WORD_NX) || call_option(call, WORD_XX))) {
        call_reply_error(call);
        return;
    }
    if (!begin(call, &entry, &when))
        return;
    if (!entry && (call_option(call, WORD_FXX) || call_option(call, WORD_XX))) {
        call_reply_integer(call, 0);
        return;
    }
    if (!entry) {
        struct value hash = hash_new(call->redis);

        entry = call_create(call, &hash);
    }
    if (!(call_option(call, WORD_NX) && hash_of(entry)->count) && fields_are_as_wanted(call, entry)) {
        set_as_the_server_does(call, entry, when);
    } else {
        call_touched(call);
        call_reply_integer(call, 0);
    }
    if (!hash_of(entry)->count)
        call_delete_emptied(call);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set: the commands on sets, each in the server's order.
 *
 * Source: t_set.c of Redis 7.0.15; the rules of the profile name what others do. */
#include "sim/server/commands/commands.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/set.h"

/* NULL: there is no set; then call->failed says whether there is something else. */
static struct entry *lookup_read(struct call *call)
{
    struct entry *entry = key_lookup(call->redis, call->id, LOOKUP_READ);

    return call_is_wrong_type(call, entry) ? NULL : entry;
}

void run_sadd(struct call *call)
{
    struct redis *redis = call->redis;
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_write(call);
    int64_t added = 0;

    if (call_is_wrong_type(call, entry)) {
        call_touched(call);
        return;
    }
    if (!entry) {
        struct entry set = set_create(redis, elements[0].member, call->elements);
        struct value value = set_hand_over(redis, &set);

        key_add(redis, call->id, call->db, call->key_len, &value);
        entry = entry_of(redis, call->id);
    } else {
        set_expect(redis, entry, call->elements);
    }
    for (uint32_t i = 0; i < call->elements; i++)
        added += set_add(redis, entry, elements[i].member);
    if (added) {
        call_written(call);
        call_propagate(call);
    } else {
        call_touched(call);
    }
    call_reply_integer(call, added);
}

void run_srem(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_write(call);
    int64_t removed = 0;

    if (!entry || call_is_wrong_type(call, entry)) {
        if (entry)
            call_touched(call);
        else
            call_reply_integer(call, 0);
        return;
    }
    for (uint32_t i = 0; i < call->elements && set_of(entry)->count; i++)
        removed += set_remove(call->redis, entry, elements[i].member);
    if (removed) {
        call_written(call);
        call_propagate(call);
    } else {
        call_touched(call);
    }
    if (!set_of(entry)->count) {
        key_delete(call->redis, call->id);
        call->redis->counters.deleted_keys++;
    }
    call_reply_integer(call, removed);
}

void run_scard(struct call *call)
{
    struct entry *entry = lookup_read(call);

    if (!call->failed)
        call_reply_integer(call, entry ? set_of(entry)->count : 0);
}

void run_sismember(struct call *call)
{
    struct entry *entry = lookup_read(call);

    if (!call->failed)
        call_reply_integer(call, entry && set_has(call->redis, entry, call_elements(call)->member));
}

void run_smismember(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = lookup_read(call);

    if (call->failed)
        return;
    call_reply_array(call, call->elements);
    for (uint32_t i = 0; i < call->elements; i++)
        call_reply_integer(call, entry && set_has(call->redis, entry, elements[i].member));
}

void run_smembers(struct call *call)
{
    struct entry *entry = lookup_read(call);
    const struct collection *set;

    if (call->failed)
        return;
    if (!entry) {
        call_reply_array(call, 0);
        return;
    }
    set = set_of(entry);
    call_reply_array(call, set->count);
    for (uint32_t slot = collection_next(set, 0); slot != NO_SLOT; slot = collection_next(set, slot + 1))
        call_reply_bulk(call, collection_text(call->redis, set, slot).length);
}

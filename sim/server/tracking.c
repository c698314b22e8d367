/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tracking.h"

#include "sim/server/pubsub.h"
#include "sim/server/push.h"
#include "sim/server/values/resp.h"

#include <string.h>

enum { EFFORT = 100 }; /* keys that are taken from a full table at once */

/* ---- messages ---- */

/* The client at work is told behind its reply, others at the end of the turn. `bytes` are those of the keys, as an array. */
static void tell(struct redis *redis, uint32_t client, uint64_t bytes)
{
    const struct tracker *tracker = tracking_of(&redis->tracking, client);
    uint32_t to = tracker->redirect_plus ? tracker->redirect_plus - 1 : client;

    if (tracking_of(&redis->tracking, to)->speaks_resp3)
        bytes += strlen(">2\r\n$10\r\ninvalidate\r\n");
    else if (tracker->redirect_plus && pubsub_count(redis, to, TOPIC_CHANNEL))
        bytes += strlen("*3\r\n$7\r\nmessage\r\n") + resp_bulk_bytes(TRACKING_CHANNEL_NAME);
    else
        return;
    if (to == redis->connections.current)
        redis->tracking.own_bytes += bytes;
    else
        push_to(redis, to, bytes);
}

/* Who has read the key is told. `changer` is the client at work, NO_CLIENT: nobody. */
static void invalidate(struct redis *redis, const char *name, size_t length, uint32_t changer)
{
    struct tracking *tracking = &redis->tracking;
    uint64_t place;

    if (!rax_find(&tracking->table, (const unsigned char *)name, length, &place))
        return;
    for (uint32_t i = 0; i < tracking->keys[place].count; i++) {
        uint32_t client = tracking->keys[place].clients[i];
        unsigned flags = tracking_of(tracking, client)->flags;

        if (!(flags & TRACKING_ON) || flags & TRACKING_BCAST || (flags & TRACKING_NOLOOP && client == changer))
            continue;
        tell(redis, client, strlen("*1\r\n") + resp_bulk_bytes(length));
    }
    tracking_forget_key(redis, place, name, length);
}

/* trackingLimitUsedSlots. */
static void cut_table(struct redis *redis)
{
    struct tracking *tracking = &redis->tracking;
    uint64_t most = redis->config.tracking_table_max_keys;
    uint32_t effort = EFFORT * (tracking->timeouts + 1);

    if (!tracking->exists || !most)
        return;
    for (; effort && tracking->key_count > most; effort--) {
        uint32_t place = (uint32_t)gsl_rng_uniform_int(redis->rng, tracking->key_count);
        size_t length;
        const char *name = tracking_name(redis, tracking->keys[place].id, &length);

        invalidate(redis, name, length, NO_CLIENT);
    }
    tracking->timeouts = tracking->key_count > most ? tracking->timeouts + 1 : 0;
}

/* ---- prefixes ---- */

static void note_for_prefixes(struct redis *redis, const char *name, size_t length)
{
    for (uint32_t i = 0; i < redis->tracking.prefix_count; i++) {
        struct tracked_prefix *prefix = &redis->tracking.prefixes[i];

        if (!prefix->count || !tracking_begins_with(redis, prefix, name, length))
            continue;
        if (name && !rax_insert(&prefix->keys, (const unsigned char *)name, length, true, 0))
            continue;
        prefix->bytes += resp_bulk_bytes(length);
        prefix->changed++;
        if (!redis->is_between) {
            prefix->own_bytes += resp_bulk_bytes(length);
            prefix->own_changed++;
        }
        redis->tracking.has_changes = true;
    }
}

static void tell_of_prefix(struct redis *redis, struct tracked_prefix *prefix)
{
    for (uint32_t i = 0; i < prefix->count; i++) {
        uint32_t client = prefix->clients[i], changed = prefix->changed;
        uint64_t bytes = prefix->bytes;

        if (tracking_of(&redis->tracking, client)->flags & TRACKING_NOLOOP && client == redis->connections.current) {
            bytes -= prefix->own_bytes;
            changed -= prefix->own_changed;
        }
        if (changed)
            tell(redis, client, resp_header_bytes(changed) + bytes);
    }
    rax_clear(&prefix->keys);
    rax_release(&prefix->keys);
    rax_init(&prefix->keys, redis->allocator, &redis->used);
    prefix->bytes = prefix->own_bytes = prefix->changed = prefix->own_changed = 0;
}

void tracking_broadcast(struct redis *redis)
{
    for (uint32_t i = 0; i < redis->tracking.prefix_count; i++)
        if (redis->tracking.prefixes[i].changed)
            tell_of_prefix(redis, &redis->tracking.prefixes[i]);
    redis->tracking.has_changes = false;
    redis->tracking.own_bytes = 0; /* in the buffer of the client at work, whose reply has gone */
}

/* ---- commands ---- */

static void note_change(struct redis *redis, uint32_t id)
{
    size_t length;
    const char *name = tracking_name(redis, id, &length);

    if (!name)
        length = redis->long_key_len && entry_of(redis, id)->key_len == KEY_LEN_LONG ? redis->long_key_len[id]
                                                                                     : entry_of(redis, id)->key_len;
    if (redis->tracking.prefix_count)
        note_for_prefixes(redis, name, length);
    if (name)
        invalidate(redis, name, length, redis->is_between ? NO_CLIENT : redis->connections.current);
}

static void note_flush(struct redis *redis)
{
    struct tracking *tracking = &redis->tracking;

    for (uint32_t client = 0; tracking->clients && client < tracking->tracker_capacity; client++)
        if (tracking->trackers[client].flags)
            tell(redis, client, strlen("_\r\n"));
    tracking_clear_table(redis);
}

void tracking_tell_changes(struct redis *redis)
{
    struct tracking *tracking = &redis->tracking;

    for (uint32_t i = 0; i < tracking->change_count; i++)
        if (tracking->changes[i] == NO_KEY)
            note_flush(redis);
        else
            note_change(redis, tracking->changes[i]);
    tracking->change_count = 0;
}

/* CMD_READONLY, of commands with keys. */
static bool reads_keys(enum op op)
{
    return (command_table[op].looks_up || op == OP_MEMORY_USAGE) && !command_writes(op) && op != OP_XACK &&
           op != OP_XCLAIM && op != OP_XAUTOCLAIM && op != OP_XREADGROUP;
}

void tracking_note_call(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct redis *redis = call->redis;
    uint32_t client = call->client == CLIENT_SCRIPT ? redis->connections.current : call->client;
    struct tracker *tracker = tracking_of(&redis->tracking, client);
    bool wants = tracker->flags & TRACKING_OPTIN    ? tracker->has_caching
                 : tracker->flags & TRACKING_OPTOUT ? !tracker->has_caching
                                                    : true;

    if (redis->tracking.clients && call->client != CLIENT_SCRIPT && !redis->blocked.is_denied)
        cut_table(redis);
    tracking_tell_changes(redis);
    tracker = tracking_of(&redis->tracking, client);
    if (tracker->flags & TRACKING_ON && !(tracker->flags & TRACKING_BCAST) && wants && reads_keys((enum op)call->op))
        for (uint32_t row = first; row < first + rows; row++)
            if (batch->id[row] != NO_KEY)
                tracking_remember(redis, client, batch->id[row]);
    if (call->op != OP_CLIENT_CACHING && call->client != CLIENT_SCRIPT && !redis->blocked.is_denied)
        tracker->has_caching = false;
    call->reply += redis->tracking.own_bytes;
    redis->tracking.own_bytes = 0;
}

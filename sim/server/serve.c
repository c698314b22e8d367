/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/serve.h"

#include "sim/server/commands/call.h"
#include "sim/server/connections.h"
#include "sim/server/evict.h"
#include "sim/server/histograms.h"
#include "sim/server/keyspace.h"
#include "sim/server/push.h"
#include "sim/server/survey.h"
#include "sim/server/values/sds.h"

#include <string.h>

/* ---- what waiting weighs ----
 *
 * A client that waits keeps its arguments. It has a table of the keys that it waits for, and the database has one of the
 * keys that are waited for, with a list of the clients for each. */

enum {
    LIST_NODE = 24,
    LIST = 48,
    KEY_OF_CLIENT = 24, /* struct bkinfo */
    TIMEOUT_ENTRY = 48, /* of the radix tree of timeouts: an estimate */
    DICT_LEAST_SLOTS = 4,
};

static uint64_t slots_for(uint64_t keys)
{
    uint64_t slots = DICT_LEAST_SLOTS;

    while (slots < keys)
        slots *= 2;
    return slots;
}

static uint64_t class_of(const struct redis *redis, uint64_t bytes)
{
    return allocator_class(redis->allocator, bytes);
}

static void add_bytes(struct redis *redis, uint64_t bytes)
{
    redis->blocked.bytes += bytes;
    redis->used += bytes;
}

/* The table of blocking_keys grows; newer servers shrink it when it is nearly empty. */
static void resize_table(struct redis *redis)
{
    struct blocked *blocked = &redis->blocked;
    uint64_t slots = blocked->slots;

    if (blocked->keys > slots || (redis->profile->dict.shrinks_at_delete && blocked->keys * 8 <= slots))
        slots = slots_for(blocked->keys);
    add_bytes(redis, 8 * (slots - blocked->slots));
    blocked->slots = slots;
}

/* Of the waiter's own: arguments, the table of its keys, an entry and a node for each. */
static uint64_t own_bytes(struct redis *redis, const struct waiter *waiter)
{
    const struct server_profile *profile = redis->profile;
    uint64_t keys = 0, each = redis->entry_bytes + class_of(redis, LIST_NODE);

    for (uint32_t key = 0; key < waiter->key_count; key++)
        keys += !blocked_repeats(waiter, key);
    if (profile->wait_has_key_objects)
        each += class_of(redis, KEY_OF_CLIENT);
    return redis->arguments + (profile->keeps_vector ? class_of(redis, 8 * redis->client.vector_count) : 0) +
           client_command_bytes(profile, redis->allocator) + class_of(redis, 8 * slots_for(keys)) + keys * each +
           (waiter->until_us == INT64_MAX ? 0 : class_of(redis, TIMEOUT_ENTRY));
}

void serve_begin_wait(struct redis *redis, struct waiter *waiter)
{
    struct blocked *blocked = &redis->blocked;

    waiter->bytes = own_bytes(redis, waiter);
    for (uint32_t key = 0; key < waiter->key_count; key++)
        if (!blocked_repeats(waiter, key) && !blocked_has_another(blocked, waiter, key)) {
            blocked->keys++;
            add_bytes(redis, redis->entry_bytes + class_of(redis, LIST));
        }
    resize_table(redis);
    add_bytes(redis, waiter->bytes);
    redis->arguments = 0;
    client_note_wait(&redis->client);
    if (redis->profile->keeps_vector)
        client_hand_vector_over(&redis->client);
    blocked_add(blocked, *waiter);
}

static void end_wait(struct redis *redis, uint32_t place)
{
    struct blocked *blocked = &redis->blocked;
    const struct waiter *waiter = &blocked->list[place];

    for (uint32_t key = 0; key < waiter->key_count; key++)
        if (!blocked_repeats(waiter, key) && !blocked_has_another(blocked, waiter, key)) {
            blocked->keys--;
            add_bytes(redis, 0 - (redis->entry_bytes + class_of(redis, LIST)));
        }
    resize_table(redis);
    add_bytes(redis, 0 - waiter->bytes);
    blocked_remove(blocked, place);
}

/* ---- serving ---- */

/* processCommand, once more: keys are evicted; true if the command needs memory, and there is none. */
static bool is_refused(struct redis *redis, const struct waiter *waiter, uint64_t held)
{
    bool has_room;

    redis->arguments = held;
    has_room = evict_to_limit(redis) != EVICT_FAIL;
    redis->arguments = 0;
    if (has_room || !command_table[waiter->op].denyoom)
        return false;
    survey_refused(redis);
    keyspace_count_refused(redis);
    error_statistics_count(&redis->errors, ERROR_OF_OOM);
    push_reply(redis, waiter->client, sizeof oom_reply - 1, REPLY_COPIED);
    return true;
}

/* The reply stays until the end of the turn: who is served next passes the gate with it. */
static bool serve(struct redis *redis, const struct waiter *waiter, uint32_t id)
{
    struct call call = {.redis = redis};
    bool is_served = waiter->serve(&call, waiter, id);

    keyspace_tally(redis, entry_of(redis, id));
    keyspace_tally(redis, entry_of(redis, waiter->target)); /* if it has one, else of any key */
    if (is_served)
        push_reply(redis, waiter->client, call.reply, call.reply_way);
    return is_served;
}

void serve_ready(struct redis *redis, uint64_t held)
{
    struct blocked *blocked = &redis->blocked;
    uint32_t id;

    while (blocked_take_ready(blocked, &id)) {
        uint32_t place = blocked_find(blocked, id, 0);

        while (place < blocked->count) {
            if (redis->profile->waiters_run_again && is_refused(redis, &blocked->list[place], held)) {
                end_wait(redis, place);
            } else if (serve(redis, &blocked->list[place], id)) {
                histograms_note(redis, blocked->list[place].op);
                end_wait(redis, place);
            } else {
                place++;
            }
            place = blocked_find(blocked, id, place);
        }
    }
}

/* Whether the wait that ends unserved is measured as a call (updateStatsOnUnblock): not that of who is gone. */
static bool is_measured(const struct redis *redis, const struct waiter *waiter, bool is_gone)
{
    return waiter->until_us <= redis->now_us ? redis->profile->given_up_is_measured : !is_gone;
}

void serve_end_waits(struct redis *redis, uint32_t client, bool is_gone)
{
    uint32_t place;

    while ((place = blocked_find_ended(&redis->blocked, client, redis->now_us)) < redis->blocked.count) {
        const struct waiter *waiter = &redis->blocked.list[place];

        if (is_measured(redis, waiter, is_gone))
            histograms_note(redis, waiter->op);
        if (waiter->until_us <= redis->now_us)
            push_reply(redis, waiter->client, strlen("*-1\r\n"), REPLY_COPIED);
        end_wait(redis, place);
    }
}

void serve_end_late_waits(struct redis *redis)
{
    if (!redis->blocked.count)
        return;
    serve_end_waits(redis, NO_CLIENT, false);
    push_end_turn(redis);
}

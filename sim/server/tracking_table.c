/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tracking_table.h"

#include "sim/alloc.h"
#include "sim/input/names.h"
#include "sim/server/pubsub.h"
#include "sim/server/values/object.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREFIX_STATE = 16,  /* struct bcastState */
    FIRST_ID = 3,       /* of the client with number 0: some have gone before it */
    POINTER_STEP = 832, /* between clients in memory */
    NAME_MOST = 500,    /* names are told apart by so many bytes: the tree is no deeper */
};

struct tracker *tracking_of(struct tracking *tracking, uint32_t client)
{
    if (client >= tracking->tracker_capacity)
        tracking->trackers =
            xgrow(tracking->trackers, &tracking->tracker_capacity, client + 1, sizeof *tracking->trackers);
    return &tracking->trackers[client];
}

/* A key of a tree of clients: eight bytes, the lowest first. */
static void put_number(unsigned char bytes[8], uint64_t number)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
}

static void put_id(unsigned char bytes[8], uint32_t client)
{
    put_number(bytes, (uint64_t)client + FIRST_ID);
}

static void put_pointer(unsigned char bytes[8], uint32_t client)
{
    put_number(bytes, UINT64_C(0x7f0000400000) + (uint64_t)client * POINTER_STEP);
}

static void append(uint32_t **list, uint32_t *count, uint32_t *capacity, uint32_t number)
{
    if (*count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 1;
        *list = xrealloc(*list, *capacity * sizeof **list);
    }
    (*list)[(*count)++] = number;
}

static bool is_among(const uint32_t *list, uint32_t count, uint32_t number)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == number)
            return true;
    return false;
}

/* ---- the table ---- */

static void make_tables(struct redis *redis)
{
    struct tracking *tracking = &redis->tracking;

    if (tracking->exists)
        return;
    rax_init(&tracking->table, redis->allocator, &redis->used);
    rax_init(&tracking->prefix_table, redis->allocator, &redis->used);
    redis->used += argument_bytes(redis, TRACKING_CHANNEL_NAME);
    tracking->exists = true;
}

/* The key's name; NULL: it has not been named since tracking began, so that nobody can have read it. */
const char *tracking_name(const struct redis *redis, uint32_t id, size_t *length)
{
    uint32_t db;

    if (!redis->names || !key_names_has(redis->names, id))
        return NULL;
    const char *name = key_names_of(redis->names, id, length, &db);

    *length = *length < NAME_MOST ? *length : NAME_MOST;
    return name;
}

static struct tracked_key *key_for(struct redis *redis, uint32_t id, const char *name, size_t length)
{
    struct tracking *tracking = &redis->tracking;
    uint64_t place;
    struct tracked_key *key;

    if (rax_find(&tracking->table, (const unsigned char *)name, length, &place))
        return &tracking->keys[place];
    place = tracking->key_count;
    tracking->keys = xgrow(tracking->keys, &tracking->key_capacity, tracking->key_count + 1, sizeof *tracking->keys);
    key = &tracking->keys[tracking->key_count++];
    *key = (struct tracked_key){.id = id};
    rax_init(&key->ids, redis->allocator, &redis->used);
    rax_insert(&tracking->table, (const unsigned char *)name, length, true, place);
    return key;
}

void tracking_remember(struct redis *redis, uint32_t client, uint32_t id)
{
    unsigned char bytes[8];
    size_t length;
    const char *name = tracking_name(redis, id, &length);
    struct tracked_key *key;

    if (!name)
        return;
    key = key_for(redis, id, name, length);
    put_id(bytes, client);
    if (rax_insert(&key->ids, bytes, sizeof bytes, false, 0))
        append(&key->clients, &key->count, &key->capacity, client);
}

/* The last key takes the place of one that goes. */
void tracking_forget_key(struct redis *redis, uint64_t place, const char *name, size_t length)
{
    struct tracking *tracking = &redis->tracking;
    struct tracked_key *key = &tracking->keys[place];
    const struct tracked_key *last = &tracking->keys[--tracking->key_count];
    size_t last_length = 0;
    const char *last_name = tracking_name(redis, last->id, &last_length);

    rax_clear(&key->ids);
    rax_release(&key->ids);
    free(key->clients);
    rax_remove(&tracking->table, (const unsigned char *)name, length);
    if (key == last)
        return;
    assert(last_name); /* it had one when it was tracked */
    *key = *last;
    rax_insert(&tracking->table, (const unsigned char *)last_name, last_length, true, place);
}

/* ---- prefixes ---- */

/* Whether the name begins with the prefix. Of an unknown name only the empty prefix is known. */
bool tracking_begins_with(const struct redis *redis, const struct tracked_prefix *prefix, const char *name,
                          size_t length)
{
    const char *text;
    uint32_t bytes;

    if (prefix->name == NO_MEMBER)
        return true;
    bytes = member_of(redis->members, prefix->name)->length;
    if (!name || length < bytes)
        return false;
    text = member_text(redis->members, prefix->name);
    assert(text); /* of prefixes it is kept where names are */
    return !memcmp(name, text, bytes);
}

static const unsigned char *prefix_text(const struct redis *redis, uint32_t name, size_t *length)
{
    *length = name == NO_MEMBER ? 0 : member_of(redis->members, name)->length;
    return name == NO_MEMBER ? (const unsigned char *)"" : (const unsigned char *)member_text(redis->members, name);
}

static struct tracked_prefix *prefix_for(struct redis *redis, uint32_t name)
{
    struct tracking *tracking = &redis->tracking;
    struct tracked_prefix *prefix;
    size_t length;
    const unsigned char *text = prefix_text(redis, name, &length);
    uint32_t place = 0;

    while (place < tracking->prefix_count && tracking->prefixes[place].count && tracking->prefixes[place].name != name)
        place++;
    for (uint32_t i = place; i < tracking->prefix_count; i++)
        if (tracking->prefixes[i].count && tracking->prefixes[i].name == name)
            return &tracking->prefixes[i];
    if (place == tracking->prefix_count)
        tracking->prefixes =
            xgrow(tracking->prefixes, &tracking->prefix_capacity, ++tracking->prefix_count, sizeof *tracking->prefixes);
    prefix = &tracking->prefixes[place];
    *prefix = (struct tracked_prefix){.name = name};
    redis->used += allocator_class(redis->allocator, PREFIX_STATE);
    rax_init(&prefix->keys, redis->allocator, &redis->used);
    rax_init(&prefix->pointers, redis->allocator, &redis->used);
    rax_insert(&tracking->prefix_table, text, length, true, 0);
    return prefix;
}

void tracking_add_prefix(struct redis *redis, uint32_t client, uint32_t name)
{
    struct tracker *tracker = tracking_of(&redis->tracking, client);
    struct tracked_prefix *prefix = prefix_for(redis, name);
    unsigned char pointer[8];
    size_t length;
    const unsigned char *text = prefix_text(redis, name, &length);

    if (is_among(prefix->clients, prefix->count, client))
        return;
    put_pointer(pointer, client);
    rax_insert(&prefix->pointers, pointer, sizeof pointer, false, 0);
    append(&prefix->clients, &prefix->count, &prefix->capacity, client);
    if (!tracker->prefix_count++)
        rax_init(&tracker->prefixes, redis->allocator, &redis->used);
    rax_insert(&tracker->prefixes, text, length, false, 0);
}

static void release_prefix(struct tracked_prefix *prefix)
{
    rax_release(&prefix->keys);
    rax_release(&prefix->pointers);
    free(prefix->clients);
    *prefix = (struct tracked_prefix){0};
}

static void leave_prefix(struct redis *redis, struct tracked_prefix *prefix, uint32_t client)
{
    unsigned char pointer[8];
    size_t length;
    const unsigned char *text = prefix_text(redis, prefix->name, &length);

    if (!is_among(prefix->clients, prefix->count, client))
        return;
    put_pointer(pointer, client);
    rax_remove(&prefix->pointers, pointer, sizeof pointer);
    for (uint32_t i = 0; i < prefix->count; i++)
        if (prefix->clients[i] == client) {
            prefix->clients[i] = prefix->clients[--prefix->count];
            break;
        }
    if (prefix->count)
        return;
    rax_clear(&prefix->keys);
    rax_clear(&prefix->pointers);
    redis->used -= allocator_class(redis->allocator, PREFIX_STATE);
    rax_remove(&redis->tracking.prefix_table, text, length);
    release_prefix(prefix);
}

/* ---- clients ---- */

void tracking_begin(struct redis *redis, uint32_t client, unsigned flags)
{
    struct tracker *tracker = tracking_of(&redis->tracking, client);

    pubsub_make_state(redis, client);
    make_tables(redis);
    redis->tracking.clients += !tracker->flags;
    tracker->flags = flags | TRACKING_ON;
    tracker->redirect_plus = 0;
}

void tracking_end(struct redis *redis, uint32_t client)
{
    struct tracker *tracker;

    if (client >= redis->tracking.tracker_capacity || !redis->tracking.trackers[client].flags)
        return;
    tracker = &redis->tracking.trackers[client];
    for (uint32_t i = 0; i < redis->tracking.prefix_count; i++)
        leave_prefix(redis, &redis->tracking.prefixes[i], client);
    if (tracker->prefix_count) {
        rax_clear(&tracker->prefixes);
        rax_release(&tracker->prefixes);
    }
    redis->tracking.clients--;
    *tracker = (struct tracker){.speaks_resp3 = tracker->speaks_resp3};
}

void tracking_leave(struct redis *redis, uint32_t client)
{
    if (client >= redis->tracking.tracker_capacity)
        return;
    tracking_end(redis, client);
    redis->tracking.trackers[client] = (struct tracker){0};
}

void tracking_clear_table(struct redis *redis)
{
    struct tracking *tracking = &redis->tracking;

    for (uint32_t i = 0; i < tracking->key_count; i++) {
        rax_clear(&tracking->keys[i].ids);
        rax_release(&tracking->keys[i].ids);
        free(tracking->keys[i].clients);
    }
    tracking->key_count = 0;
    rax_clear(&tracking->table);
    rax_release(&tracking->table);
    rax_init(&tracking->table, redis->allocator, &redis->used);
}

/* ---- all of it ---- */

uint64_t tracking_bytes(const struct redis *redis)
{
    const struct tracking *tracking = &redis->tracking;
    uint64_t bytes;

    if (!tracking->exists)
        return 0;
    bytes = tracking->table.bytes + tracking->prefix_table.bytes + argument_bytes(redis, TRACKING_CHANNEL_NAME);
    for (uint32_t i = 0; i < tracking->key_count; i++)
        bytes += tracking->keys[i].ids.bytes;
    for (uint32_t i = 0; i < tracking->prefix_count; i++)
        if (tracking->prefixes[i].count)
            bytes += allocator_class(redis->allocator, PREFIX_STATE) + tracking->prefixes[i].keys.bytes +
                     tracking->prefixes[i].pointers.bytes;
    for (uint32_t i = 0; i < tracking->tracker_capacity; i++)
        bytes += tracking->trackers[i].prefix_count ? tracking->trackers[i].prefixes.bytes : 0;
    return bytes;
}

void tracking_release(struct tracking *tracking)
{
    for (uint32_t i = 0; i < tracking->key_count; i++) {
        rax_release(&tracking->keys[i].ids);
        free(tracking->keys[i].clients);
    }
    for (uint32_t i = 0; i < tracking->prefix_count; i++)
        if (tracking->prefixes[i].count)
            release_prefix(&tracking->prefixes[i]);
    for (uint32_t i = 0; i < tracking->tracker_capacity; i++)
        if (tracking->trackers[i].prefix_count)
            rax_release(&tracking->trackers[i].prefixes);
    if (tracking->exists) {
        rax_release(&tracking->table);
        rax_release(&tracking->prefix_table);
    }
    free(tracking->changes);
    free(tracking->keys);
    free(tracking->prefixes);
    free(tracking->trackers);
}

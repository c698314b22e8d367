/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/stream.h"

#include "sim/alloc.h"
#include "sim/server/values/listpack.h"
#include "sim/server/values/resp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    STREAM_BYTES = 80,   /* struct stream */
    GROUP_BYTES = 40,    /* streamCG */
    CONSUMER_BYTES = 24, /* streamConsumer */
    PENDING_BYTES = 24,  /* streamNACK */
    PREALLOCATED = 4096, /* STREAM_LISTPACK_MAX_PRE_ALLOCATE */
    KEY = 16,
    HOLDERS_LIST = 48, /* list */
    HOLDERS_NODE = 24, /* listNode */
};

static const uint64_t LISTPACK_SIZE_MOST = UINT64_C(1) << 30; /* STREAM_LISTPACK_MAX_SIZE */

/* As streamEncodeID: big endian, so that the tree keeps ids in order. */
static void encode(struct stream_id id, unsigned char key[KEY])
{
    for (int i = 0; i < 8; i++) {
        key[i] = (unsigned char)(id.ms >> (56 - 8 * i));
        key[8 + i] = (unsigned char)(id.seq >> (56 - 8 * i));
    }
}

/* Counts the change of one of the stream's blocks. A size of 0 means that there is no block. */
static void change_block(struct stream *stream, uint64_t before, uint64_t after)
{
    uint64_t change = (after ? allocator_class(stream->allocator, after) : 0) -
                      (before ? allocator_class(stream->allocator, before) : 0);

    stream->blocks += change;
    *stream->memory += change;
}

/* ---- the whole stream ---- */

static uint64_t consumer_struct_bytes(const struct redis *redis)
{
    uint32_t bytes = redis->profile->stream_consumer_bytes;

    return bytes ? bytes : (uint32_t)CONSUMER_BYTES;
}

/* sizeof of struct stream, streamCG, streamNACK. */
struct struct_sizes {
    uint32_t stream, group, pending;
};

static struct struct_sizes sizes_of(const struct redis *redis)
{
    const struct server_profile *profile = redis->profile;
    struct struct_sizes sizes = {STREAM_BYTES, GROUP_BYTES, PENDING_BYTES};

    if (profile->streams_know_groups) { /* cgroups_ref, min_cgroup_last_id; cgroup_ref_node */
        sizes.stream += 32;
        sizes.pending += 8;
    }
    if (profile->lists_know_size) /* alloc_size */
        sizes.stream += 8;
    if (profile->pending_is_ordered) { /* idmp_*; pel_time_head, pel_time_tail; id, pel_prev, pel_next */
        sizes.stream += 40;
        sizes.group += 16;
        sizes.pending += 32;
    }
    return sizes;
}

static struct stream *new_stream(struct redis *redis)
{
    struct stream *stream = xcalloc(1, sizeof *stream);

    stream->allocator = redis->allocator;
    stream->memory = &redis->used;
    change_block(stream, 0, sizes_of(redis).stream);
    rax_init(&stream->index, redis->allocator, &redis->used);
    return stream;
}

struct stream *stream_new(struct redis *redis)
{
    uint64_t used = redis->used;
    struct stream *stream = new_stream(redis);

    redis->used = used;
    return stream;
}

static uint64_t group_bytes(const struct stream_group *group)
{
    uint64_t bytes = group->pending.bytes + group->names.bytes;

    for (uint32_t i = 0; i < group->consumer_count; i++)
        bytes += group->consumers[i].gone ? 0 : group->consumers[i].pending.bytes;
    return bytes;
}

uint64_t stream_bytes(const struct redis *redis, const void *structure)
{
    const struct stream *stream = structure;
    uint64_t bytes = stream->blocks + stream->index.bytes + (stream->groups ? stream->groups->bytes : 0) +
                     (stream->holders ? stream->holders->bytes : 0) + stream->holder_bytes;

    (void)redis;
    for (uint32_t i = 0; i < stream->group_count; i++)
        bytes += stream->group[i].gone ? 0 : group_bytes(&stream->group[i]);
    return bytes;
}

static uint64_t tree_usage(const struct redis *redis, const struct rax *rax)
{
    enum { NODE_HEADER = 4, CHILDREN_ASSUMED = 30 };

    if (redis->profile->usage_weighs_trees)
        return rax->bytes;
    return rax->count * KEY + rax->nodes * (NODE_HEADER + sizeof(uint64_t) * CHILDREN_ASSUMED);
}

static uint64_t group_usage(const struct redis *redis, const struct stream_group *group)
{
    struct struct_sizes sizes = sizes_of(redis);
    uint64_t bytes = sizes.group + tree_usage(redis, &group->pending) + sizes.pending * group->pending.count;

    for (uint32_t i = 0; i < group->consumer_count; i++)
        if (!group->consumers[i].gone)
            bytes += consumer_struct_bytes(redis) + member_of(redis->members, group->consumers[i].name)->length +
                     tree_usage(redis, &group->consumers[i].pending);
    return bytes;
}

/* stream.alloc_size: a stream's blocks, but of a listpack, and of a short name, only what they hold; not the lists of who holds an entry. */
static uint64_t asked_for(const struct redis *redis, const struct stream *stream)
{
    uint64_t bytes = stream_bytes(redis, stream) - stream->holder_bytes;

    for (uint32_t i = 0; i < stream->node_count; i++) {
        const struct stream_node *node = &stream->nodes[stream->node_first + i];

        bytes -= allocator_class(stream->allocator, node->block) - node->bytes;
    }
    for (uint32_t i = 0; i < stream->group_count; i++)
        for (uint32_t j = 0; !stream->group[i].gone && j < stream->group[i].consumer_count; j++) {
            uint64_t name = member_of(redis->members, stream->group[i].consumers[j].name)->length;

            if (!stream->group[i].consumers[j].gone)
                bytes -= sds_bytes(redis->allocator, name) - sds_asked_for(redis->allocator, name);
        }
    return bytes;
}

uint64_t stream_usage(const struct redis *redis, const void *structure)
{
    const struct stream *stream = structure;
    uint64_t bytes = sizes_of(redis).stream + tree_usage(redis, &stream->index);

    if (redis->profile->usage_is_asked_for)
        return asked_for(redis, stream);
    for (uint32_t i = 0; i < stream->node_count; i++)
        bytes += allocator_class(stream->allocator, stream->nodes[stream->node_first + i].block);
    for (uint32_t i = 0; i < stream->group_count; i++)
        if (!stream->group[i].gone)
            bytes += group_usage(redis, &stream->group[i]);
    return bytes;
}

static void release_group(struct stream_group *group)
{
    rax_release(&group->pending);
    rax_release(&group->names);
    for (uint32_t i = 0; i < group->consumer_count; i++)
        if (!group->consumers[i].gone)
            rax_release(&group->consumers[i].pending);
    free(group->consumers);
    free(group->entries);
}

static void release_node(struct stream_node *node)
{
    free(node->entries);
    free(node->fields);
}

void stream_free(void *structure)
{
    struct stream *stream = structure;

    for (uint32_t i = 0; i < stream->node_count; i++)
        release_node(&stream->nodes[stream->node_first + i]);
    for (uint32_t i = 0; i < stream->group_count; i++)
        if (!stream->group[i].gone)
            release_group(&stream->group[i]);
    if (stream->groups)
        rax_release(stream->groups);
    if (stream->holders)
        rax_release(stream->holders);
    rax_release(&stream->index);
    free(stream->holders);
    free(stream->groups);
    free(stream->group);
    free(stream->nodes);
    free(stream);
}

/* ---- nodes ---- */

static struct stream_node *last_node(const struct stream *stream)
{
    return stream->node_count ? &stream->nodes[stream->node_first + stream->node_count - 1] : NULL;
}

static struct stream_node *push_node(struct stream *stream)
{
    struct stream_node *last;

    if (stream->node_first + stream->node_count == stream->node_capacity) {
        if (stream->node_first > stream->node_capacity / 2) {
            assert(stream->nodes);
            memmove(stream->nodes, stream->nodes + stream->node_first, stream->node_count * sizeof *stream->nodes);
            stream->node_first = 0;
        } else {
            stream->node_capacity = stream->node_capacity ? 2 * stream->node_capacity : 2;
            stream->nodes = xrealloc(stream->nodes, stream->node_capacity * sizeof *stream->nodes);
        }
    }
    stream->node_count++;
    last = last_node(stream);
    assert(last);
    *last = (struct stream_node){0};
    return last;
}

/* Frees the listpack and removes its key from the index. */
static void remove_node(struct stream *stream, uint32_t place)
{
    struct stream_node *node = &stream->nodes[place];
    unsigned char key[KEY];

    change_block(stream, node->block, 0);
    encode(node->first, key);
    rax_remove(&stream->index, key, KEY);
    release_node(node);
    stream->node_count--;
    if (place == stream->node_first)
        stream->node_first++;
    else
        memmove(node, node + 1, (stream->node_first + stream->node_count - place) * sizeof *node);
}

/* As lpInsert: the block grows if the listpack no longer fits. */
static void grow_listpack(struct stream *stream, struct stream_node *node, uint64_t bytes)
{
    node->bytes += bytes;
    if (node->bytes > allocator_class(stream->allocator, node->block)) {
        change_block(stream, node->block, node->bytes);
        node->block = node->bytes;
    }
}

static void shrink_to_fit(struct stream *stream, struct stream_node *node)
{
    change_block(stream, node->block, node->bytes);
    node->block = node->bytes;
}

static uint64_t integer_bytes(uint64_t number)
{
    return listpack_entry_bytes(text_of_integer((int64_t)number));
}

/* As lpReplaceInteger: the block is shortened if the number takes fewer bytes. */
static void replace_integer(struct stream *stream, struct stream_node *node, uint32_t *number, uint32_t by)
{
    uint64_t before = integer_bytes(*number), after = integer_bytes(by);

    *number = by;
    if (after > before) {
        grow_listpack(stream, node, after - before);
    } else if (after < before) {
        node->bytes -= before - after;
        shrink_to_fit(stream, node);
    }
}

/* Whether the last listpack cannot take another entry. */
static bool is_full(const struct redis *redis, const struct stream_node *node, uint64_t new_bytes)
{
    uint64_t most = redis->config.stream_node_max_bytes, entries = redis->config.stream_node_max_entries;

    if (!most || most > LISTPACK_SIZE_MOST)
        most = LISTPACK_SIZE_MOST;
    return node->bytes + new_bytes >= most || (entries && (uint64_t)node->live + node->deleted >= entries);
}

static uint64_t member_bytes(const struct redis *redis, uint32_t member)
{
    return listpack_entry_bytes(text_of_member(member_of(redis->members, member)));
}

/* Begins a listpack with its master entry, for one entry that is added next. */
static struct stream_node *begin_node(struct redis *redis, struct stream *stream, struct stream_id id,
                                      const struct element *elements, uint32_t count)
{
    uint64_t room = PREALLOCATED, most = redis->config.stream_node_max_bytes;
    struct stream_node *node = push_node(stream);
    unsigned char key[KEY];

    if (most && most < room)
        room = most;
    node->first = id;
    node->bytes = LISTPACK_FRAME;
    node->block = room > LISTPACK_FRAME ? room : LISTPACK_FRAME;
    change_block(stream, 0, node->block);
    node->live = 1;
    node->field_count = count;
    node->fields = xmalloc((count ? count : 1) * sizeof *node->fields);
    grow_listpack(stream, node, integer_bytes(1) + integer_bytes(0) + integer_bytes(count));
    for (uint32_t i = 0; i < count; i++) {
        node->fields[i] = elements[i].member;
        grow_listpack(stream, node, member_bytes(redis, elements[i].member));
    }
    grow_listpack(stream, node, integer_bytes(0));
    encode(id, key);
    rax_insert(&stream->index, key, KEY, true, 0);
    return node;
}

static bool has_fields(const struct stream_node *node, const struct element *elements, uint32_t count)
{
    if (node->field_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (node->fields[i] != elements[i].member)
            return false;
    return true;
}

static void add_entry(struct redis *redis, struct stream_node *node, struct stream_id id,
                      const struct element *elements, uint32_t count)
{
    uint64_t reply = resp_header_bytes(2 * (uint64_t)count);

    for (uint32_t i = 0; i < count; i++)
        reply += resp_bulk_bytes(member_of(redis->members, elements[i].member)->length) +
                 resp_bulk_bytes(elements[i].value_len);
    if (node->count == node->capacity) {
        node->capacity = node->capacity ? 2 * node->capacity : 4;
        node->entries = xrealloc(node->entries, node->capacity * sizeof *node->entries);
    }
    node->entries[node->count++] = (struct stream_entry){.id = id, .reply_bytes = (uint32_t)reply};
}

void stream_append_item(struct redis *redis, struct stream *stream, struct stream_id id, const struct element *elements,
                        uint32_t count)
{
    struct stream_node *node = last_node(stream);
    uint64_t new_bytes = 0, entry;
    bool same;

    for (uint32_t i = 0; i < count; i++)
        new_bytes += (uint64_t)member_of(redis->members, elements[i].member)->length + elements[i].value_len;
    if (node && is_full(redis, node, new_bytes)) {
        shrink_to_fit(stream, node);
        node = NULL;
    }
    if (node)
        replace_integer(stream, node, &node->live, node->live + 1);
    else
        node = begin_node(redis, stream, id, elements, count);
    same = has_fields(node, elements, count);
    entry =
        integer_bytes(same ? 2 : 0) + integer_bytes(id.ms - node->first.ms) + integer_bytes(id.seq - node->first.seq);
    if (!same)
        entry += integer_bytes(count);
    for (uint32_t i = 0; i < count; i++)
        entry +=
            listpack_entry_bytes(text_of_element(&elements[i])) + (same ? 0 : member_bytes(redis, elements[i].member));
    entry += integer_bytes(same ? count + UINT64_C(3) : 2 * (uint64_t)count + 4);
    grow_listpack(stream, node, entry);
    add_entry(redis, node, id, elements, count);
    stream->length++;
    stream->added++;
    stream->last = id;
}

/* ---- deleting entries ---- */

static void delete_entry(struct stream_entry *entry, struct stream *stream)
{
    entry->deleted = true;
    stream->length--;
}

/* Deletes entries of the first node until enough are gone. */
static uint64_t trim_node(struct stream *stream, struct stream_node *node, const struct stream_trim *how)
{
    uint32_t went = 0;

    for (uint32_t i = 0; i < node->count; i++) {
        struct stream_entry *entry = &node->entries[i];

        if (how->by == TRIM_MAXLEN ? stream->length <= how->maxlen : stream_id_compare(entry->id, how->minid) >= 0)
            break;
        if (entry->deleted)
            continue;
        delete_entry(entry, stream);
        went++;
    }
    replace_integer(stream, node, &node->live, node->live - went);
    replace_integer(stream, node, &node->deleted, node->deleted + went);
    return went;
}

uint64_t stream_trim(struct stream *stream, const struct stream_trim *how)
{
    uint64_t went = 0;

    while (stream->node_count && how->by != TRIM_NONE) {
        struct stream_node *node = &stream->nodes[stream->node_first];
        uint64_t entries = node->live;
        bool whole;

        if (how->by == TRIM_MAXLEN && stream->length <= how->maxlen)
            break;
        if (how->limit && went + entries > how->limit)
            break;
        whole = how->by == TRIM_MAXLEN ? stream->length - entries >= how->maxlen
                                       : stream_id_compare(node->entries[node->count - 1].id, how->minid) < 0;
        if (whole) {
            remove_node(stream, stream->node_first);
            stream->length -= entries;
            went += entries;
            continue;
        }
        if (!how->approximately)
            went += trim_node(stream, node, how);
        break;
    }
    return went;
}

/* The last node whose first id is not above `id`; node_first + node_count if there is none. */
static uint32_t node_of(const struct stream *stream, struct stream_id id)
{
    uint32_t low = stream->node_first, high = low + stream->node_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (stream_id_compare(stream->nodes[middle].first, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > stream->node_first ? low - 1 : stream->node_first + stream->node_count;
}

static uint32_t entry_from(const struct stream_node *node, struct stream_id id)
{
    uint32_t low = 0, high = node->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (stream_id_compare(node->entries[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool stream_delete(struct stream *stream, struct stream_id id)
{
    uint32_t place = node_of(stream, id), at;
    struct stream_node *node;

    if (place == stream->node_first + stream->node_count)
        return false;
    node = &stream->nodes[place];
    at = entry_from(node, id);
    if (at == node->count || stream_id_compare(node->entries[at].id, id) || node->entries[at].deleted)
        return false;
    delete_entry(&node->entries[at], stream);
    if (node->live == 1) {
        remove_node(stream, place);
    } else {
        replace_integer(stream, node, &node->live, node->live - 1);
        replace_integer(stream, node, &node->deleted, node->deleted + 1);
    }
    if (stream_id_compare(id, stream->deleted_most) > 0)
        stream->deleted_most = id;
    return true;
}

/* ---- reading ---- */

static void range_forwards(const struct stream *stream, struct stream_id first, struct stream_id last,
                           stream_visit *visit, void *owner)
{
    uint32_t end = stream->node_first + stream->node_count, place = node_of(stream, first);

    if (place == end)
        place = stream->node_first;
    for (; place < end; place++) {
        const struct stream_node *node = &stream->nodes[place];

        for (uint32_t i = entry_from(node, first); i < node->count; i++) {
            if (stream_id_compare(node->entries[i].id, last) > 0)
                return;
            if (!node->entries[i].deleted && !visit(owner, &node->entries[i]))
                return;
        }
    }
}

static void range_backwards(const struct stream *stream, struct stream_id first, struct stream_id last,
                            stream_visit *visit, void *owner)
{
    uint32_t end = stream->node_first + stream->node_count, place = node_of(stream, last);

    if (place == end)
        return;
    for (;; place--) {
        const struct stream_node *node = &stream->nodes[place];

        for (uint32_t i = node->count; i-- > 0;) {
            if (stream_id_compare(node->entries[i].id, last) > 0)
                continue;
            if (stream_id_compare(node->entries[i].id, first) < 0)
                return;
            if (!node->entries[i].deleted && !visit(owner, &node->entries[i]))
                return;
        }
        if (place == stream->node_first)
            return;
    }
}

void stream_range(const struct stream *stream, struct stream_id first, struct stream_id last, bool reversed,
                  stream_visit *visit, void *owner)
{
    (reversed ? range_backwards : range_forwards)(stream, first, last, visit, owner);
}

/* ---- consumer groups ---- */

/* The name as a key of a tree. Only the first eight bytes of a name are known. The others are assumed to be equal
 * except for the last two, as in "consumer-17" and "consumer-18". */
static size_t name_key(const struct redis *redis, uint32_t name, unsigned char key[])
{
    const struct member *member = member_of(redis->members, name);
    size_t length = member->length < STREAM_NAME_MOST ? member->length : (size_t)STREAM_NAME_MOST;

    for (size_t i = 0; i < length; i++)
        key[i] = i < 8             ? (unsigned char)(member->begins >> (56 - 8 * i))
                 : i + 2 >= length ? (unsigned char)(name >> 8 * (length - 1 - i))
                                   : 0;
    return length;
}

struct stream_group *stream_group_find(const struct stream *stream, uint32_t name)
{
    for (uint32_t i = 0; i < stream->group_count; i++)
        if (!stream->group[i].gone && stream->group[i].name == name)
            return &stream->group[i];
    return NULL;
}

struct stream_group *stream_group_create(struct redis *redis, struct stream *stream, uint32_t name,
                                         struct stream_id last)
{
    unsigned char key[STREAM_NAME_MOST];
    struct stream_group *group;

    if (stream_group_find(stream, name))
        return NULL;
    if (!stream->groups) {
        stream->groups = xmalloc(sizeof *stream->groups);
        rax_init(stream->groups, redis->allocator, &redis->used);
    }
    stream->group = xrealloc(stream->group, (stream->group_count + 1) * sizeof *stream->group);
    group = &stream->group[stream->group_count++];
    *group = (struct stream_group){.name = name, .last = last, .read = ENTRIES_READ_UNKNOWN};
    change_block(stream, 0, sizes_of(redis).group);
    rax_init(&group->pending, redis->allocator, &redis->used);
    rax_init(&group->names, redis->allocator, &redis->used);
    rax_insert(stream->groups, key, name_key(redis, name, key), true, 0);
    return group;
}

static void count_holders(struct stream *stream, uint64_t change)
{
    stream->holder_bytes += change;
    *stream->memory += change;
}

/* streamLinkCGroupToEntry: one group more holds the entry. */
static void add_holder(const struct redis *redis, struct stream *stream, const unsigned char key[KEY])
{
    uint64_t groups = 0;

    if (!redis->profile->streams_know_groups)
        return;
    if (!stream->holders) {
        stream->holders = xmalloc(sizeof *stream->holders);
        rax_init(stream->holders, stream->allocator, stream->memory);
    }
    if (!rax_find(stream->holders, key, KEY, &groups))
        count_holders(stream, allocator_class(stream->allocator, HOLDERS_LIST));
    rax_insert(stream->holders, key, KEY, true, groups + 1);
    count_holders(stream, allocator_class(stream->allocator, HOLDERS_NODE));
}

/* streamUnlinkEntryFromCGroupRef. */
static void remove_holder(struct stream *stream, const unsigned char key[KEY])
{
    uint64_t groups;

    if (!stream->holders || !rax_find(stream->holders, key, KEY, &groups))
        return;
    count_holders(stream, -allocator_class(stream->allocator, HOLDERS_NODE));
    if (groups > 1) {
        rax_insert(stream->holders, key, KEY, true, groups - 1);
        return;
    }
    rax_remove(stream->holders, key, KEY);
    count_holders(stream, -allocator_class(stream->allocator, HOLDERS_LIST));
}

static uint64_t consumer_blocks(const struct redis *redis, const struct stream_consumer *consumer)
{
    return allocator_class(redis->allocator, redis->profile->stream_consumer_bytes
                                                 ? redis->profile->stream_consumer_bytes
                                                 : CONSUMER_BYTES) +
           sds_bytes(redis->allocator, member_of(redis->members, consumer->name)->length);
}

static void count_blocks(struct stream *stream, uint64_t change)
{
    stream->blocks += change;
    *stream->memory += change;
}

void stream_group_destroy(struct redis *redis, struct stream *stream, struct stream_group *group)
{
    unsigned char key[STREAM_NAME_MOST];

    for (struct stream_id id = {0, 0}; stream_next_pending(&group->pending, &id); id.seq++) {
        encode(id, key);
        remove_holder(stream, key);
    }
    for (uint32_t i = 0; i < group->consumer_count; i++)
        if (!group->consumers[i].gone) {
            count_blocks(stream, -consumer_blocks(redis, &group->consumers[i]));
            *stream->memory -= group->consumers[i].pending.bytes;
        }
    count_blocks(stream, -(group->pending.count * allocator_class(stream->allocator, sizes_of(redis).pending)));
    *stream->memory -= group->pending.bytes + group->names.bytes;
    change_block(stream, sizes_of(redis).group, 0);
    rax_remove(stream->groups, key, name_key(redis, group->name, key));
    release_group(group);
    group->gone = true;
}

uint32_t stream_consumer_find(const struct stream_group *group, uint32_t name)
{
    for (uint32_t i = 0; i < group->consumer_count; i++)
        if (!group->consumers[i].gone && group->consumers[i].name == name)
            return i;
    return NO_CONSUMER;
}

uint32_t stream_consumer_create(struct redis *redis, struct stream *stream, struct stream_group *group, uint32_t name)
{
    unsigned char key[STREAM_NAME_MOST];
    struct stream_consumer *consumer;

    group->consumers = xrealloc(group->consumers, (group->consumer_count + 1) * sizeof *group->consumers);
    consumer = &group->consumers[group->consumer_count++];
    *consumer = (struct stream_consumer){.name = name};
    count_blocks(stream, consumer_blocks(redis, consumer));
    rax_init(&consumer->pending, redis->allocator, &redis->used);
    rax_insert(&group->names, key, name_key(redis, name, key), true, 0);
    return group->consumer_count - 1;
}

static void forget_pending(const struct redis *redis, struct stream *stream, struct stream_group *group,
                           const unsigned char key[KEY], uint32_t number)
{
    rax_remove(&group->pending, key, KEY);
    remove_holder(stream, key);
    count_blocks(stream, -allocator_class(stream->allocator, sizes_of(redis).pending));
    group->entries[number].next_free = group->free_entry;
    group->free_entry = number + 1;
}

uint64_t stream_consumer_delete(struct redis *redis, struct stream *stream, struct stream_group *group, uint32_t which)
{
    struct stream_consumer *consumer = &group->consumers[which];
    unsigned char key[KEY] = {0}, name[STREAM_NAME_MOST];
    uint64_t pending = consumer->pending.count, number;

    for (; rax_seek(&consumer->pending, key, KEY, NULL); rax_remove(&consumer->pending, key, KEY))
        if (rax_find(&group->pending, key, KEY, &number))
            forget_pending(redis, stream, group, key, (uint32_t)number);
    rax_clear(&consumer->pending);
    count_blocks(stream, -consumer_blocks(redis, consumer));
    rax_remove(&group->names, name, name_key(redis, consumer->name, name));
    consumer->gone = true;
    return pending;
}

struct stream_pending *stream_pending_find(const struct stream_group *group, struct stream_id id)
{
    unsigned char key[KEY];
    uint64_t number;

    encode(id, key);
    return rax_find(&group->pending, key, KEY, &number) ? &group->entries[number] : NULL;
}

void stream_deliver(struct redis *redis, struct stream *stream, struct stream_group *group, uint32_t consumer,
                    struct stream_id id)
{
    struct stream_pending *pending = stream_pending_find(group, id);
    unsigned char key[KEY];

    encode(id, key);
    if (pending) {
        if (pending->consumer != consumer)
            rax_remove(&group->consumers[pending->consumer].pending, key, KEY);
    } else {
        uint32_t number = group->free_entry ? group->free_entry - 1 : group->entry_count++;

        assert(!group->free_entry || group->entries);
        if (group->free_entry)
            group->free_entry = group->entries[number].next_free;
        group->entries = xgrow(group->entries, &group->entry_capacity, group->entry_count, sizeof *group->entries);
        pending = &group->entries[number];
        count_blocks(stream, allocator_class(stream->allocator, sizes_of(redis).pending));
        rax_insert(&group->pending, key, KEY, true, number);
        add_holder(redis, stream, key);
    }
    rax_insert(&group->consumers[consumer].pending, key, KEY, true, 0);
    pending->consumer = consumer;
    pending->delivered_ms = redis->unix_ms;
    pending->deliveries = 1;
}

void stream_pending_redeliver(const struct redis *redis, struct stream_group *group, struct stream_id id)
{
    struct stream_pending *pending = stream_pending_find(group, id);

    pending->delivered_ms = redis->unix_ms;
    pending->deliveries++;
}

static bool first_entry(void *owner, const struct stream_entry *entry)
{
    *(struct stream_id *)owner = entry->id;
    return false;
}

static struct stream_id first_id(const struct stream *stream)
{
    struct stream_id first = {0, 0};

    stream_range(stream, first, (struct stream_id){UINT64_MAX, UINT64_MAX}, false, first_entry, &first);
    return first;
}

/* streamEstimateDistanceFromFirstEverEntry, of an entry that there is. */
static int64_t distance_to(const struct stream *stream, struct stream_id id)
{
    struct stream_id first = first_id(stream);

    if (!stream_id_compare(id, stream->last))
        return (int64_t)stream->added;
    if (stream_id_compare(stream->deleted_most, first) < 0 && !stream_id_compare(id, first))
        return (int64_t)(stream->added - stream->length + 1);
    return ENTRIES_READ_UNKNOWN;
}

/* Entries are counted one by one unless some behind the last were deleted (streamRangeHasTombstones). */
void stream_group_pass(const struct stream *stream, struct stream_group *group, struct stream_id id)
{
    bool has_gaps = stream_id_compare(stream->deleted_most, first_id(stream)) >= 0 &&
                    stream_id_compare(group->last, stream->deleted_most) <= 0;

    if (group->read != ENTRIES_READ_UNKNOWN && !has_gaps)
        group->read++;
    else if (stream->added)
        group->read = distance_to(stream, id);
    group->last = id;
}

bool stream_acknowledge(const struct redis *redis, struct stream *stream, struct stream_group *group,
                        struct stream_id id)
{
    const struct stream_pending *pending = stream_pending_find(group, id);
    unsigned char key[KEY];

    if (!pending)
        return false;
    encode(id, key);
    rax_remove(&group->consumers[pending->consumer].pending, key, KEY);
    forget_pending(redis, stream, group, key, (uint32_t)(pending - group->entries));
    return true;
}

bool stream_next_pending(const struct rax *pending, struct stream_id *id)
{
    unsigned char key[KEY];

    encode(*id, key);
    if (!rax_seek(pending, key, KEY, NULL))
        return false;
    *id = (struct stream_id){0, 0};
    for (int i = 0; i < 8; i++) {
        id->ms = id->ms << 8 | key[i];
        id->seq = id->seq << 8 | key[8 + i];
    }
    return true;
}

/* ---- COPY ---- */

static void copy_nodes(struct stream *to, const struct stream *from)
{
    for (uint32_t i = 0; i < from->node_count; i++) {
        const struct stream_node *node = &from->nodes[from->node_first + i];
        struct stream_node *copy = push_node(to);
        unsigned char key[KEY];

        *copy = *node;
        copy->block = node->bytes;
        copy->capacity = node->count;
        copy->entries = xmalloc(node->count * sizeof *copy->entries);
        memcpy(copy->entries, node->entries, node->count * sizeof *copy->entries);
        copy->fields = xmalloc((node->field_count ? node->field_count : 1) * sizeof *copy->fields);
        memcpy(copy->fields, node->fields, node->field_count * sizeof *copy->fields);
        change_block(to, 0, copy->block);
        encode(copy->first, key);
        rax_insert(&to->index, key, KEY, true, 0);
    }
}

static void copy_group(struct redis *redis, struct stream *to, const struct stream_group *from)
{
    struct stream_group *group = stream_group_create(redis, to, from->name, from->last);

    assert(group); /* the copy has none of that name yet */
    group->read = from->read;
    for (uint32_t i = 0; i < from->consumer_count; i++) {
        struct stream_id id = {0, 0};
        uint32_t consumer;

        if (from->consumers[i].gone)
            continue;
        consumer = stream_consumer_create(redis, to, group, from->consumers[i].name);
        for (; stream_next_pending(&from->consumers[i].pending, &id); id.seq++) {
            stream_deliver(redis, to, group, consumer, id);
            stream_pending_find(group, id)->delivered_ms = stream_pending_find(from, id)->delivered_ms;
            stream_pending_find(group, id)->deliveries = stream_pending_find(from, id)->deliveries;
        }
    }
}

void *stream_copy(struct redis *redis, const void *structure)
{
    const struct stream *from = structure;
    uint64_t used = redis->used;
    struct stream *to = new_stream(redis);

    to->length = from->length;
    to->added = from->added;
    to->last = from->last;
    to->deleted_most = from->deleted_most;
    copy_nodes(to, from);
    for (uint32_t i = 0; i < from->group_count; i++)
        if (!from->group[i].gone)
            copy_group(redis, to, &from->group[i]);
    redis->used = used;
    return to;
}

/* ---- RESTORE ---- */

static struct stream_id id_of(const struct element *element)
{
    return (struct stream_id){(uint64_t)element->number, element_seq(element)};
}

static bool is_id(const struct element *element, uint32_t flags)
{
    const uint32_t marks = ELEMENT_NODE | ELEMENT_MOST | ELEMENT_EXCLUDES;

    return element->flags & ELEMENT_ID && (element->flags & marks) == flags;
}

/* Returns what follows the node. */
static const struct element *load_node(struct stream *stream, const struct element *element)
{
    struct stream_node *node = push_node(stream);
    const struct element *entry;
    unsigned char key[KEY];
    uint32_t count = 0;

    node->first = id_of(element++);
    node->bytes = node->block = (uint64_t)element->number;
    node->field_count = element++->value_len;
    node->fields = xmalloc((node->field_count ? node->field_count : 1) * sizeof *node->fields);
    for (uint32_t i = 0; i < node->field_count; i++)
        node->fields[i] = element++->member;
    for (entry = element; is_id(entry, 0); entry += 2)
        count++;
    node->count = node->capacity = count;
    node->entries = xmalloc((count ? count : 1) * sizeof *node->entries);
    for (uint32_t i = 0; i < count; i++, element += 2) {
        bool deleted = element[1].number;

        node->entries[i] = (struct stream_entry){id_of(element), element[1].value_len, deleted};
        node->live += !deleted;
        node->deleted += deleted;
        stream->length += !deleted;
    }
    change_block(stream, 0, node->block);
    encode(node->first, key);
    rax_insert(&stream->index, key, KEY, true, 0);
    return element;
}

/* When the id was delivered, of those from `element` on, which are in order. */
static int64_t delivered_at(const struct element *element, uint32_t count, struct stream_id id)
{
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (stream_id_compare(id_of(&element[2 * (size_t)middle]), id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count ? element[2 * (size_t)low + 1].number : 0;
}

/* Returns what follows the group. A name that comes twice, which no server writes, is the one that is there. */
static const struct element *load_group(struct redis *redis, struct stream *stream, const struct element *element,
                                        const struct element *end)
{
    struct stream_group *group = stream_group_create(redis, stream, element[0].member, id_of(&element[1]));
    const struct element *delivered = element + 2;
    uint32_t count = 0;

    if (!group)
        group = stream_group_find(stream, element[0].member);
    for (element = delivered; element < end && is_id(element, ELEMENT_EXCLUDES); element += 2)
        count++;
    while (element < end && !(element->flags & ELEMENT_PLAIN)) {
        uint32_t name = element++->member, consumer = stream_consumer_find(group, name);

        if (consumer == NO_CONSUMER)
            consumer = stream_consumer_create(redis, stream, group, name);
        for (; element < end && is_id(element, 0); element++) {
            stream_deliver(redis, stream, group, consumer, id_of(element));
            stream_pending_find(group, id_of(element))->delivered_ms = delivered_at(delivered, count, id_of(element));
        }
    }
    return element;
}

struct stream *stream_load(struct redis *redis, const struct element *elements, uint32_t count)
{
    const struct element *element = elements, *end = elements + count;
    uint64_t used = redis->used;
    struct stream *stream = new_stream(redis);

    while (is_id(element, ELEMENT_NODE))
        element = load_node(stream, element);
    stream->last = id_of(element++);
    stream->deleted_most = id_of(element++);
    stream->added = stream->length; /* at least: how many were added is not kept of a payload */
    while (element < end)
        element = load_group(redis, stream, element, end);
    redis->used = used;
    return stream;
}
